"""How a case is sealed: its two keys, to whom they are sealed, and what is sealed under them.

    case key     under it what sender and office share; sealed to the receipt and, with the office key, to each reader
    office key   under it what the office notes for itself

Everything is padded to a size class before it is sealed, so that lengths tell little.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from intake.padding import pad, unpad
from vault import Unreadable
from vault.binding import bind
from vault.hybrid import KEY_SIZE, PrivateKey, PublicKey, new_key, open_small, seal_small

Content = Mapping[str, Any]
OFFICE_KINDS = frozenset({"NOTE"})


@dataclass(frozen=True)
class Keys:
    """Of one case. `office` is None for whoever comes with the receipt."""

    case: bytes
    office: bytes | None

    @classmethod
    def fresh(cls) -> Keys:
        return cls(new_key(), new_key())

    def __repr__(self) -> str:
        return "Keys(…)"


@dataclass(frozen=True)
class Header:
    """What holds for the whole case. `excluded` are the ids of the desks that must not see it, `former` the keys it had
    before (intake/former.py)."""

    theme: str
    consent: str
    excluded: tuple[str, ...] = ()
    language: str = "ja"
    former: tuple[str, ...] = field(default=(), repr=False)


def wrap_for_reader(keys: Keys, public: PublicKey, *, case_id: UUID, key_id: UUID) -> bytes:
    """Both keys, for one officer."""
    assert keys.office is not None
    return public.seal(keys.case + keys.office, info=bind("case keys", case_id, key_id))


def open_as_reader(wrapped: bytes, private: PrivateKey, *, case_id: UUID, key_id: UUID) -> Keys:
    """Raises `Unreadable`."""
    both = private.open(wrapped, info=bind("case keys", case_id, key_id))
    if len(both) != 2 * KEY_SIZE:
        raise Unreadable
    return Keys(both[:KEY_SIZE], both[KEY_SIZE:])


def wrap_for_receipt(keys: Keys, public: PublicKey, *, case_id: UUID) -> bytes:
    """The case key alone."""
    return public.seal(keys.case, info=bind("case key for receipt", case_id))


def open_as_receipt(wrapped: bytes, private: PrivateKey, *, case_id: UUID) -> Keys:
    """Raises `Unreadable`."""
    return Keys(private.open(wrapped, info=bind("case key for receipt", case_id)), None)


def seal_entry(keys: Keys, *, case_id: UUID, entry_id: UUID, kind: str, content: Content) -> bytes:
    return seal_small(_key(keys, kind), pad(_json(content)), bind("entry", case_id, entry_id, kind))


def open_entry(keys: Keys, sealed: bytes, *, case_id: UUID, entry_id: UUID, kind: str) -> dict[str, Any]:
    """Raises `Unreadable`."""
    return _content(open_small(_key(keys, kind), bytes(sealed), bind("entry", case_id, entry_id, kind)))


def seal_header(keys: Keys, header: Header, *, case_id: UUID) -> bytes:
    return seal_small(keys.case, pad(_json(asdict(header))), bind("header", case_id))


def open_header(keys: Keys, sealed: bytes, *, case_id: UUID) -> Header:
    """Raises `Unreadable`."""
    said = _content(open_small(keys.case, bytes(sealed), bind("header", case_id)))
    try:
        return Header(**{**said, **{name: tuple(said.get(name, ())) for name in ("excluded", "former")}})
    except (KeyError, TypeError):
        raise Unreadable from None


def _key(keys: Keys, kind: str) -> bytes:
    key = keys.office if kind in OFFICE_KINDS else keys.case
    if key is None:
        raise Unreadable
    return key


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _content(padded: bytes) -> dict[str, Any]:
    try:
        found = json.loads(unpad(padded))
    except ValueError:
        raise Unreadable from None
    if not isinstance(found, dict):
        raise Unreadable
    return found
