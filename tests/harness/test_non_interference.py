"""For whoever may not read it, every answer is byte for byte the same whether or not the secret thing exists."""

from __future__ import annotations

import pytest

from tests import world as build
from tests.harness.scene import PERSONAS, READERS, stage
from tests.harness.walk import walk
from tests.world import World

pytestmark = pytest.mark.django_db

# The log tells the auditor that something happened, never what it was about; it is walked in the canary instead. A page
# that offers a fresh secret (a key for an authenticator, a challenge for a passkey) never answers twice alike.
BY_THEMSELVES = ("audit:", "mfa_activate_totp", "mfa_add_webauthn", "mfa_login_webauthn", "mfa_reauthenticate_webauthn")
BLIND = [name for name in ("anonymous", *PERSONAS) if name not in READERS]


@pytest.mark.parametrize("persona", BLIND)
def test_answers_do_not_depend_on_what_is_hidden(world: World, persona: str) -> None:
    scene = stage(world)
    with build.as_owner():
        keys = scene.keys()
    client = scene.client(persona)
    before = dict(walk(client, keys))
    scene.erase()
    after = dict(walk(client, keys))
    for name, answer in before.items():
        if not name.startswith(BY_THEMSELVES):
            assert answer == after[name], name
