"""For whoever may not read it, every answer is byte for byte the same whether or not the secret thing exists."""

from __future__ import annotations

import pytest

from tests.harness.looks import BLIND, look, of
from tests.harness.walk import OF_THE_MINUTE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# A page that offers a fresh secret (a key for an authenticator, a challenge for a passkey) never answers twice alike.
BY_THEMSELVES = {"mfa_activate_totp", "mfa_add_webauthn", "mfa_login_webauthn", "mfa_reauthenticate_webauthn"}
BY_THEMSELVES |= OF_THE_MINUTE
# What somebody is there to know of: the log tells the auditor that something happened, never what it was about (the
# canary is looked for there instead); the officer keeps the registers, which name an item by its number.
OF_DUTY = {
    "auditor": {
        "audit:consistency", "audit:event", "audit:export", "audit:head", "audit:index", "audit:proof", "audit:proofs",
        "audit:seal",
    },
    "clearance officer": {"clearance:handlers", "clearance:register", "clearance:strike"},
}  # fmt: skip


@pytest.mark.parametrize("persona", [of(persona) for persona in BLIND])
def test_answers_do_not_depend_on_what_is_hidden(persona: str) -> None:
    seen = look(persona)
    differing = {name for name, answer in seen.without.items() if answer != seen.whole[name]}
    assert differing - BY_THEMSELVES <= OF_DUTY.get(persona, set())


@pytest.mark.parametrize("persona", [of("official")])
def test_who_may_read_it_sees_it_go(persona: str) -> None:
    """Or the comparison would compare nothing."""
    seen = look(persona)
    gone = {name for name, answer in seen.whole.items() if answer.status == 200 and seen.without[name].status == 404}
    assert {"dialogues:thread", "documents:answer", "documents:document", "documents:image"} <= gone
