"""Who reads a case, and which desks never will."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef

from accounts.models import Person
from intake.models import Case, Desk, Envelope

from ..models.custody import DeskOfficer, OfficerKey
from ..models.findings import FindingEnvelope


def of(case: Case) -> list[Person]:
    """Everybody who opens the case today, by name."""
    keys = Envelope.objects.filter(case=case).values_list("key_id", flat=True)
    people = OfficerKey.objects.filter(pk__in=keys, retired__isnull=True).values_list("person", flat=True)
    return list(Person.objects.filter(pk__in=people).select_related("organisation").order_by("name", "pk"))


def of_all(cases: Iterable[UUID]) -> set[UUID]:
    """The keys in use that open every one of these cases."""
    wanted = set(cases)
    held: dict[UUID, set[UUID]] = {}
    for case, key in Envelope.objects.filter(case__in=wanted).values_list("case_id", "key_id"):
        held.setdefault(key, set()).add(case)
    every = [key for key, opened in held.items() if opened == wanted]
    return set(OfficerKey.objects.filter(pk__in=every, retired__isnull=True).values_list("pk", flat=True))


@dataclass(frozen=True)
class Approvers:
    """Who besides its author could read a finding and all cases behind it; where nobody could, the fewest cases without
    which somebody could: none of them where the text only has to be sealed anew."""

    people: tuple[Person, ...]
    without: tuple[UUID, ...] = ()
    possible: bool = True


def approvers(cases: Iterable[UUID], *, finding: UUID, author: UUID) -> Approvers:
    wanted = set(cases)
    held: dict[UUID, set[UUID]] = {}
    for case, key in Envelope.objects.filter(case__in=wanted).values_list("case_id", "key_id"):
        held.setdefault(key, set()).add(case)
    serving = DeskOfficer.objects.in_force().values("person")
    people = Person.objects.filter(is_active=True, pk__in=serving).exclude(pk=author)
    keys = OfficerKey.objects.filter(pk__in=held, retired__isnull=True, person__in=people).select_related("person")
    reading = FindingEnvelope.objects.filter(finding=finding, key_id=OuterRef("pk"))
    able = list(keys.annotate(reads=Exists(reading)).order_by("person__name", "pk"))
    if found := tuple(key.person for key in able if held[key.pk] == wanted and key.reads):
        return Approvers(found)
    lacking = sorted((sorted(wanted - held[key.pk]) for key in able), key=len)
    possible = bool(lacking) and len(lacking[0]) < len(wanted)
    return Approvers((), tuple(lacking[0]) if possible else (), possible)


def excluded(desks: Iterable[str]) -> list[Desk]:
    """The desks a sender kept out."""
    return list(Desk.objects.filter(pk__in=list(desks)).order_by("place", "name_ja", "id"))
