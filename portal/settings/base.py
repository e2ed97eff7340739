"""What every process shares. Nothing insecure is a default: what a deployment decides comes from the environment."""

from pathlib import Path
from typing import Any

from celery.schedules import crontab
from redis.backoff import NoBackoff
from redis.retry import Retry

from .consulting import *  # noqa: F403
from .delivering import *  # noqa: F403
from .environment import BASE_DIR, VAR_DIR
from .environment import env as env
from .environment import number as number
from .observing import *  # noqa: F403
from .signin import *  # noqa: F403

DEBUG = False
DEMO = False  # one-click sign-in and the component gallery: the embedded settings alone
SECRET_KEY = env("SECRET_KEY")
ORIGIN = env("ORIGIN", "http://localhost:8000")
ALLOWED_HOSTS: list[str] = []
# How many proxies stand before the web server and append to X-Forwarded-For; with 0 no forwarding header is believed.
TRUSTED_PROXIES = 0
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# The highest level held here (docs/glossary.md 取り扱う格付の上限); above it only register entries exist.
CEILING = number("CEILING", 2, most=4)

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
AUTH_USER_MODEL = "accounts.Person"
SITE_ID = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "guardian",
    "django_htmx",
    "csp",
    "vault",
    "audit",
    "disclosure",
    "accounts",
    "clearance",
    "documents",
    "intake",
    "dialogues",
    "consultations",
    "briefings",
    "portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.headers.HeadersMiddleware",
    "portal.requests.CountedMethodsMiddleware",
    "portal.health.HealthMiddleware",  # answers while the database is down, whatever name it is asked by
    "portal.violations.ViolationsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.requests.RequestMiddleware",  # after the static files: a line for each page, not for each picture
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "briefings.taxii.door.DoorMiddleware",  # before the sessions: machines have no cookies
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.content_types.ContentTypeMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.AccessMiddleware",  # last: opens the transaction and enters the access context
]

# In the sealed session and in no cookie: a message may name a room.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.chrome",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "portal.templatetags.components"],
        },
    },
]

# --- database -------------------------------------------------------------------------------------------------
# The web and worker roles own nothing and cannot bypass row-level security; `owner` migrates and exists only
# where its password is given.


# Planning a query under row-level security takes longer than running it: a query that comes again is planned once.
# A pooler in transaction mode has to know of prepared statements for it (PgBouncer from 1.21 on).
_PREPARED = {"server_side_binding": True, "prepare_threshold": 2} if env("DB_PREPARED", "yes") == "yes" else {}


def database(user: str, password: str) -> dict[str, object]:
    """A connection to the one database as the given role."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": env("DB_HOST"),
        "PORT": str(number("DB_PORT", 5432, most=65535)) if env("DB_PORT") else "",
        "NAME": env("DB_NAME", "entaku"),
        "USER": user,
        "PASSWORD": password,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,  # a pooler in transaction mode may stand between
        "OPTIONS": {"connect_timeout": 5, "application_name": "entaku", **_PREPARED},
    }


DATABASES: dict[str, dict[str, object]] = {
    "default": database(env("DB_USER", "portal_app"), env("DB_PASSWORD")),
}
if env("DB_OWNER_PASSWORD"):
    DATABASES["owner"] = database("portal_owner", env("DB_OWNER_PASSWORD"))

# The folder of pg_dump and pg_restore; else those of the embedded server, else those on the path (portal/backup).
PG_BIN = env("PG_BIN")

# --- broker and cache -----------------------------------------------------------------------------------------

BROKER_URL = env("BROKER_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env("CACHE_URL", "redis://localhost"),
        # One try: redis-py's own three with their pauses would hold each page for five seconds (measured).
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2, "retry": Retry(NoBackoff(), 0)},
        "KEY_PREFIX": "entaku",
    }
}

# --- storage --------------------------------------------------------------------------------------------------

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR_DIR / "blobs"}},
    "blobs": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": VAR_DIR / "blobs",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "portal.statics.Hashed"},
}
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]

# --- keys -----------------------------------------------------------------------------------------------------

VAULT_PROVIDER = "vault.providers.FileProvider"
VAULT_ROOT_KEY_FILE = Path(env("ROOT_KEY_FILE", str(VAR_DIR / "secrets" / "root.key")))
VAULT_PKCS11_LIBRARY, VAULT_PKCS11_TOKEN = env("PKCS11_LIBRARY"), env("PKCS11_TOKEN")
VAULT_PKCS11_PIN_FILE = env("PKCS11_PIN_FILE")
VAULT_PKCS11_KEY = "entaku root"  # how the labels of its root keys begin

# How many documents, messages and titles one person opens in a day before two officers have to agree to more
# (clearance/limits.py). A busy day of reading is some thousands; a page shows at most some fifty.
KEY_LIMIT = number("KEY_LIMIT", 20_000, least=100, most=100_000_000)
# The same of a machine that receives briefings: its first fetch is everything it may read. That of 100,000 objects five
# times over, so that a lost copy can be fetched anew the same day.
MACHINE_KEY_LIMIT = number("MACHINE_KEY_LIMIT", 500_000, least=100, most=100_000_000)

# guardian is a store of grants, nothing more: no anonymous person, nothing added to models
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# --- audit ----------------------------------------------------------------------------------------------------
# The log knows ids; who turns them into names, and how a stream reads on, its pages learn from here.

AUDIT_NAME_RESOLVER = "accounts.queries.names_of"
AUDIT_ORGANISATION_RESOLVER = "accounts.queries.organisation_names_of"
AUDIT_PERSON_FINDER = "accounts.queries.ids_called"
AUDIT_READING = "portal.reading.again"
AUDIT_PUBLIC_KEYS = "vault.signing.public_keys"
# The second place of the log's signed heads (audit/second_place.py): the worker appends, the operator's check compares.
AUDIT_HEADS_FOLDER: Path | None = Path(env("AUDIT_HEADS", str(VAR_DIR / "audit-heads")))
AUDIT_VERIFIER = BASE_DIR / "docs" / "verify_audit_export.py"

# --- language and time ----------------------------------------------------------------------------------------

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]  # each in its own words, whoever reads them
LOCALE_PATHS = [BASE_DIR / "locale", *sorted(p.parent for p in (BASE_DIR / "locale").glob("*/en") if p.is_dir())]
LANGUAGE_COOKIE_NAME = "entaku_language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True

# --- headers --------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "report-uri": ["/csp-report"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "display-capture": [],
    "geolocation": [],
    "microphone": [],
    "payment": [],
    "usb": [],
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked on the machine itself, past the proxy
X_FRAME_OPTIONS = "DENY"

# --- uploads --------------------------------------------------------------------------------------------------

FILE_UPLOAD_HANDLERS = ["vault.uploads.SealingUploadHandler"]  # plaintext never touches a disk
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
UPLOAD_MAX_BYTES = 2 * 1024**3

# --- mail -----------------------------------------------------------------------------------------------------

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env("MAIL_FROM", "entaku@localhost")

# --- celery ---------------------------------------------------------------------------------------------------

# Tasks carry ids and run on what the database says; what beat sends late is dropped, its next is near.

CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_USE_SSL: bool | dict[str, Any] = False
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "portal.tasks.heartbeat", "schedule": 2, "options": {"expires": 4}},
    # Looking a minute back costs nothing; what came to light later is found by the slower ones (audit/sealing.py).
    "seal the last minute": {
        "task": "portal.tasks.seal_audit_log",
        "args": [60],
        "schedule": 1,
        "options": {"expires": 2},
    },
    "seal the last hour": {
        "task": "portal.tasks.seal_audit_log",
        "args": [3600],
        "schedule": 60,
        "options": {"expires": 60},
    },
    "tell repeated refusals": {
        "task": "portal.tasks.tell_repeated_refusals",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "forget the old security log": {
        "task": "portal.tasks.forget_old_security_log",
        "schedule": crontab(hour=0, minute=10),
    },
    "seal everything": {"task": "portal.tasks.seal_audit_log", "schedule": crontab(hour=3, minute=50)},
    "check the log": {"task": "portal.tasks.check_audit_log", "schedule": crontab(hour=4, minute=20)},
    "log what the intake took in": {"task": "intake.tasks.log_rounds", "schedule": 5, "options": {"expires": 5}},
    "take in anonymous cases": {"task": "consultations.tasks.take_in", "schedule": 15, "options": {"expires": 15}},
    "tell the desks what waits": {"task": "consultations.tasks.remind", "schedule": crontab(hour=8, minute=30)},
    "destroy cases that are due": {"task": "consultations.tasks.destroy_due", "schedule": crontab(hour=1, minute=20)},
    "lay tokens for the search": {"task": "clearance.tasks.lay_tokens", "schedule": 15, "options": {"expires": 15}},
    "drop common tokens": {"task": "clearance.tasks.drop_common_tokens", "schedule": crontab(hour=2, minute=40)},
    "release briefings at their time": {
        "task": "briefings.tasks.release_due",
        "schedule": 15,
        "options": {"expires": 15},
    },
    "tell what waits": {"task": "briefings.tasks.tell", "schedule": 15, "options": {"expires": 15}},
    # Each hour: what is noted once a day is noted at the next hour where beat or worker was away.
    "remind of what is to be acknowledged": {
        "task": "briefings.tasks.remind",
        "schedule": crontab(hour="8-20", minute=0),
    },
    "forget what was told": {"task": "briefings.tasks.forget_told", "schedule": crontab(hour=2, minute=10)},
    "take up stalled documents": {"task": "documents.tasks.sweep", "schedule": 2, "options": {"expires": 4}},
    "send invitations left behind": {
        "task": "accounts.tasks.send_unsent_invitations",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "forget expired sessions": {
        "task": "accounts.tasks.forget_expired_sessions",
        "schedule": 3600,
        "options": {"expires": 600},
    },
    "remove orphaned blobs": {"task": "documents.tasks.remove_orphans", "schedule": 3600, "options": {"expires": 600}},
}
CELERY_TASK_DEFAULT_QUEUE = "entaku"
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CONSUMER = "portal.clockwork:PromptConsumer"
CELERY_BEAT_SCHEDULER = "portal.clockwork:SteadyScheduler"
CELERY_TASK_TIME_LIMIT = 60 * 60  # a process that hangs in a task is ended, and gives its place to a new one
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
