"""The anonymous side, a process of its own: no accounts, no sessions, no cookies, a database role that only inserts."""

from intake.style import SOURCE as STYLE_SOURCE

from .base import DATA_UPLOAD_MAX_MEMORY_SIZE as DATA_UPLOAD_MAX_MEMORY_SIZE
from .base import LANGUAGE_CODE as LANGUAGE_CODE
from .base import LANGUAGES as LANGUAGES
from .base import LOCALE_PATHS as LOCALE_PATHS
from .base import PERMISSIONS_POLICY as PERMISSIONS_POLICY
from .base import STORAGES as PORTALS_STORAGES
from .base import TIME_ZONE as TIME_ZONE
from .base import USE_I18N as USE_I18N
from .base import USE_TZ as USE_TZ
from .base import X_FRAME_OPTIONS as X_FRAME_OPTIONS
from .base import database, env, number
from .consulting import *  # noqa: F403
from .consulting import INTAKE_FOLDER
from .environment import BASE_DIR
from .observing import LOGGING as LOGGING  # these two and nothing else: no security log, no figures, no line a request
from .observing import LOGGING_CONFIG as LOGGING_CONFIG

# A page is all there is: its one style sheet stands in it, nothing is loaded, nothing runs, nothing is reported.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "style-src": [STYLE_SOURCE],
        "img-src": ["data:"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
DEBUG = False
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env("INTAKE_HOSTS", "localhost,127.0.0.1").split(",")
ROOT_URLCONF = "portal.intake_urls"
INSTALLED_APPS = ["intake"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.headers.HeadersMiddleware",
    "portal.headers.MethodsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "intake.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.content_types.ContentTypeMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request"],
            "builtins": ["django.templatetags.i18n"],
        },
    },
]
DATABASES = {"default": database("portal_intake", env("DB_PASSWORD"))}
# Files lie sealed on the intake's own disk until the courier carries them to where the portal's lie.
STORAGES = {
    "blobs": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": INTAKE_FOLDER / "files",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "office": PORTALS_STORAGES["blobs"],
}
FILE_UPLOAD_HANDLERS = ["intake.arriving.SealingHandler"]
SECURE_REFERRER_POLICY = "no-referrer"
# Told wherever the connection is TLS: behind a declared proxy. An onion service needs none (its name is its key).
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if number("TRUSTED_PROXIES", 0, most=9) else None
