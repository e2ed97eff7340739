"""To whom a concern is sealed: the desks and their readers' public keys, as the courier last saw them.

The web process reads the courier's copy from the disk and asks the database only where there is none yet, so that a
concern is taken in while the database is away.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import get_language

from intake.models import Desk, Reader
from vault.hybrid import PublicKey


class Unavailable(Exception):
    """The database does not answer, and there is no copy of what is asked for."""


@dataclass(frozen=True)
class Office:
    """A desk as the sender sees it. `readers`: the ids and public keys of the officers who read there."""

    id: UUID
    names: dict[str, str]
    abouts: dict[str, str]
    readers: dict[UUID, bytes]

    @property
    def name(self) -> str:
        return self.names.get(get_language() or "ja") or self.names["ja"]

    @property
    def about(self) -> str:
        return self.abouts.get(get_language() or "ja") or self.abouts["ja"]


def offices() -> list[Office]:
    """The desks that take concerns, in their order. Raises `Unavailable`."""
    try:
        return _parsed(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError):
        try:
            return from_database()
        except DatabaseError as error:
            raise Unavailable from error


def readers(excluded: Collection[UUID]) -> dict[UUID, PublicKey]:
    """Whom a concern is sealed to (`allowed`). Raises `Unavailable`."""
    return allowed(offices(), excluded)


def allowed(every: Collection[Office], excluded: Collection[UUID]) -> dict[UUID, PublicKey]:
    """The readers of every desk but the excluded ones, and nobody who reads at one of those as well."""
    barred = {key_id for office in every if office.id in excluded for key_id in office.readers}
    return {
        key_id: PublicKey.from_bytes(public)
        for office in every
        if office.id not in excluded
        for key_id, public in office.readers.items()
        if key_id not in barred
    }


def from_database() -> list[Office]:
    """Raises `DatabaseError`."""
    keys: dict[UUID, dict[UUID, bytes]] = {}
    for desk_id, key_id, public in Reader.objects.order_by("id").values_list("desk_id", "key_id", "public"):
        keys.setdefault(desk_id, {})[key_id] = bytes(public)
    return [
        Office(
            desk.id,
            {"ja": desk.name_ja, "en": desk.name_en},
            {"ja": desk.about_ja, "en": desk.about_en},
            keys.get(desk.id, {}),
        )
        for desk in Desk.objects.filter(active=True)
    ]


def refresh() -> None:
    """Write the copy anew, where it changed. Raises `DatabaseError`."""
    text = json.dumps(
        [
            {
                "id": str(office.id),
                "names": office.names,
                "abouts": office.abouts,
                "readers": {str(key_id): public.hex() for key_id, public in office.readers.items()},
            }
            for office in from_database()
        ],
        ensure_ascii=False,
    )
    path = _path()
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"directory.{secrets.token_hex(4)}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _parsed(text: str) -> list[Office]:
    return [
        Office(
            UUID(each["id"]),
            each["names"],
            each["abouts"],
            {UUID(key_id): bytes.fromhex(public) for key_id, public in each["readers"].items()},
        )
        for each in json.loads(text)
    ]


def _path() -> Path:
    path: Path = settings.INTAKE_FOLDER / "directory.json"
    return path
