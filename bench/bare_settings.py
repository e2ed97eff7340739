"""Django with our templates and nothing else of ours: no middleware, no session, no sign-in."""

from bench.settings import *  # noqa: F403

MIDDLEWARE = []
ROOT_URLCONF = "bench.bare_urls"
