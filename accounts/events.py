"""What the log is told of signing in and out. Never an address, never a source; of an unknown account only the try."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts import assurance, enqueue, mail, tasks
from accounts.models import Person
from audit.acts import Act
from audit.services import SYSTEM, Actor, record

LOCK_NOTED_EVERY = 5 * 60  # seconds: a flood of attempts does not flood the log
LOCK_TOLD_EVERY = 24 * 60 * 60  # nor its owner's mailbox


def signed_in(request: HttpRequest, person: Person) -> None:
    """A session was opened, and with what."""
    proved = assurance.of(request)
    factor = "passkey" if proved.passkey_at else "second_factor" if proved.second_factor_at else "password"
    _record(Act.SESSION_SIGN_IN, person, person.pk, {"by": factor})


def signed_out(person: Person) -> None:
    _record(Act.SESSION_SIGN_OUT, person, person.pk)


def failed(request: HttpRequest, email: str) -> None:
    """A wrong password, at sign-in or when asked for it again."""
    _record(Act.SESSION_FAILED, _actor(request), _person_of(email), {"by": "password"})


def failed_factor(request: HttpRequest, person: Person, kind: str) -> None:
    """A wrong code or a passkey that did not hold."""
    _record(Act.SESSION_FAILED, _actor(request), person.pk, {"by": kind})


def locked(request: HttpRequest, email: str) -> None:
    """An account is closed to this source for a while. Told once in a while, however many attempts follow."""
    name = salted_hmac("accounts.events", email).hexdigest()
    if cache.add(f"accounts:locked:{name}", True, LOCK_NOTED_EVERY):
        _record(Act.SESSION_LOCKED, _actor(request), _person_of(email))
    if cache.add(f"accounts:locked-told:{name}", True, LOCK_TOLD_EVERY):
        # For an address that is nobody's, too: the answer takes as long, and the task finds nobody.
        enqueue.on_commit(tasks.send_security_notice, str(_person_of(email) or uuid4()), mail.MANY_FAILURES)


def stepped_up(person: Person, factor: str) -> None:
    _record(Act.SESSION_STEP_UP, person, person.pk, {"by": factor})


def used_recovery_code(person: Person) -> None:
    _record(Act.SESSION_RECOVERY, person, person.pk)


def changed_password(person: Person, how: str) -> None:
    _record(Act.SESSION_PASSWORD, person, person.pk, {"by": how})


def added_factor(person: Person, kind: str) -> None:
    _record(Act.SESSION_FACTOR_ADD, person, person.pk, {"kind": kind})


def removed_factor(person: Person, kind: str) -> None:
    _record(Act.SESSION_FACTOR_REMOVE, person, person.pk, {"kind": kind})


def _actor(request: HttpRequest) -> Actor:
    """Somebody who has not signed in is nobody, whichever account they try."""
    return request.user if isinstance(request.user, Person) else SYSTEM


def _person_of(email: str) -> UUID | None:
    return Person.objects.filter(email=email).values_list("pk", flat=True).first()


def _record(
    act: Act, actor: Actor, person: UUID | None, detail: dict[str, str | int | bool | None] | None = None
) -> None:
    record(
        actor=actor,
        act=act,
        target_type="person" if person else "",
        target_id=person or "",
        detail=detail,
    )
