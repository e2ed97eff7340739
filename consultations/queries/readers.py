"""Who reads a case, and which desks never will."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Person
from intake.models import Case, Desk, Envelope

from ..models.custody import OfficerKey


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


def excluded(desks: Iterable[str]) -> list[Desk]:
    """The desks a sender kept out."""
    return list(Desk.objects.filter(pk__in=list(desks)).order_by("place", "name_ja", "id"))
