"""Secrets under a passphrase."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.thorough import FEW_CASES
from vault import Unreadable, passphrases, places
from vault.passphrases import Cost, unwrap, wrap

PHRASE = "ながい合言葉 for the desk"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passphrases, "COST", Cost(1, 1, 64))


def test_the_cost_is_the_one_that_is_recommended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert Cost(3, 4, 64 * 1024) == passphrases.COST
    wrapped = wrap(b"secret", PHRASE, aad=b"row")
    assert unwrap(wrapped, PHRASE, aad=b"row") == b"secret"
    assert not passphrases.outdated(wrapped)


@FEW_CASES
@given(secret=st.binary(max_size=200), phrase=st.text(max_size=60), aad=st.binary(max_size=30))
def test_the_passphrase_gives_back_what_was_wrapped(secret: bytes, phrase: str, aad: bytes) -> None:
    phrase = phrase.encode("utf-8", "ignore").decode()
    wrapped = wrap(secret, phrase, aad=aad)
    assert unwrap(wrapped, phrase, aad=aad) == secret
    assert wrapped != wrap(secret, phrase, aad=aad)
    with pytest.raises(Unreadable):
        unwrap(wrapped, phrase + "x", aad=aad)
    with pytest.raises(Unreadable):
        unwrap(wrapped, phrase, aad=aad + b"x")


def test_one_text_opens_whatever_keyboard_wrote_it() -> None:
    wrapped = wrap(b"secret", "ＡＢＣ　ガギグ が", aad=b"")
    for same in ("ABC ガギグ が", "ABC ｶﾞｷﾞｸﾞ が", "ABC カ\u3099キ\u3099ク\u3099 か\u3099"):
        assert unwrap(wrapped, same, aad=b"") == b"secret"
    with pytest.raises(Unreadable):
        unwrap(wrapped, "abc ガギグ が", aad=b"")


def test_what_was_sealed_cheaper_opens_when_the_cost_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    wrapped = wrap(b"secret", PHRASE, aad=b"row")
    monkeypatch.setattr(passphrases, "COST", Cost(2, 2, 128))
    assert unwrap(wrapped, PHRASE, aad=b"row") == b"secret"
    assert passphrases.outdated(wrapped)
    assert not passphrases.outdated(wrap(b"secret", PHRASE, aad=b"row"))


def test_every_altered_or_missing_byte_is_noticed() -> None:
    wrapped = wrap(b"secret", PHRASE, aad=b"row")
    for place in range(len(wrapped)):
        altered = bytearray(wrapped)
        altered[place] ^= 0x01
        with pytest.raises(Unreadable):
            unwrap(bytes(altered), PHRASE, aad=b"row")
        with pytest.raises(Unreadable):
            unwrap(wrapped[:place], PHRASE, aad=b"row")


@pytest.mark.parametrize("cost", [Cost(25, 1, 64), Cost(1, 17, 1024), Cost(1, 1, 1024 * 1024 + 1), Cost(0, 1, 64)])
def test_a_blob_does_not_make_the_process_take_any_cost(cost: Cost) -> None:
    wrapped = wrap(b"secret", PHRASE, aad=b"row")
    asked = passphrases.HEADER.pack(passphrases.VERSION, *cost)
    with pytest.raises(Unreadable):
        unwrap(asked + wrapped[len(asked) :], PHRASE, aad=b"row")


def test_two_are_worked_on_at_once_and_the_next_waits_so_long_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "WAIT", 0.05)
    within, leave = threading.Barrier(3), threading.Event()

    def hold() -> None:
        with passphrases._places.taken():
            within.wait(5)
            leave.wait(5)

    threads = [threading.Thread(target=hold) for _ in range(passphrases.AT_ONCE)]
    for thread in threads:
        thread.start()
    within.wait(5)
    with pytest.raises(passphrases.Busy):
        wrap(b"secret", PHRASE, aad=b"")
    leave.set()
    for thread in threads:
        thread.join()
    assert unwrap(wrap(b"secret", PHRASE, aad=b""), PHRASE, aad=b"") == b"secret"
