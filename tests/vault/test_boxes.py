"""Boxes for small things."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import Unreadable
from vault.boxes import Box

BOX = Box("session")


@given(st.binary(max_size=300), st.binary(max_size=30))
def test_a_box_gives_back_what_was_put_in(data: bytes, aad: bytes) -> None:
    sealed = BOX.seal(data, aad)
    assert Box("session").open(sealed, aad) == data
    assert sealed != BOX.seal(data, aad)


def test_a_box_opens_for_its_purpose_and_place_only() -> None:
    sealed = BOX.seal(b"data", b"row 1")
    with pytest.raises(Unreadable):
        BOX.open(sealed, b"row 2")
    with pytest.raises(Unreadable):
        Box("totp").open(sealed, b"row 1")


def test_every_altered_byte_of_a_box_is_noticed() -> None:
    sealed = BOX.seal(b"data", b"row 1")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 0x40
        with pytest.raises(Unreadable):
            BOX.open(bytes(altered), b"row 1")
        with pytest.raises(Unreadable):
            BOX.open(sealed[:place], b"row 1")
