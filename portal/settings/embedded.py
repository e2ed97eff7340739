"""`make run`: the whole product on one machine, on made-up people, with one-click sign-in."""

import sys

from portal import logs

from .base import *  # noqa: F403
from .base import DATABASES, ORIGIN

DEMO = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [ORIGIN]
ROOT_URLCONF = "portal.embedded_urls"
DATABASES["default"]["CONN_MAX_AGE"] = 60
LOGGING = logs.configuration(readable=sys.stderr.isatty())
