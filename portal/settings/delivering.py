"""Telling people and their machines that something waits: whether anything is sent at all, and where to it may go."""

from ipaddress import ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from .environment import env

# Webhooks leave the worker for addresses that people enter: off where nothing may leave. Where level 3 or more is held,
# neither they nor letters are sent, whatever stands here (briefings/delivery).
HOOKS = env("HOOKS", "yes") == "yes"
# Networks of one's own, by address and length (10.1.0.0/16), that webhooks may reach besides the internet.
try:
    HOOK_NETWORKS = tuple(ip_network(each.strip()) for each in env("HOOK_NETWORKS").split(",") if each.strip())
except ValueError as wrong:
    raise ImproperlyConfigured(
        "ENTAKU_HOOK_NETWORKS: 10.1.0.0/16 のような住所の範囲を、コンマで区切って設定してください / "
        "set ranges of addresses such as 10.1.0.0/16, separated by commas."
    ) from wrong
HOOK_ROOT_CERT = env("HOOK_ROOT_CERT")
if HOOK_ROOT_CERT and not Path(HOOK_ROOT_CERT).is_file():
    raise ImproperlyConfigured(
        "ENTAKU_HOOK_ROOT_CERT: ルート証明書のファイルがありません / the file of root certificates is not there."
    )
