"""What a reader gets of a briefing in each of its shapes, as bytes to compare."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from accounts.models import Person
from briefings.models import Briefing, Portion
from briefings.pdf import drawn
from briefings.queries.feed import briefing as briefing_of
from briefings.queries.page import sheet
from clearance.markings import from_text
from clearance.models import Circle
from tests.world import World, agreement, as_owner, being, join_firm, organisation, person

CHANGING = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')
SHAPES = ("", "print", "changes/", "reply/")
LISTS = ("", "export.csv", "export.json", "?q=%E5%9C%A8%E5%BA%AB", "?sector=SEMICON", "?outstanding=on")
AT = datetime.fromisoformat("2026-11-23T09:05:00+09:00")


def plain(answer: bytes) -> bytes:
    return CHANGING.sub(b"", answer)


def looks(client: Client, briefing: Briefing) -> dict[str, bytes]:
    """Every page, list and file of the reader's."""
    found = {}
    for address in [
        *(f"/briefings/{briefing.pk}/{each}" for each in SHAPES),
        *(f"/briefings/{each}" for each in LISTS),
    ]:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        found[address] = plain(answer.content)
    return found


def copy_of(reader: Person, briefing: Briefing) -> bytes:
    """The reader's PDF, drawn at one fixed moment."""
    with being(reader) as actor:
        shown = sheet(actor, briefing_of(actor, briefing.pk))
        return drawn(shown, name=reader.name, organisation=reader.organisation.name, at=AT)


def long_ago(briefing: Briefing) -> None:
    """Published some time before: what is corrected at once is one edition with it."""
    with as_owner():
        Briefing.objects.filter(pk=briefing.pk).update(created="2026-11-01T00:00Z")
        Portion.objects.filter(briefing=briefing).update(created="2026-11-01T00:00Z")


def corrected(old: Portion, body: str, **fields: object) -> Portion:
    """Another state in the place of a section, as a correction leaves it."""
    at = timezone.now()
    with as_owner():
        Portion.objects.filter(pk=old.pk).update(until=at)
        made = Portion(
            briefing=old.briefing, slot=old.slot, place=old.place, heading=old.heading, body=body, more=old.more,
            approved_by=old.approved_by, marking=old.marking, circle=old.circle, created=at, **fields,
        )  # fmt: skip
        made.save(force_insert=True)
    return made


def added(briefing: Briefing, marking: str, body: str) -> Portion:
    """One more section, as a correction leaves it."""
    with as_owner():
        made = Portion(
            briefing=briefing, slot=uuid4(), place=9, heading="追補", body=body, more={}, created=timezone.now(),
            approved_by=briefing.approved_by, marking=from_text(marking), circle=briefing.circle,
        )  # fmt: skip
        made.save(force_insert=True)
    return made


def firms(world: World, where: Circle, number: int) -> list[Person]:
    """A person each of so many firms in the circle, who read what is public there."""
    found = []
    with as_owner():
        for _each in range(number):
            firm = organisation(sectors=["SEMICON"], size="SMALL")
            agreement(firm)
            found.append(person(firm))
            join_firm(where, firm, found[-1])
    return found
