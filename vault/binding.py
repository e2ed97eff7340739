"""Turns what a ciphertext belongs to into the bytes that its tag covers."""

from uuid import UUID


def bind(domain: str, *parts: str | int | bytes | UUID) -> bytes:
    """
    An unambiguous encoding of `domain` and `parts`, for use as associated data.

    Every part carries its length, so that no two different lists of parts give the same bytes; the domain keeps
    a field's ciphertext from passing for a file's.
    """
    return b"".join(map(part, (domain, *parts)))


def part(value: str | int | bytes | UUID) -> bytes:
    """One more part, to be added to what `bind` gave."""
    raw = value if isinstance(value, bytes) else str(value).encode()
    return len(raw).to_bytes(4, "big") + raw
