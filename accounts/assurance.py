"""How sure the portal is, in this session, that it speaks with the person: what was proved, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

# What a session must have proved, and how recently, for each level.
SECOND_FACTOR_LASTS = timedelta(minutes=60)
PASSKEY_LASTS = timedelta(minutes=15)
NEEDS_SECOND_FACTOR = 2
NEEDS_PASSKEY = 3
HIGHEST_LEVEL = 4


@dataclass(frozen=True, slots=True)
class Assurance:
    """When each proof was last given in this session; None where it never was.

    `password_at` is the sign-in itself: by password, by single sign-on, or by a passkey in place of both.
    """

    password_at: datetime | None
    second_factor_at: datetime | None
    passkey_at: datetime | None

    def __post_init__(self) -> None:
        """A passkey is a second factor: the database asks of level 2 how old that is, whatever else was proved."""
        if self.passkey_at is not None:
            object.__setattr__(self, "second_factor_at", _later(self.second_factor_at, self.passkey_at))

    def level_reached(self, at: datetime) -> int:
        """The highest level this session may open at the moment `at`; −1 where nobody is signed in."""
        if self.password_at is None:
            return -1
        if _recent(self.passkey_at, at, PASSKEY_LASTS):
            return HIGHEST_LEVEL
        if _recent(self.second_factor_at, at, SECOND_FACTOR_LASTS):
            return NEEDS_SECOND_FACTOR
        return NEEDS_SECOND_FACTOR - 1


NOTHING_PROVED = Assurance(None, None, None)


def of(request: HttpRequest) -> Assurance:
    """What the request's session has proved of its person.

    A recovery code is never a second factor: it opens levels 0–1 only. A passkey always came with user
    verification, because `MFA_WEBAUTHN_USER_VERIFICATION` is "required" (accounts.checks holds it there).
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return NOTHING_PROVED
    password = factor = passkey = None
    for record in get_authentication_records(request, user):
        at = datetime.fromtimestamp(record["at"], tz=UTC)
        method, kind = record.get("method"), record.get("type")
        if method in {"password", "socialaccount"} or record.get("passwordless"):
            password = _later(password, at)
        if method == "mfa" and kind in {"totp", "webauthn"}:
            factor = _later(factor, at)
        if method == "mfa" and kind == "webauthn":
            passkey = _later(passkey, at)
    return Assurance(password, factor, passkey)


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def _recent(proved: datetime | None, at: datetime, lasts: timedelta) -> bool:
    return proved is not None and at - proved < lasts
