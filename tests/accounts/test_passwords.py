"""Passwords: which hash, how many at a time, and that an old one is renewed at sign-in."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.contrib.auth import hashers

from accounts import passwords
from tests.accounts.conftest import PASSWORD, People
from vault import places


@pytest.fixture(autouse=True)
def _quick_hashes() -> None:
    """Here the real costs are looked at: nothing is made quicker."""


def test_passwords_are_argon2id_with_the_chosen_costs() -> None:
    assert hashers.make_password("x").startswith("argon2$argon2id$v=19$m=19456,t=5,p=1$")


def test_few_passwords_are_checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third sign-in waits its turn; one that would wait too long is told so."""
    monkeypatch.setattr(places, "WAIT", 0.05)
    inside, done = Barrier(2), Barrier(2)

    def hold() -> None:
        with passwords._places.taken():
            inside.wait()
            done.wait()

    holders = [Thread(target=hold) for _place in range(passwords.AT_ONCE)]
    assert len(holders) == 1
    for holder in holders:
        holder.start()
    inside.wait()
    with pytest.raises(passwords.Busy):
        hashers.make_password("x")
    done.wait()
    for holder in holders:
        holder.join()
    assert hashers.make_password("x")


@pytest.mark.django_db
def test_an_old_hash_is_renewed_and_sealed_at_sign_in(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.engineer.refresh_from_db()
    before = people.engineer.password
    monkeypatch.setattr(passwords.BoundedArgon2Hasher, "time_cost", 6)
    assert people.engineer.check_password(PASSWORD)
    people.engineer.refresh_from_db()
    assert people.engineer.password != before
    assert people.engineer.password.startswith(passwords.SEALED)
    assert people.engineer.check_password(PASSWORD)
