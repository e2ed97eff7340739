"""The suite itself: run in parallel, a file stays on one worker, so that what it sets up once is set up once."""

from __future__ import annotations

import os

import pytest


def test_tests_are_given_out_by_group(request: pytest.FixtureRequest) -> None:
    """A worker gets them by these names; without the group in them, every test would go to whichever is free."""
    group = "@tests/test_suite.py" if "PYTEST_XDIST_WORKER" in os.environ else "group"
    assert request.node.nodeid.endswith(group)
