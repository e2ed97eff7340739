"""Writing: nobody writes over what they have not seen, and what is put forward is fit to go where it goes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.http import Http404
from django.utils import timezone

from audit.models import Event
from briefings.content import Content
from briefings.kinds import Kind
from briefings.models import Draft, Review, State
from briefings.queries import drafts as queries
from briefings.services import drafting
from clearance.clock import today
from clearance.markings import from_text, marking
from documents.models import Document
from tests.briefings import desk as on
from tests.briefings.desk import Desk, content, draft_of, section
from tests.world import World, as_owner, authorise, being, circle, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(world: World) -> Desk:
    return on.desk(world)


def acts() -> list[str]:
    with as_owner():
        return list(Event.objects.filter(act__startswith="draft.").order_by("at", "id").values_list("act", flat=True))


def refused(told: pytest.ExceptionInfo[ValidationError]) -> dict[str, str]:
    return {str(error.code): "".join(error.messages) for error in told.value.error_list}


def submit(desk: Desk, draft: Draft, **given: Any) -> Review:
    with being(desk.author) as actor:
        return drafting.submit(actor=actor, draft=draft, reviewer=given.pop("reviewer", desk.reviewer), **given)


def test_a_draft_begins_with_its_kinds_template_and_is_kept_half_written(desk: Desk) -> None:
    with being(desk.author) as actor:
        draft = drafting.start(actor=actor, bureau=desk.bureau, kind=Kind.SUPPLY, marking=marking(1))
        begun = Content.read(draft.content)
        assert begun.sections
        assert {each.marking for each in begun.sections} == {"SENSITIVE"}
        half = replace(begun, title="", sections=(replace(begun.head, heading="", marking="SENSITIVE"), section("")))
        saved = drafting.save(actor=actor, draft=draft, content=half, seen=1)
        assert saved.revision == 2
        assert [each.marking for each in Content.read(saved.content).sections] == ["SENSITIVE", "SENSITIVE"]
    assert acts() == ["draft.start", "draft.save"]


def test_a_draft_rises_with_its_highest_section_and_still_opens(desk: Desk) -> None:
    with being(desk.author) as actor:
        draft = drafting.start(actor=actor, bureau=desk.bureau, kind=Kind.CYBER, marking=marking(0))
        drafting.save(actor=actor, draft=draft, content=content(), seen=1)
        assert Draft.objects.get().marking.text == "HI//SEMICON"
        assert Content.read(Draft.objects.get().content).title == on.TITLE
        drafting.save(actor=actor, draft=draft, content=content(("PUBLIC",)), seen=2)
        assert Draft.objects.get().marking.text == "HI//SEMICON", "it never sinks"


def test_two_who_save_at_once_both_keep_their_words(desk: Desk) -> None:
    draft = draft_of(desk)
    with being(desk.author) as actor:
        drafting.save(actor=actor, draft=draft, content=content(title="先に保存した題"), seen=1)
    with being(desk.reviewer) as actor:
        mine = content(title="あとから保存する題")
        with pytest.raises(drafting.Overtaken) as overtaken:
            drafting.save(actor=actor, draft=draft, content=mine, seen=1)
        assert Content.read(overtaken.value.draft.content).title == "先に保存した題"
        assert overtaken.value.mine == mine
        drafting.save(actor=actor, draft=draft, content=mine, seen=2)


def test_a_section_beyond_the_writer_or_the_bureau_is_refused_by_its_number(desk: Desk) -> None:
    draft = draft_of(desk)
    with being(desk.author) as actor, pytest.raises(ValidationError) as told:
        drafting.save(actor=actor, draft=draft, content=content(("PUBLIC", "HI//BATTERY", "NONSENSE")), seen=1)
    assert [message[:3] for message in told.value.messages] == ["第2節", "第3節"]
    with being(desk.author, 1) as actor, pytest.raises(Http404):
        drafting.save(actor=actor, draft=draft, content=content(), seen=1)  # the draft itself asks for a second factor


def test_only_officials_of_the_bureau_see_drafts_and_reviews(desk: Desk, world: World) -> None:
    on.review_of(desk)
    for who in (world.engineer, world.secretary, world.clearance_officer, world.outsider):
        with being(who) as actor:
            assert not Draft.objects.exists()
            assert not Review.objects.exists()
            assert not queries.bureaus(actor)
            assert not queries.audiences(actor)
            assert not list(queries.drafts(actor))
            with pytest.raises(Http404):
                drafting.start(actor=actor, bureau=desk.bureau, kind=Kind.SUPPLY, marking=marking(1))
    with being(desk.reviewer) as actor:
        assert len(queries.to_review(actor)) == 1


WRONG: list[tuple[Content, str]] = [
    (content(title=" "), "title"),
    (content(("SENSITIVE", "PUBLIC")), "below_head"),
    (content(("HI//SEMICON", "SENSITIVE")), "below_head"),
    (content(("PUBLIC",), sections=(section("PUBLIC", heading=""),)), "heading"),
    (content(("PUBLIC",), sections=(section("PUBLIC", body=""),)), "body"),
    (content(expires_on="2020-01-01"), "expires_on"),
    (content(acknowledge_by="2020-01-01"), "acknowledge_by"),
    (content(expires_on="そのうち"), "date"),
]


@pytest.mark.parametrize(("wrong", "code"), WRONG)
def test_what_is_not_fit_is_not_put_forward(desk: Desk, wrong: Content, code: str) -> None:
    draft = draft_of(desk, wrong)
    with pytest.raises(ValidationError) as told:
        submit(desk, draft)
    assert code in refused(told)


def test_a_section_above_the_audience_is_named(desk: Desk, world: World) -> None:
    with as_owner():
        low = circle(marking(1), world.second_official, steward=world.official)
    draft = draft_of(desk, audience=on.audience_on(low, world.official))
    with pytest.raises(ValidationError) as told:
        submit(desk, draft)
    assert refused(told) == {"above_audience": "第3節「秘の詳細」：宛先が取り扱える格付の上限を超えています。"}


def test_documents_of_a_section_are_for_its_readers_alone(desk: Desk, world: World) -> None:
    def paper(where: Any, marked: str) -> str:
        made = Document(
            circle=where, marking=from_text(marked), title="資料", originator=world.ministry,
            handed_over_by=world.official, kind="PDF",
        )  # fmt: skip
        made.save(force_insert=True)
        return str(made.pk)

    with as_owner():
        fit, high, elsewhere = (
            paper(world.circle, "SENSITIVE"), paper(world.circle, "HI//SEMICON"), paper(world.other_circle, "PUBLIC")
        )  # fmt: skip
    first, second, third = content().sections
    for documents, code in (([high], "document_above"), ([elsewhere], "document_elsewhere")):
        draft = draft_of(desk, content(sections=(first, replace(second, documents=tuple(documents)), third)))
        with pytest.raises(ValidationError) as told:
            submit(desk, draft)
        assert code in refused(told)
        assert refused(told)[code].startswith("第2節")
    draft = draft_of(
        desk, content(sections=(first, replace(second, documents=(fit,)), replace(third, documents=(high,))))
    )
    submit(desk, draft)


def test_nobody_looks_over_their_own(desk: Desk, world: World) -> None:
    draft = draft_of(desk)
    with being(desk.reviewer) as actor:
        drafting.save(actor=actor, draft=draft, content=content(), seen=1)
        assert not queries.reviewers(actor, queries.draft(actor, draft.pk)).exists()
    for own in (desk.author, desk.reviewer):
        with pytest.raises(ValidationError) as told:
            submit(desk, draft, reviewer=own)
        assert "reviewer" in told.value.error_dict
        with being(desk.author), pytest.raises(DatabaseError), transaction.atomic():
            Review(draft=draft, revision=2, asked_by=desk.author, reviewer=own).save(force_insert=True)
    with pytest.raises(ValidationError):
        submit(desk, draft, reviewer=world.clearance_officer)


def test_a_reviewer_who_could_not_publish_is_not_asked(desk: Desk, world: World) -> None:
    with as_owner():
        third = person(world.ministry, "官 三郎", "OFFICIAL")
        authorise(third, 2, "SEMICON", basis="OFFICIAL")
        on.join(desk.bureau.circle, third)
    draft = draft_of(desk)
    with pytest.raises(ValidationError) as told:
        submit(desk, draft, reviewer=third)
    assert told.value.error_dict["reviewer"][0].code == "not_in_audience"


def test_what_is_looked_over_is_not_changed_and_can_be_taken_back(desk: Desk) -> None:
    draft = draft_of(desk)
    submit(desk, draft)
    with being(desk.author) as actor:
        for change in (
            lambda: drafting.save(actor=actor, draft=draft, content=content(), seen=1),
            lambda: drafting.drop(actor=actor, draft=draft),
            lambda: drafting.set_audience(actor=actor, draft=draft, audience=desk.audience),
            lambda: drafting.submit(actor=actor, draft=draft, reviewer=desk.reviewer),
        ):
            with pytest.raises(ValidationError):
                change()
    with being(desk.reviewer) as actor, pytest.raises(ValidationError):
        drafting.take_back(actor=actor, draft=draft)
    with being(desk.author) as actor:
        assert drafting.take_back(actor=actor, draft=draft).state == State.WRITING
        assert drafting.drop(actor=actor, draft=draft).state == State.DROPPED
    assert acts() == ["draft.submit", "draft.take_back", "draft.drop"]


def test_a_time_already_past_is_no_time_to_publish(desk: Desk) -> None:
    with pytest.raises(ValidationError):
        submit(desk, draft_of(desk), release_at=timezone.now() - timedelta(minutes=1))


def test_a_correction_begins_with_what_was_published_whole(desk: Desk, world: World) -> None:
    briefing = on.published(desk, content(expires_on=str(today() + timedelta(days=3))))
    with being(desk.reviewer) as actor:
        draft = drafting.correct(actor=actor, bureau=desk.bureau, briefing=briefing)
        assert [each.body for each in Content.read(draft.content).sections] == list(on.BODIES)
        assert (draft.corrects_id, draft.audience_id, draft.marking.text) == (
            briefing.pk, desk.audience.pk, "HI//SEMICON"
        )  # fmt: skip
        with pytest.raises(ValidationError):
            drafting.correct(actor=actor, bureau=desk.bureau, briefing=briefing)
    with being(world.engineer) as actor, pytest.raises(Http404):
        drafting.correct(actor=actor, bureau=desk.bureau, briefing=briefing)
