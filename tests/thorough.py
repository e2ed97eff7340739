"""The long form of the tests that try many cases: HYPOTHESIS_PROFILE=thorough, for an hour or so."""

import os

from hypothesis import settings

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
SECONDS = 2 * 60 * 60  # a single test may take as long; the others' limit is for what hangs
# For a property of which the hundredth case says no more than the twenty-fifth; in the long form as many as the others.
FEW_CASES = settings(max_examples=10_000 if THOROUGH else 25, derandomize=not THOROUGH, deadline=None)
