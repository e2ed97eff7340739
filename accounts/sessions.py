"""Sessions: in the database under the hash of their key, sealed, so that reading or writing the table opens nothing.

The cookie holds a random key. The table holds its SHA-256 and a payload sealed under the root key with that hash as
associated data. Whoever reads the table can present no cookie; whoever writes it (SQL injected into the web role
included) can make no payload, and a payload moved to another row does not open. The start of the session is inside
the seal, so that its end cannot be put off.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.contrib.auth import SESSION_KEY as PERSON
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, SessionBase, UpdateError
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.statements import Given, Once
from vault import Unreadable
from vault.boxes import Box

if TYPE_CHECKING:
    from accounts.models import Session

STARTED = "_started"
IDLE = timedelta(minutes=60)
HASH = re.compile("[0-9a-f]{64}")
NOTED_EVERY = timedelta(minutes=1)  # how fine activity is noted: one small write a minute at most


def hashed(session_key: str) -> str:
    """What the table knows a session by. The key has 165 random bits: it needs no salt and no stretching."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def is_hash(text: str) -> bool:
    """Whether `text` has the form of what the table knows sessions by."""
    return HASH.fullmatch(text) is not None


class Contents(NamedTuple):
    """An opened session: its data and when it began."""

    data: dict[str, Any]
    started: datetime


class SessionStore(SessionBase):
    """Ends twelve hours after sign-in (SESSION_COOKIE_AGE), and after an hour without a click."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._stored: bytes | None = None
        self._counts = True

    @classmethod
    def get_model_class(cls) -> type[Session]:
        from accounts.models import Session

        return Session

    @classmethod
    def peek(cls, row: Session) -> Contents | None:
        """What a row holds, for its owner's list of sessions; None where it does not open."""
        data = cls()._open(row)
        return None if data is None else Contents(data, cls._start(data))

    def is_row(self, key_hash: str) -> bool:
        """Whether the row of this hash is this very session."""
        return self.session_key is not None and hashed(self.session_key) == key_hash

    def background(self) -> None:
        """This request is the page's own polling, not the person: it does not keep the session alive."""
        self._counts = False

    # --- what Django's session middleware and sign-in ask for ------------------------------------------------

    def load(self) -> dict[str, Any]:
        now = timezone.now()
        row = _living.first(key=hashed(self.session_key), now=now) if self.session_key else None
        data = self._open(row) if row else None
        if row is None or data is None or self._end(data) <= now:
            self._session_key = None  # never take over a key that did not open
            return {}
        self._stored = self.serializer().dumps(data)
        if now - row.seen >= NOTED_EVERY:
            self.modified = True  # has the middleware call save(), which then notes the activity alone
        return data

    def exists(self, session_key: str) -> bool:
        return bool(self._rows(session_key).exists())

    def create(self) -> None:
        """A fresh key. The clock starts with it, except where somebody signed in merely changes keys."""
        data = self._content()
        if STARTED not in data or PERSON not in data:
            data[STARTED] = timezone.now().timestamp()
        while True:
            self._session_key = get_random_string(32, VALID_KEY_CHARS)
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        data = self._content()
        data.setdefault(STARTED, timezone.now().timestamp())
        plain = self.serializer().dumps(data)
        if not must_create and plain == self._stored:
            self._note_activity(data)
            return
        row = self.get_model_class()(
            session_key=hashed(self.session_key),
            session_data=b64encode(Box("session").seal(plain, self._binding(hashed(self.session_key)))).decode(),
            expire_date=self._expires(data),
            person_id=data.get(PERSON),
            seen=timezone.now(),
        )
        try:
            with transaction.atomic():
                row.save(force_insert=must_create, force_update=not must_create)
        except IntegrityError:
            if must_create:
                raise CreateError from None
            raise
        except DatabaseError:
            if not must_create:
                raise UpdateError from None  # ended in another window meanwhile: it stays ended
            raise
        self._stored = plain

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self._rows(key).delete()

    @classmethod
    def clear_expired(cls) -> None:
        cls.get_model_class().objects.filter(expire_date__lt=timezone.now()).delete()

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """The latest end of this session, whatever happens in it."""
        return self._end(self._content())

    def get_expire_at_browser_close(self) -> bool:
        return True

    # --- within ----------------------------------------------------------------------------------------------

    def _content(self) -> dict[str, Any]:
        data: dict[str, Any] = self._session  # type: ignore[attr-defined]
        return data

    def _rows(self, session_key: str) -> Any:
        return self.get_model_class().objects.filter(session_key=hashed(session_key))

    def _note_activity(self, data: dict[str, Any]) -> None:
        noted = {"seen": timezone.now(), "expire_date": self._expires(data)}
        if self._counts and not self._rows(str(self.session_key)).update(**noted):
            raise UpdateError

    def _open(self, row: Session) -> dict[str, Any] | None:
        try:
            plain = Box("session").open(b64decode(row.session_data), self._binding(row.session_key))
        except (Unreadable, ValueError):
            return None
        data: dict[str, Any] = self.serializer().loads(plain)
        return data

    @staticmethod
    def _binding(key_hash: str) -> bytes:
        return b"accounts_session|" + key_hash.encode()

    @staticmethod
    def _start(data: dict[str, Any]) -> datetime:
        return datetime.fromtimestamp(data.get(STARTED, timezone.now().timestamp()), tz=UTC)

    def _end(self, data: dict[str, Any]) -> datetime:
        return self._start(data) + timedelta(seconds=settings.SESSION_COOKIE_AGE)

    def _expires(self, data: dict[str, Any]) -> datetime:
        return min(timezone.now() + IDLE, self._end(data))


@Once
def _living() -> QuerySet[Session]:
    rows: QuerySet[Session] = SessionStore.get_model_class().objects.filter(session_key=Given("key"))
    return rows.filter(expire_date__gt=Given("now")).order_by()
