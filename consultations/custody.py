"""An officer's private key while it is unlocked: for a bounded time, in one session, with one browser's cookie.

The key lies in the table of unlockings sealed under 32 random bytes that only the cookie holds. Database, disk and root
key together do not hold them.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import ParamSpec
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.sessions import hashed
from clearance.screens import Request, View, page
from clearance.sent import sent
from vault import Unreadable
from vault.binding import bind
from vault.hybrid import KEY_SIZE, PrivateKey, open_small, seal_small

from .models.custody import DeskOfficer, EscrowHolder, Unlocking

Path = ParamSpec("Path")
_HELD = "_desk_key"


@dataclass(frozen=True)
class UnlockedKey:
    """A private key at hand. It is kept nowhere but in the memory of this request."""

    key_id: UUID
    private: PrivateKey = field(repr=False)
    until: datetime


def unlocked(request: HttpRequest) -> UnlockedKey | None:
    """The present person's key, where it is unlocked in this very session and browser; looked up once a request."""
    held = request.__dict__
    if _HELD not in held:
        held[_HELD] = _opened(request)
    key: UnlockedKey | None = held[_HELD]
    return key


def forget(request: HttpRequest) -> None:
    """What was unlocked or locked in this request is looked up anew."""
    request.__dict__.pop(_HELD, None)


def needs_key(view: View[Path]) -> View[Path]:
    """A decorator, below that of signed-in people: whose key is locked, is asked to unlock it. What they sent is kept
    in the page that asks.
    """

    @wraps(view)
    def opened(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        if unlocked(request) is not None:
            return view(request, *args, **kwargs)
        here = request.get_full_path()
        if request.method == "POST" and (given := sent(request)):
            onward = reverse("consultations:unlock") + "?" + urlencode({"next": reverse("consultations:unlocked")})
            return page(request, "consultations/custody/locked.html", {"sent": given, "unlock_url": onward}, status=403)
        onward = here if request.method in ("GET", "HEAD") else reverse("consultations:key")
        return redirect(reverse("consultations:unlock") + "?" + urlencode({"next": onward}))

    return opened  # type: ignore[return-value]


def seal(session: str, person: UUID, key_id: UUID, seed: bytes, secret: bytes) -> bytes:
    """A private key's seed for the table of unlockings. `session`: the hash the session is known by."""
    return seal_small(secret, seed, _place(session, person, key_id))


def as_cookie(secret: bytes) -> str:
    return urlsafe_b64encode(secret).decode().rstrip("=")


def session_of(request: HttpRequest) -> str:
    """What the table knows this session by; "" where there is none."""
    key = request.session.session_key
    return hashed(key) if key else ""


def serves(person: UUID) -> bool:
    """Whether they are an officer of a desk or hold shares, now."""
    here = {"person": person}
    officer: bool = DeskOfficer.objects.in_force().filter(**here).exists()
    return officer or EscrowHolder.objects.in_force().filter(**here).exists()


def _opened(request: HttpRequest) -> UnlockedKey | None:
    person: UUID | None = getattr(request, "actor", None) and request.actor.person_id  # type: ignore[attr-defined]
    secret = _from_cookie(request)
    session = session_of(request)
    if person is None or secret is None or not session:
        return None
    rows = Unlocking.objects.filter(session=session, person=person, until__gt=timezone.now(), key__retired=None)
    row = rows.first()
    if row is None or not serves(person):
        return None
    try:
        seed = open_small(secret, bytes(row.sealed), _place(session, person, row.key_id))
        return UnlockedKey(row.key_id, PrivateKey.from_seed(seed), row.until)
    except Unreadable:  # another browser's cookie, or a row that was put there
        return None


def _from_cookie(request: HttpRequest) -> bytes | None:
    given = request.COOKIES.get(settings.DESK_COOKIE_NAME, "")
    try:
        secret = urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except ValueError:
        return None
    return secret if len(secret) == KEY_SIZE else None


def _place(session: str, person: UUID, key_id: UUID) -> bytes:
    return bind("desk key unlocked", session, person, key_id)
