"""After the root key was exchanged: everything people prove themselves with is sealed anew under the current one."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator

from vault import Unreadable
from vault.boxes import Box

from .models import Person
from .models.sessions import Session
from .passwords import SEALED
from .sessions import SessionStore

# What a second factor keeps sealed, by its key in `data` and the box it is in.
SECRETS = {"secret": "totp", "seed": "totp", "seal": "passkey"}


def reseal(*, using: str) -> Iterator[bool]:
    """
    One step a password, session and second factor that is not under the current root key; yields whether it opened.

    Each is written only over what was read: somebody who changes their password at this moment keeps the new one.
    """
    for person, password in _rows(Person, "password", using, password__startswith=SEALED):
        if (fresh := _fresh("password", password.removeprefix(SEALED), person.bytes)) != "":
            changed = None if fresh is None else {"password": SEALED + fresh}
            yield _write(Person, using, {"pk": person, "password": password}, changed)
    for key, data in _rows(Session, "session_data", using):
        if (fresh := _fresh("session", data, SessionStore._binding(key))) != "":
            changed = None if fresh is None else {"session_data": fresh}
            yield _write(Session, using, {"pk": key, "session_data": data}, changed)
    for row in Authenticator.objects.using(using).order_by("pk").iterator():
        yield from _reseal_factor(row, using)


def _reseal_factor(row: Authenticator, using: str) -> Iterator[bool]:
    before, after, sound = dict(row.data), dict(row.data), True
    whose = str(row.user_id).encode()
    for name, box in SECRETS.items():
        if isinstance(text := before.get(name), str):
            fresh = _fresh(box, text, whose)
            sound = sound and fresh is not None
            after[name] = fresh or text
    codes = before.get("migrated_codes")
    if isinstance(codes, list):
        after["migrated_codes"] = [_fresh("totp", code, whose) or code for code in codes]
    if after != before:
        _write(Authenticator, using, {"pk": row.pk, "data": before}, {"data": after})
    if after != before or not sound:
        yield sound


def _rows(model: Any, column: str, using: str, **only: Any) -> Iterator[tuple[Any, str]]:
    found: Iterator[tuple[Any, str]] = (
        model._base_manager.using(using).filter(**only).order_by("pk").values_list("pk", column).iterator()
    )
    return found


def _fresh(box: str, text: str, aad: bytes) -> str | None:
    """The text sealed anew; "" where it is under the current key, None where it does not open."""
    try:
        sealed = Box(box).resealed(b64decode(text), aad)
    except (Unreadable, ValueError):
        return None
    return b64encode(sealed).decode() if sealed else ""


def _write(model: Any, using: str, where: dict[str, Any], changes: dict[str, Any] | None) -> bool:
    if changes is None:
        return False
    model._base_manager.using(using).filter(**where).update(**changes)
    return True
