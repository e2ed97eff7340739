"""Changing what the register says of a person; locking their account and opening it again."""

from __future__ import annotations

from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Invitation, Person, Session
from audit.acts import Act
from audit.services import record

from .acting import Officer, require_officer


class PersonFields(TypedDict, total=False):
    """What an officer may change of a person. Whoever changes address or organisation is invited anew."""

    name: str
    title: str
    language: str


@transaction.atomic
def change_person(*, actor: Officer, person: Person, **fields: Unpack[PersonFields]) -> Person:
    """Change a person's name, title or language. Raises NotAllowed, ValidationError."""
    require_officer(actor)
    current = Person.objects.select_for_update().get(pk=person.pk)
    changed = sorted(name for name, value in fields.items() if getattr(current, name) != value)
    if not changed:
        return current
    for name in changed:
        setattr(current, name, fields[name])  # type: ignore[literal-required]
    current.clean_fields(exclude=["email", "password", "organisation"])
    current.save(update_fields=changed)
    record(
        actor=actor,
        act=Act.PERSON_CHANGE,
        target_type="person",
        target_id=current.pk,
        detail={"fields": ",".join(changed)},
    )
    return current


@transaction.atomic
def change_language(*, actor: Person, language: str) -> Person:
    """A person's own choice of language for pages and mail. Raises ValidationError."""
    actor.language = language
    actor.clean_fields(exclude=["email", "password", "organisation"])
    actor.save(update_fields=["language"])
    record(actor=actor, act=Act.PERSON_CHANGE, target_type="person", target_id=actor.pk, detail={"fields": "language"})
    return actor


@transaction.atomic
def suspend_person(*, actor: Officer, person: Person) -> Person:
    """Lock an account: its sessions end at their next click, its open invitation lapses, and nobody signs in to it.

    Raises NotAllowed; ValidationError for one's own account.
    """
    require_officer(actor)
    if person.pk == actor.person_id:
        raise ValidationError(
            _("ご自身の利用を停止することはできません。別の保全責任者に依頼してください。"), code="self"
        )
    current = Person.objects.select_for_update().get(pk=person.pk)
    if not current.is_active:
        return current
    current.is_active = False
    current.save(update_fields=["is_active"])
    Session.objects.filter(person=current).delete()
    Invitation.objects.open(timezone.now()).filter(person=current).update(withdrawn=timezone.now())
    record(actor=actor, act=Act.PERSON_DEACTIVATE, target_type="person", target_id=current.pk)
    return current


@transaction.atomic
def reinstate_person(*, actor: Officer, person: Person) -> Person:
    """Open a locked account again; its person signs in anew. Raises NotAllowed; ValidationError for one's own."""
    require_officer(actor)
    if person.pk == actor.person_id:
        raise ValidationError(
            _("ご自身の利用を再開することはできません。別の保全責任者に依頼してください。"), code="self"
        )
    current = Person.objects.select_for_update().get(pk=person.pk)
    if current.is_active:
        return current
    current.is_active = True
    current.save(update_fields=["is_active"])
    record(actor=actor, act=Act.PERSON_REACTIVATE, target_type="person", target_id=current.pk)
    return current
