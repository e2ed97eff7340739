"""The embedded product, with the peers' tables and pages beside it."""

import os

from portal import logs
from portal.settings.embedded import *  # noqa: F403
from portal.settings.embedded import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS[:-1], "bench.peer", INSTALLED_APPS[-1]]
ROOT_URLCONF = "bench.urls"
ALLOWED_HOSTS = ["localhost", "testserver"]
# The line of each request is made, for it is part of what is measured, and goes nowhere.
LOGGING = logs.configuration()
LOGGING["handlers"]["stderr"]["stream"] = open(os.devnull, "w")  # noqa: PTH123, SIM115

KEY_LIMIT = MACHINE_KEY_LIMIT = 100_000_000  # one person asks for more pages than people do
