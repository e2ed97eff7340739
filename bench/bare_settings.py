"""The settings of the bare view that is the pages' peer (bench.bare takes the middleware away)."""

from bench.settings import *  # noqa: F403

ROOT_URLCONF = "bench.bare_urls"
