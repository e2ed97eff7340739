"""The long form of the tests that try many cases: HYPOTHESIS_PROFILE=thorough, for an hour or so."""

import os

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SECONDS = 2 * 60 * 60  # a single test may take as long; the others' limit is for what hangs
