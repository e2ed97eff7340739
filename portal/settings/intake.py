"""The anonymous side, a process of its own: no accounts, no sessions, no cookies, a database role that only inserts."""

from .base import CONTENT_SECURITY_POLICY as PORTALS_POLICY
from .base import LANGUAGE_CODE as LANGUAGE_CODE
from .base import LANGUAGES as LANGUAGES
from .base import LOCALE_PATHS as LOCALE_PATHS
from .base import PERMISSIONS_POLICY as PERMISSIONS_POLICY
from .base import TIME_ZONE as TIME_ZONE
from .base import USE_TZ as USE_TZ
from .base import X_FRAME_OPTIONS as X_FRAME_OPTIONS
from .base import database, env
from .observing import LOGGING as LOGGING  # these two and nothing else: no security log, no figures, no line a request
from .observing import LOGGING_CONFIG as LOGGING_CONFIG

# Without an address to report to: the anonymous side takes in nothing that a browser sends by itself.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {name: value for name, value in PORTALS_POLICY["DIRECTIVES"].items() if name != "report-uri"}
}
DEBUG = False
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env("INTAKE_HOSTS", "localhost,127.0.0.1").split(",")
ROOT_URLCONF = "portal.intake_urls"
INSTALLED_APPS: list[str] = []
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.headers.HeadersMiddleware",
    "portal.headers.MethodsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.content_types.ContentTypeMiddleware",
]
DATABASES = {"default": database("portal_intake", env("DB_PASSWORD"))}
SECURE_REFERRER_POLICY = "no-referrer"
