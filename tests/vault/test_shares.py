"""Shares among holders: two give the secret back, one says nothing about it."""

from __future__ import annotations

from itertools import combinations, permutations
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.thorough import FEW_CASES
from vault import Unreadable, shares


@FEW_CASES
@given(secret=st.binary(max_size=96), holders=st.integers(2, 7))
def test_any_two_of_them_give_the_secret_back(secret: bytes, holders: int) -> None:
    made = shares.split(secret, holders)
    assert len({share[0] for share in made}) == holders
    for first, second in permutations(made, 2):
        assert shares.combine(first, second) == secret


def test_the_most_holders_there_can_be_each_have_their_own() -> None:
    made = shares.split(b"secret", 255)
    assert shares.combine(made[0], made[254]) == shares.combine(made[200], made[17]) == b"secret"


def test_one_share_tells_nothing() -> None:
    """For a given point and any byte there is exactly one line: one share leaves all 256 equally likely."""
    for holders, secret in ((3, bytes([0, 1, 83, 255])), (255, bytes([83]))):
        made = []
        for slope in range(256):
            with patch("vault.shares.os.urandom", return_value=bytes([slope] * len(secret))):
                made.append(shares.split(secret, holders))
        for number in {1, 2, 3, holders}:
            for place in range(len(secret)):
                assert {shared[number - 1][1 + place] for shared in made} == set(range(256)), (number, place)


def test_the_field_is_one() -> None:
    """Every element but zero has its inverse, by the definition of the product of FIPS 197 §4.2."""
    assert shares._product(0x57, 0x83) == 0xC1, "the standard's own example"
    for number in range(1, 256):
        assert shares._product(number, shares._inverse(number)) == 1
    for a, b, c in ((3, 7, 200), (255, 128, 91), (2, 141, 17)):
        assert shares._product(a, b ^ c) == shares._product(a, b) ^ shares._product(a, c)


@FEW_CASES
@given(st.binary(min_size=1, max_size=96))
def test_shares_of_two_splits_do_not_fit_together(secret: bytes) -> None:
    before, after = shares.split(secret * 8, 3), shares.split(secret * 8, 3)
    mixed = [shares.combine(a, b) for a, b in combinations([before[0], after[1], after[2]], 2)]
    assert mixed[2] == secret * 8
    assert secret * 8 not in mixed[:2]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (b"\x01ab", b"\x01cd"),
        (b"\x00ab", b"\x01cd"),
        (b"\x01ab", b"\x00cd"),
        (b"\x01ab", b"\x02c"),
        (b"", b""),
        (b"\x01ab", b""),
    ],
)
def test_what_cannot_be_two_shares_is_refused(first: bytes, second: bytes) -> None:
    with pytest.raises(Unreadable):
        shares.combine(first, second)


@pytest.mark.parametrize("holders", [-1, 0, 1, 256])
def test_there_are_at_least_two_holders(holders: int) -> None:
    with pytest.raises(ValueError, match="no shares"):
        shares.split(b"secret", holders)
