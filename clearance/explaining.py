"""Why somebody may or may not read a thing, at any date: the decision with the reasons the asker may know.

Runs beside the request's own path, for operators and tests: it loads the person's standing as the owner and asks the
same `decide` as every page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils import timezone

from accounts.assurance import Assurance
from accounts.models import Appointment, Person

from .access import Action, Decision, Reason, decide
from .models import Authorisation, Marked
from .models.markings import STATUTORY
from .services.grants import grant_models
from .standing import standing_of

MOMENT = timedelta(seconds=1)
PASSWORD, SECOND_FACTOR, PASSKEY = 0, 1, 2


class NoSuchThing(LookupError):
    """Nobody of that name, nothing of that number, or nothing the asker may know of: one answer for all."""


@dataclass(frozen=True)
class Explanation:
    """What is said about one person and one thing."""

    person: Person
    thing: Marked
    marking: str
    at: datetime
    decision: Decision
    reasons: tuple[Reason, ...]
    stepped_up: tuple[tuple[int, bool], ...]


def explain(*, person: str, thing: str, at: datetime, proof: int = PASSWORD, asker: str = "") -> Explanation:
    """The decision on reading `thing` by `person` (e-mail address or id) at that moment, with a session that has proved
    as much; the reasons are those the asker may know now. Without an `asker` the operator asks, who learns no more of a
    statutory level than anybody.

    Entitlements and membership are those of the moment; grants by name, the marking and a withdrawal leave no history
    and are today's.

    Raises NoSuchThing.
    """
    who, what = find_person(person), find_thing(thing)
    officer = third = False
    if asker:
        asking = find_person(asker)
        now = timezone.now()
        officer = _is_officer(asking, now)
        third = not officer and asking.pk != who.pk
        if not officer and not _decide(asking, what, now, PASSKEY):
            raise NoSuchThing
    decision = _decide(who, what, at, proof)
    reasons = decision.told(to_clearance_officer=officer, to_third=third)
    stepped_up: tuple[tuple[int, bool], ...] = ()
    if Reason.STEP_UP in reasons:
        stepped_up = tuple(
            (more, bool(_decide(who, what, at, more))) for more in (SECOND_FACTOR, PASSKEY) if more > proof
        )
    return Explanation(who, what, what.marking.text, at, decision, reasons, stepped_up)


def find_person(text: str) -> Person:
    """The person with this e-mail address or id. Raises NoSuchThing."""
    people = Person.objects.select_related("organisation")
    key = _uuid(text)
    found = people.filter(pk=key).first() if key else people.filter(email=text.strip().lower()).first()
    if found is None:
        raise NoSuchThing
    return found


def find_thing(text: str) -> Marked:
    """The marked row called `documents.document:<uuid>`, or by its number alone. Raises NoSuchThing."""
    label, _colon, number = text.rpartition(":")
    key = _uuid(number)
    if key is None:
        raise NoSuchThing
    for model in marked_models():
        if label and model._meta.label_lower != label.lower():
            continue
        rows: Any = model._default_manager
        found: Marked | None = rows.select_related("marking").filter(pk=key).first()
        if found is not None:
            return found
    raise NoSuchThing


def marked_models() -> Iterator[type[Marked]]:
    """Each kind of thing that carries a marking."""
    return (model for model in apps.get_models() if issubclass(model, Marked))


def _decide(person: Person, thing: Marked, at: datetime, proof: int) -> Decision:
    """A question about levels 0–2 reads no assessment, and one about a statutory level nothing else."""
    bases = Authorisation.STATUTORY if thing.level in STATUTORY else Authorisation.ORDINARY
    standing = standing_of(person, bases=bases, grants=_grants(person, thing))
    proved = at - MOMENT
    assurance = Assurance(proved, proved if proof >= SECOND_FACTOR else None, proved if proof >= PASSKEY else None)
    return decide(standing.actor(assurance, at=at), Action.READ, thing, at=at)


def _grants(person: Person, thing: Marked) -> Iterator[tuple[UUID, datetime, datetime | None]]:
    for model in grant_models():
        try:
            of_this_kind = model._meta.get_field("content_object").related_model is type(thing)  # type: ignore[misc]
        except FieldDoesNotExist:
            continue
        if of_this_kind:
            rows: Any = model._default_manager
            found = rows.filter(user=person, content_object_id=thing.pk)
            yield from found.values_list("content_object_id", "since", "until")


def _is_officer(person: Person, at: datetime) -> bool:
    return Appointment.objects.in_force(at).filter(person=person, duty=Appointment.Duty.CLEARANCE_OFFICER).exists()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
