"""Shares of a secret among several holders: any two of them give it back, one alone says nothing about it.

Shamir's scheme with threshold two over GF(256): each byte of the secret is where a line of its own crosses zero, each
share has the points of all lines at its number. One point lies on a line to every byte there could be.
"""

from __future__ import annotations

import os

from vault import Unreadable

MOST = 255  # numbers of shares but 0, at which the secret lies
_REDUCED_BY = 0x11B  # x⁸ + x⁴ + x³ + x + 1, as in AES (FIPS 197 §4.2)


def split(secret: bytes, holders: int) -> list[bytes]:
    """A share for each of 2 to 255 holders, one byte longer than the secret. Raises `ValueError` for other numbers."""
    if not 2 <= holders <= MOST:
        raise ValueError(f"no shares among {holders}")
    slopes = os.urandom(len(secret))
    return [bytes([number]) + _added(secret, _multiplied(slopes, number)) for number in range(1, holders + 1)]


def combine(first: bytes, second: bytes) -> bytes:
    """The secret of which these are two different shares.

    Raises `Unreadable` where they cannot be. Shares of different secrets give bytes that are neither: whoever
    combines has to know what came out.
    """
    if len(first) != len(second) or len(first) < 1 or 0 in (first[0], second[0]) or first[0] == second[0]:
        raise Unreadable
    # The line through both, at zero: (x₂·y₁ + x₁·y₂) / (x₁ + x₂); adding is subtracting here.
    both = _added(_multiplied(first[1:], second[0]), _multiplied(second[1:], first[0]))
    return _multiplied(both, _inverse(first[0] ^ second[0]))


def _added(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _multiplied(data: bytes, factor: int) -> bytes:
    """Each byte times the factor. Every bit of either is worked on, whatever it is: no branch hangs on the secret."""
    return bytes(_product(byte, factor) for byte in data)


def _product(left: int, right: int) -> int:
    product = 0
    for _bit in range(8):
        product ^= left * (right & 1)
        left = (left << 1) ^ (_REDUCED_BY * (left >> 7))
        right >>= 1
    return product


def _inverse(number: int) -> int:
    """number²⁵⁴: the group has 255 elements."""
    inverse = 1
    for _time in range(254):
        inverse = _product(inverse, number)
    return inverse
