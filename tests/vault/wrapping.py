"""What every holder of the root key keeps to, whichever it is."""

from __future__ import annotations

import pytest

from vault import Unreadable
from vault.providers import KeyProvider, KeyProviderUnavailable

KEY = bytes(range(32))


def opens_again_and_never_looks_the_same_twice(held: KeyProvider, again: KeyProvider) -> None:
    """`again`: the same root key, held anew."""
    first, second = held.wrap(KEY, b"for this"), held.wrap(KEY, b"for this")
    assert first != second
    assert KEY not in first
    assert held.unwrap(first, b"for this") == KEY
    assert again.unwrap(second, b"for this") == KEY


def notices_every_altered_byte(held: KeyProvider) -> None:
    blob = held.wrap(KEY, b"for this")
    for place in range(len(blob)):
        altered = bytearray(blob)
        altered[place] ^= 1
        with pytest.raises((Unreadable, KeyProviderUnavailable)):
            held.unwrap(bytes(altered), b"for this")
    for length in range(len(blob)):
        with pytest.raises((Unreadable, KeyProviderUnavailable)):
            held.unwrap(blob[:length], b"for this")
    with pytest.raises(Unreadable):
        held.unwrap(blob, b"for that")
    assert held.unwrap(blob, b"for this") == KEY
