"""The keys a case had before it was rekeyed: what a sender wrote under them may still have been on its way in.

They lie in the case's sealed header, so that whoever has the present keys has them too, the sender among them.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from intake.sealing import Header, Keys, open_entry
from vault import Unreadable


def with_former(header: Header, before: Keys) -> Header:
    """The header for the keys that come after `before`."""
    return replace(header, former=(b64encode(before.case).decode(), *header.former))


def open_any(
    keys: Keys, header: Header, sealed: bytes, *, case_id: UUID, entry_id: UUID, kind: str
) -> dict[str, Any]:  # fmt: skip
    """What an entry says, under the present keys or those of before. Raises `Unreadable`."""
    for tried in (keys, *_former(header)):
        try:
            return open_entry(tried, sealed, case_id=case_id, entry_id=entry_id, kind=kind)
        except Unreadable:
            continue
    raise Unreadable


def _former(header: Header) -> Iterator[Keys]:
    for key in header.former:
        yield Keys(b64decode(key), None)
