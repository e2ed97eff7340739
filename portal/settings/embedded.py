"""`make run`: the whole product on one machine, on made-up people, with one-click sign-in."""

from .base import *  # noqa: F403
from .base import INSTALLED_APPS, ORIGIN

DEMO = True
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [ORIGIN]
INSTALLED_APPS = [*INSTALLED_APPS]
ROOT_URLCONF = "portal.embedded_urls"
