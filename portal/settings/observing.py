"""What the processes tell their operator: application log, security log (docs/adr/0015), figures."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from portal import logs

from .environment import VAR_DIR, env, number

LOGGING_CONFIG = "portal.logs.setup"
LOGGING = logs.configuration()

# --- the security log: who signed in from where, apart from everything else ------------------------------------

AUDIT_WATCHER = "portal.security_log.watch"
SECURITY_LOG_DIR = Path(env("SECURITY_LOG") or VAR_DIR / "security")
SECURITY_LOG_DAYS = number("SECURITY_LOG_DAYS", 366, most=36600)
if SECURITY_LOG_DAYS < 1:
    raise ImproperlyConfigured("ENTAKU_SECURITY_LOG_DAYS: 1 以上を設定してください / set it to at least 1.")
# udp://, tcp:// or tls:// and a host; nothing is sent where it is empty.
SIEM = env("SIEM")
SIEM_ROOT_CERT = env("SIEM_ROOT_CERT")
SIEM_ENTERPRISE = number("SIEM_ENTERPRISE", 32473, most=2**32)  # RFC 5612: the number for examples
if SIEM and not SIEM.startswith(("udp://", "tcp://", "tls://")):
    raise ImproperlyConfigured(
        "ENTAKU_SIEM: udp://、tcp://、tls:// のいずれかで始めてください / start it with udp://, tcp:// or tls://."
    )
if SIEM_ROOT_CERT and not Path(SIEM_ROOT_CERT).is_file():
    raise ImproperlyConfigured(
        "ENTAKU_SIEM_ROOT_CERT: ルート証明書のファイルがありません / the file of root certificates is not there."
    )

# --- figures for Prometheus: on this machine alone; 0 serves none ----------------------------------------------

METRICS_DIR = VAR_DIR / "metrics"
METRICS_PORT = number("METRICS_PORT", 0, most=65535)
WORKER_METRICS_PORT = number("WORKER_METRICS_PORT", 0, most=65535)
