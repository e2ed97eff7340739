"""Fixtures of the clearance screens' tests."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.world import World


@pytest.fixture
def officer(world: World, client_for: Any) -> Client:
    """The clearance officer's browser."""
    client: Client = client_for(world.clearance_officer, level=3)
    return client
