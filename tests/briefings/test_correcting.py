"""Corrections: what is raised is raised with its past, and each begins with what was published last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.http import Http404

from briefings import database
from briefings.content import Content, Named
from briefings.delivery import occasions
from briefings.models import Briefing, Delivery, Portion, State
from briefings.services import drafting, reviewing
from clearance.markings import from_text
from clearance.models import NamedHandler
from tests.briefings import desk as on
from tests.briefings.desk import BODIES, HEADINGS, Desk, content, corrected, draft_of, portions_of, review_of
from tests.briefings.feeds import WORDS, machine
from tests.briefings.readers import long_ago, looks
from tests.world import World, as_owner, as_role, authorise, being, join, person, sign_in

pytestmark = pytest.mark.django_db
VERSIONS = ("", "?match[version]=all", "?match[version]=first")


@pytest.fixture
def desk(world: World) -> Desk:
    return on.desk(world)


def publish(desk: Desk, written: Content) -> Briefing:
    review = review_of(desk, draft_of(desk, written, state=State.IN_REVIEW))
    with being(desk.reviewer) as actor:
        made = reviewing.approve(actor=actor, review=review)
    assert made is not None
    long_ago(made)
    return made


def with_section(number: int, **changed: object) -> Callable[[Content], Content]:
    def change(said: Content) -> Content:
        sections = list(said.sections)
        sections[number] = replace(sections[number], **changed)  # type: ignore[arg-type]
        return replace(said, sections=tuple(sections))

    return change


def test_what_is_raised_is_raised_with_all_that_stood_there_before(desk: Desk, world: World) -> None:
    low, high = machine(world, 1), machine(world, 2)
    written = content(("PUBLIC", "SENSITIVE", "SENSITIVE"))
    sections = (
        written.head,
        replace(written.sections[1], named=(Named("threat-actor", WORDS[1]),)),
        written.sections[2],
    )
    briefing = publish(desk, replace(written, sections=sections))
    told = (HEADINGS[1], "代わりの調達先", "別の調達先", WORDS[1])
    corrected(desk, briefing, with_section(1, body="別の調達先は半年後の見込みです。"))
    seen = low.everything()
    assert all(each in seen for each in (told[0], told[2], told[3])), "as long as it lies under their level"
    corrected(desk, briefing, with_section(1, marking="HI//SEMICON"))

    with as_owner():
        late = person(world.partner, "遅れてきた者")
        authorise(late, 1)
        NamedHandler.objects.create(circle=world.circle, organisation=world.partner, person=late)
    for who in (world.foreign, late):
        client = sign_in(who)
        pages = b"".join([*looks(client, briefing).values(), client.get("/briefings/?q=調達先").content])
        for each in told[1:]:
            assert each not in pages.decode(errors="replace").replace('value="調達先"', ""), (who.name, each)
        with being(who):
            assert [each.body for each in Portion.objects.order_by("place")] == [BODIES[0], BODIES[2]]
    for which in VERSIONS:
        objects = str(low.objects("SENSITIVE", which))
        assert BODIES[2] in objects, which
        assert not any(each in objects for each in told), which
    # Whoever may read it as it stands reads it, and is told no less.
    assert "別の調達先" in sign_in(world.engineer).get(f"/briefings/{briefing.pk}/").content.decode()
    assert "別の調達先" in str(high.objects("HI//SEMICON"))
    # What stood under no lower marking stays, as the change it is.
    corrected(desk, briefing, with_section(1, body="調達先は未定です。"))
    with being(world.engineer):
        there = Portion.objects.filter(place=1).order_by("created")
        assert [each.body for each in there] == ["別の調達先は半年後の見込みです。", "調達先は未定です。"]


def test_nobody_hides_what_no_approved_correction_raised(desk: Desk, world: World) -> None:
    briefing = on.published(desk)
    for who in (world.engineer, desk.author):
        with being(who), pytest.raises(DatabaseError), transaction.atomic():
            database.hide_raised(briefing)


def test_a_correction_begins_with_what_was_published_last_or_not_at_all(desk: Desk, world: World) -> None:
    with as_owner():
        lower = person(world.ministry, "官 六郎", "OFFICIAL")
        authorise(lower, 1, basis="OFFICIAL")
        join(desk.bureau.circle, lower)
        join(world.circle, lower)
    sensitive = draft_of(desk, content(("PUBLIC", "SENSITIVE")), marking=from_text("SENSITIVE"), state=State.IN_REVIEW)
    review = review_of(desk, sensitive)
    with being(desk.reviewer) as actor:
        briefing = reviewing.approve(actor=actor, review=review)
    assert briefing is not None
    link = f"/briefings/drafts/correct/{briefing.pk}/"
    assert 'type="radio"' in sign_in(lower).get(link).content.decode()
    with being(desk.author) as actor:
        draft = drafting.correct(actor=actor, bureau=desk.bureau, briefing=briefing)
        said = Content.read(draft.content)
        more = replace(
            said, sections=(replace(said.head, body="直した"), said.sections[1], on.section("HI//SEMICON", "秘の追補"))
        )
        drafting.save(actor=actor, draft=draft, content=more, seen=1)
    # One in the making that the corrector may not read is one in the making.
    with being(lower) as actor, pytest.raises(ValidationError) as told:
        drafting.correct(actor=actor, bureau=desk.bureau, briefing=briefing)
    assert told.value.code == "open"
    with being(desk.author) as actor:
        review = drafting.submit(actor=actor, draft=draft, reviewer=desk.reviewer)
    with being(desk.reviewer) as actor:
        reviewing.approve(actor=actor, review=review)
    # From the older draft, what was corrected since would be undone without a word.
    with being(lower) as actor, pytest.raises(Http404):
        drafting.correct(actor=actor, bureau=desk.bureau, briefing=briefing)
    assert "この情報の訂正を始められません" in sign_in(lower).get(link).content.decode()
    assert portions_of(briefing)[0].body == "直した"
    with being(world.engineer):
        assert database.last_draft(briefing) is None


def test_a_correction_of_what_is_said_of_the_whole_is_told_to_every_reader(desk: Desk, world: World) -> None:
    readers = (world.colleague, world.foreign, world.engineer)
    briefing = publish(desk, content())
    with as_role("portal_worker"):
        occasions.spread_due()
    corrected(desk, briefing, lambda said: replace(said, title="別の題名"))
    with as_role("portal_worker"):
        occasions.spread_due()
    with as_owner():
        found = Delivery.objects.filter(kind="CORRECTED").values_list("person_id", flat=True)
        assert set(found) >= {each.pk for each in readers}
