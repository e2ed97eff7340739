"""The table of sessions: hashes and sealed payloads (accounts.sessions says why)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone

from .people import Person

if TYPE_CHECKING:
    from accounts.sessions import SessionStore


class Session(AbstractBaseSession):
    """One browser's session. `person` is there to end it by; who is signed in stands under the seal."""

    session_key = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="sessions", null=True)
    seen = models.DateTimeField(default=timezone.now)

    objects: ClassVar = BaseSessionManager()

    class Meta:
        ordering: ClassVar = ["-seen", "session_key"]

    @classmethod
    def get_session_store_class(cls) -> type[SessionStore]:
        from accounts.sessions import SessionStore

        return SessionStore
