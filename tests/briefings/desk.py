"""A bureau, an audience, drafts and briefings for the stories, as the services would leave them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from accounts.assurance import Assurance
from accounts.models import Person
from audit.acts import Act
from briefings.content import Concerns, Content, Section
from briefings.models import Audience, Briefing, Bureau, Draft, Portion, Review, State
from briefings.services import drafting, reviewing
from clearance.actor import Actor
from clearance.clock import end_of
from clearance.markings import from_text
from clearance.models import Circle, Marking
from clearance.noting import note, note_each
from clearance.reach import NOWHERE
from tests.world import World, as_owner, being, circle, join

# Of the world's circle the colleague reads the first, the foreign partner the second too, the engineer all three.
LEVELS = ("PUBLIC", "SENSITIVE", "HI//SEMICON")
TITLE = "感光材の供給が細るおそれ"
HEADINGS = ("何が起きているか", "関係者への説明", "秘の詳細")
BODIES = (
    "主な産地で大雨が続き、感光材の出荷が遅れています。",
    "代わりの調達先は三か月で立ち上がる見込みです。",
    "在庫は平均で四週間分にとどまります。",
)


@dataclass(frozen=True)
class Desk:
    """Who writes, and for whom: the world's circle."""

    world: World
    bureau: Bureau
    audience: Audience

    @property
    def author(self) -> Person:
        return self.world.official

    @property
    def reviewer(self) -> Person:
        return self.world.second_official


def desk(world: World) -> Desk:
    """A bureau of both officials, and the world's circle as a list that briefings go to."""
    with as_owner():
        inside = circle(world.hi_semicon, world.second_official, steward=world.official)
        bureau = Bureau(circle=inside, marking=from_text("SENSITIVE"), name="供給網の班", opened_by=world.official)
        bureau.save(force_insert=True)
    return Desk(world, bureau, audience_on(world.circle, world.official))


def audience_on(where: Circle, by: Person, kind: str = Audience.Kind.LIST, *, sector: str = "") -> Audience:
    """An audience of that circle, known to its officials alone by name."""
    with as_owner():
        made = Audience(
            circle=where, marking=from_text("SENSITIVE"), kind=kind, name="材料各社の名簿", sector=sector, opened_by=by
        )
        made.save(force_insert=True)
    return made


def join_as_steward(where: Circle, who: Person) -> None:
    with as_owner():
        join(where, who, "STEWARD")


def section(marking: str, heading: str = "見出し", body: str = "本文", **fields: Any) -> Section:
    return Section(heading=heading, body=body, marking=marking, **fields)


def content(markings: Sequence[str] = LEVELS, *, title: str = TITLE, **fields: Any) -> Content:
    """A briefing with a section under each of the markings; of three levels unless told otherwise."""
    sections = tuple(
        section(marking, HEADINGS[number % 3], BODIES[number % 3]) for number, marking in enumerate(markings)
    )
    concerns = Concerns(
        sectors=("SEMICON",),
        steps=("MATERIALS",),
        commodities=("感光材",),
        technologies=("微細加工",),
        regions=("東海",),
    )
    return replace(Content(title=title, concerns=concerns, sections=sections), **fields)


def draft_of(desk: Desk, written: Content | None = None, *, marking: Marking | None = None, **fields: Any) -> Draft:
    """A draft of the author's for the desk's audience, being written unless `state` says otherwise."""
    given: dict[str, Any] = {"author": desk.author, "saved_by": desk.author, "audience": desk.audience} | fields
    with as_owner():
        made = Draft(
            circle=desk.bureau.circle,
            marking=marking or desk.world.hi_semicon,
            content=(written or content()).as_json(),
            **given,
        )
        made.save(force_insert=True)
    return made


def review_of(desk: Desk, draft: Draft | None = None) -> Review:
    """A draft put before the other official."""
    waiting = draft or draft_of(desk, state=State.IN_REVIEW)
    with as_owner():
        if waiting.state != State.IN_REVIEW:
            Draft.objects.filter(pk=waiting.pk).update(state=State.IN_REVIEW)
            waiting.state = State.IN_REVIEW
        return Review.objects.create(
            draft=waiting, revision=waiting.revision, asked_by=desk.author, reviewer=desk.reviewer
        )


def published(desk: Desk, written: Content | None = None, *, audience: Audience | None = None) -> Briefing:
    """A briefing as its readers find it: head, sections, and the log's word on each."""
    said, where = written or content(), (audience or desk.audience).circle
    ends = end_of(said.expiry) if said.expiry else None
    by = Actor(desk.reviewer.pk, desk.reviewer.organisation_id, frozenset(), Assurance(None, None, None), NOWHERE)
    with as_owner():
        at = timezone.now()
        head = Briefing(
            circle=where, marking=from_text(said.head.marking), title=said.title, kind=said.kind,
            severity=said.severity, likelihood=said.likelihood, confidence=said.confidence,
            concerns=said.as_json()["concerns"], acknowledge_by=said.due, expires_at=ends,
            originator=desk.world.ministry, author=desk.author, approved_by=desk.reviewer, created=at,
        )  # fmt: skip
        head.save(force_insert=True)
        sections = [
            Portion(
                briefing=head, slot=each.key, place=place, heading=each.heading, body=each.body, more=each.more,
                ask_again=each.ask_again, approved_by=desk.reviewer, marking=from_text(each.marking), circle=where,
                expires_at=ends, created=at,
            )
            for place, each in enumerate(said.sections)
        ]  # fmt: skip
        for each in sections:
            each.save(force_insert=True)
        Draft(
            circle=desk.bureau.circle, marking=desk.world.hi_semicon, content=said.as_json(), author=desk.author,
            saved_by=desk.author, audience=audience or desk.audience, state=State.PUBLISHED, briefing=head,
        ).save(force_insert=True)  # fmt: skip
        note(by, Act.BRIEFING_PUBLISH, head)
        note_each(by, Act.BRIEFING_SECTION, sections)
    return head


def corrected(desk: Desk, briefing: Briefing, change: Callable[[Content], Content]) -> Briefing:
    """A correction, all the way: by the one who approved it first, approved by the first author."""
    with being(desk.reviewer) as actor:
        draft = drafting.correct(actor=actor, bureau=desk.bureau, briefing=briefing)
        drafting.save(actor=actor, draft=draft, content=change(Content.read(draft.content)), seen=1)
        review = drafting.submit(actor=actor, draft=draft, reviewer=desk.author)
    with being(desk.author) as actor:
        again = reviewing.approve(actor=actor, review=review)
    assert again is not None
    assert again.pk == briefing.pk
    return again


def portions_of(briefing: Briefing) -> list[Portion]:
    """All its running sections, as the owner sees them."""
    with as_owner():
        return list(Portion.objects.filter(briefing=briefing, until__isnull=True).order_by("place"))
