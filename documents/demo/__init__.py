"""The demo's documents: handed over, checked and read through the services, as people would. All made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from accounts.assurance import Assurance
from accounts.models import Person
from clearance.context import acting, refresh
from clearance.markings import from_text
from clearance.services.grants import give

from ..models import Document, Processing, Reading, Version
from ..processing import run
from ..services.reading import open_page
from ..services.receiving import RecordData, add_version, receive
from ..services.records import enter_in_records
from ..uploads import sealed
from .handled import HANDLED
from .papers import PLANS
from .plan import Plan

REASON = "特定事業部での点検のため（架空）"


class Room(Protocol):
    """What is asked of a room: the circle it is opened on."""

    @property
    def circle_id(self) -> int: ...


def make_documents(people: Mapping[str, Person], rooms: Mapping[str, Room]) -> list[Document]:
    """Hand over the demo's documents in the rooms that have none yet. May run again.

    Those of level 3 lie in a room that is there only under such a ceiling (dialogues.demo).

    It moves their dates into the past, so it runs as the owner (accounts.operator.as_owner), outside any transaction.
    """
    circles = {key: room.circle_id for key, room in rooms.items()}
    taken = set(Document.objects.filter(circle_id__in=circles.values()).values_list("circle_id", flat=True))
    wanted = [plan for plan in (*PLANS, *HANDLED) if plan.room in circles and circles[plan.room] not in taken]
    return [_document(plan, people, circles[plan.room]) for plan in wanted]


def _document(plan: Plan, people: Mapping[str, Person], circle: int) -> Document:
    when = timezone.now() - timedelta(days=plan.days)
    with acting(person=people[plan.by].pk, assurance=_assurance()) as actor:
        document = receive(
            actor=actor, circle=circle, marking=from_text(plan.marking), title=plan.title,
            upload=sealed(plan.name, [plan.content]), record=RecordData(*plan.record) if actor.official else None,
        )  # fmt: skip
        for later in plan.later:
            add_version(actor=actor, document=document, upload=sealed(later.name, [later.content]), change=later.change)
        for handler in plan.handlers:
            give(actor=refresh(), item=document, person=people[handler], reason=REASON)
    if plan.record[0] and not document.recorded:
        with acting(person=people["official"].pk, assurance=_assurance()) as actor:
            enter_in_records(actor=actor, document=document, record=RecordData(*plan.record))
    for version in list(Processing.objects.filter(document=document).values_list("version_id", flat=True)):
        run.run(version)
    for reader in plan.read_by:
        _read(document, people[reader])
    _date_back(document, plan, when)
    return document


def _read(document: Document, reader: Person) -> None:
    with acting(person=reader.pk, assurance=_assurance()) as actor:
        held = Document.objects.get(pk=document.pk)
        version = held.versions.order_by("-number")[0]
        open_page(actor=actor, document=held, version=version, number=1)


def _assurance() -> Assurance:
    now = timezone.now()
    return Assurance(now, now, now)


@transaction.atomic
def _date_back(document: Document, plan: Plan, when: datetime) -> None:
    Document.objects.filter(pk=document.pk).update(created=when)
    for number, after in enumerate([0.0, *(later.hours for later in plan.later)], start=1):
        at = when + timedelta(hours=after)
        Version.objects.filter(document=document, number=number).update(received_at=at)
    for order, line in enumerate(Reading.objects.filter(document=document).order_by("began"), start=1):
        began = min(when + timedelta(hours=5 * order), timezone.now())
        Reading.objects.filter(pk=line.pk).update(began=began, last=began + timedelta(minutes=order))
