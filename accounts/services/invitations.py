"""Bringing people in: nobody signs up, an officer invites.

The link is a sealed text that only the portal can make, bound to one invitation, one address and one organisation. It
is not in the database, so reading the database accepts no invitation.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import enqueue
from accounts.models import Invitation, Organisation, Person
from audit.acts import Act
from audit.services import record
from vault import Unreadable
from vault.boxes import Box

from .acting import Officer, require_officer

LASTS = timedelta(days=7)
BINDING = b"accounts_invitation"


@transaction.atomic
def add_person(
    *, actor: Officer, email: str, name: str, organisation: Organisation, title: str = "", language: str = "ja"
) -> Person:
    """Enter a person in the register, without a way to sign in yet. Raises NotAllowed; ValidationError where the
    address is taken.
    """
    require_officer(actor)
    person = Person(email=email.strip().lower(), name=name, organisation=organisation, title=title, language=language)
    person.set_password(None)
    person.full_clean()
    person.save(force_insert=True)
    record(
        actor=actor,
        act=Act.PERSON_REGISTER,
        target_type="person",
        target_id=person.pk,
        detail={"organisation": str(organisation.pk)},
    )
    return person


@transaction.atomic
def invite(*, actor: Officer, person: Person) -> Invitation:
    """Send a person the one link by which they set their first password. An earlier link lapses.

    Raises NotAllowed; ValidationError for someone who has a password already, or whose account is locked.
    """
    require_officer(actor)
    current = Person.objects.select_for_update().get(pk=person.pk)
    if not current.is_active or not current.organisation.active:
        raise ValidationError(_("利用が停止されています。再開してから招待してください。"), code="suspended")
    if current.is_machine:
        raise ValidationError(_("機械用アカウントは招待できません。"), code="machine")
    if current.has_usable_password():
        raise ValidationError(_("この方はすでに登録を終えています。"), code="accepted")
    invitation, _token = issue(current)
    record(actor=actor, act=Act.PERSON_INVITE, target_type="person", target_id=current.pk)
    from accounts import tasks  # tasks stand above services; what is enqueued is only an id

    enqueue.on_commit(tasks.send_invitation, str(invitation.pk))
    return invitation


@transaction.atomic
def accept_invitation(*, token: str, password: str) -> Person | None:
    """Set the first password of whom the link was made for; None where it does not hold (any more).

    Raises ValidationError for an unfit password.
    """
    invitation = invited_by(token, lock=True)
    if invitation is None:
        return None
    person = invitation.person
    validate_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    Invitation.objects.filter(pk=invitation.pk).update(used=timezone.now())
    record(
        actor=person,
        act=Act.SESSION_PASSWORD,
        target_type="person",
        target_id=person.pk,
        detail={"by": "invitation"},
    )
    return person


def issue(person: Person, *, sent: datetime | None = None) -> tuple[Invitation, str]:
    """A new invitation and the text of its link; earlier ones lapse. `sent`: handed over already, no letter is due."""
    now = timezone.now()
    Invitation.objects.open(now).filter(person=person).update(withdrawn=now)
    invitation = Invitation(
        person=person,
        email=person.email,
        organisation=person.organisation,
        created=now,
        expires=now + LASTS,
        sent=sent,
    )
    invitation.save(force_insert=True)
    return invitation, link_token(invitation)


def link_token(invitation: Invitation) -> str:
    """The text of the invitation's link: sealed, and bound to its address and organisation."""
    plain = invitation.pk.bytes + _bound_to(invitation.email, invitation.organisation_id)
    return urlsafe_b64encode(Box("invitation").seal(plain, BINDING)).decode().rstrip("=")


def invited_by(token: str, *, lock: bool = False) -> Invitation | None:
    """The open invitation a link stands for: unused, in date, and its person still whom it was made for."""
    try:
        plain = Box("invitation").open(urlsafe_b64decode(token + "=" * (-len(token) % 4)), BINDING)
    except (Unreadable, ValueError):
        return None
    rows = Invitation.objects.open(timezone.now()).select_related("person", "person__organisation")
    if lock:
        rows = rows.select_for_update(of=("self",))
    invitation: Invitation | None = rows.filter(pk=UUID(bytes=plain[:16])).first()
    if invitation is None:
        return None
    person = invitation.person
    holds = (
        plain[16:] == _bound_to(person.email, person.organisation_id)
        and person.is_active
        and person.organisation.active
        and not person.has_usable_password()
    )
    return invitation if holds else None


def _bound_to(email: str, organisation: UUID) -> bytes:
    return hashlib.sha256(email.encode() + b"|" + organisation.bytes).digest()
