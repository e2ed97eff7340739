"""The demo's bureau, audiences and briefings: written, looked over and read through the services. All made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import uuid5

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from clearance.clock import today
from clearance.markings import from_text
from clearance.services import circles
from dialogues.models import Room

from ..content import Content
from ..models import Audience, Briefing, Bureau, Draft, Portion, Review
from ..services import audiences, drafting, reading, reviewing
from .machines import make_machines
from .plan import NAMESPACE, Plan, being
from .texts import PLANS, ROOM

BUREAU = "経済安全保障 情報分析班"
BUREAU_CEILING = "HI//BATTERY,CYBER,MAGNETS,MINERALS,SEMICON"
COLLEAGUES = ("second_official", "anzen_kanda")
SECTOR, SECTOR_CEILING = "SEMICON", "SENSITIVE"
SECTOR_NAMED = ("engineer", "hokuto_minami", "foreign")
LIST, LIST_CEILING = "蓄電池の部材と組立ての各社", "SENSITIVE//BATTERY"
LIST_FIRMS = ("hekisui_mukai", "todai_matsuo")
LIST_PEOPLE = ("hekisui_mukai", "todai_matsuo", "todai_arima", "chikuden_nomura")


def make_briefings(people: Mapping[str, Person], rooms: Mapping[str, Room]) -> list[Draft]:
    """Make what is missing of the demo's bureau, audiences and briefings. May run again.

    It moves their dates into the past, so it runs as the owner (accounts.operator.as_owner), outside any context.
    """
    bureau = Bureau.objects.filter(opened_by=people["official"]).first() or _bureau(people)
    there = {
        "sector": Audience.objects.filter(opened_by=people["official"], kind=Audience.Kind.SECTOR).first()
        or _sector(people),
        "list": Audience.objects.filter(opened_by=people["official"], kind=Audience.Kind.LIST).first() or _list(people),
    }
    drafts = Draft.objects.filter(circle_id=bureau.circle_id)
    begun = {each.slot for draft in drafts for each in Content.read(draft.content).sections}
    made = []
    for plan in PLANS:
        if _slot(plan, 0) in begun or not (plan.audience in there or plan.audience in rooms):
            continue
        audience = there.get(plan.audience) or _of_room(people, rooms[plan.audience])
        made.append(_draft(plan, people, bureau, audience))
    if ROOM in rooms:
        make_machines(people, rooms[ROOM])
    return made


@transaction.atomic
def _bureau(people: Mapping[str, Person]) -> Bureau:
    with being(people["official"]) as actor:
        bureau = audiences.open_bureau(actor=actor, name=BUREAU, ceiling=from_text(BUREAU_CEILING))
    with being(people["official"]) as actor:
        for colleague in COLLEAGUES:
            audiences.add_official(actor=actor, bureau=bureau, person=people[colleague])
    return bureau


@transaction.atomic
def _sector(people: Mapping[str, Person]) -> Audience:
    with being(people["official"]) as actor:
        audience = audiences.open_sector(actor=actor, sector=SECTOR, ceiling=from_text(SECTOR_CEILING))
    with being(people["official"]) as actor:
        for named in SECTOR_NAMED:
            circles.name_handler(actor=actor, circle=audience.circle, person=people[named])
    return audience


@transaction.atomic
def _list(people: Mapping[str, Person]) -> Audience:
    with being(people["official"]) as actor:
        return audiences.open_list(
            actor=actor, name=LIST, ceiling=from_text(LIST_CEILING),
            organisations=[people[each].organisation for each in LIST_FIRMS],
            people=[people[each] for each in LIST_PEOPLE],
        )  # fmt: skip


def _of_room(people: Mapping[str, Person], room: Room) -> Audience:
    with being(people["official"]) as actor:
        return audiences.for_room(actor=actor, room=room)


@transaction.atomic
def _draft(plan: Plan, people: Mapping[str, Person], bureau: Bureau, audience: Audience) -> Draft:
    """All the way a briefing takes, or none of it."""
    author, reviewer = people[plan.author], people[plan.reviewer]
    content = _content(plan)
    with being(author) as actor:
        draft = drafting.start(actor=actor, bureau=bureau, kind=plan.kind, marking=from_text(content.head.marking))
        drafting.save(actor=actor, draft=draft, content=content, seen=1)
        drafting.set_audience(actor=actor, draft=draft, audience=audience)
        review = drafting.submit(actor=actor, draft=draft, reviewer=reviewer)
    briefing = None
    if not plan.waiting:
        with being(reviewer) as actor:
            briefing = reviewing.approve(actor=actor, review=review)
    _date_back(plan, draft, review, briefing)
    if briefing is not None:
        _read(plan, people, briefing)
    return draft


def _read(plan: Plan, people: Mapping[str, Person], briefing: Briefing) -> None:
    for reader in plan.read_by:
        with being(people[reader]) as actor:
            found = Briefing.objects.get(pk=briefing.pk)
            reading.open_briefing(actor=actor, briefing=found)
            if reader in plan.acknowledged_by:
                reading.acknowledge(actor=actor, briefing=found)


def _content(plan: Plan) -> Content:
    def day(after: int | None) -> str:
        return "" if after is None else str(today() + timedelta(days=after))

    return Content(
        title=plan.title, kind=plan.kind,
        severity=plan.severity, likelihood=plan.likelihood, confidence=plan.confidence, concerns=plan.concerns,
        acknowledge_by=day(plan.acknowledge_in), expires_on=day(plan.expires_in),
        sections=tuple(replace(each, slot=_slot(plan, place)) for place, each in enumerate(plan.sections)),
    )  # fmt: skip


def _slot(plan: Plan, place: int) -> str:
    """The same whenever the same section is made."""
    return str(uuid5(NAMESPACE, f"{plan.title}/{place}"))


def _date_back(plan: Plan, draft: Draft, review: Review, briefing: Briefing | None) -> None:
    when = timezone.now() - timedelta(days=plan.days)
    asked = when - timedelta(hours=3)
    Draft.objects.filter(pk=draft.pk).update(created=asked - timedelta(hours=20), saved_at=asked - timedelta(minutes=5))
    Review.objects.filter(pk=review.pk).update(asked_at=asked)
    if briefing is not None:
        Review.objects.filter(pk=review.pk).update(answered_at=when)
        Briefing.objects.filter(pk=briefing.pk).update(created=when)
        Portion.objects.filter(briefing=briefing).update(created=when)
