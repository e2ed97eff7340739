"""The embedded product, with the peers' tables and pages beside it."""

from portal.settings.embedded import *  # noqa: F403
from portal.settings.embedded import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS[:-1], "bench.peer", INSTALLED_APPS[-1]]
ROOT_URLCONF = "bench.urls"
ALLOWED_HOSTS = ["localhost", "testserver"]
