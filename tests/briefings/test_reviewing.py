"""The second pair of eyes: one other official, one revision, one answer, whoever comes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections, transaction
from django.http import Http404

from audit.models import Event
from briefings.models import Briefing, Draft, Portion, Review, State
from briefings.queries import drafts as queries
from briefings.services import drafting, reviewing
from clearance.markings import from_text
from tests.briefings import desk as on
from tests.briefings.desk import Desk, content, draft_of, review_of
from tests.world import World, as_owner, being

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(world: World) -> Desk:
    return on.desk(world)


def test_approval_publishes_and_leaves_one_event_an_act(desk: Desk) -> None:
    review = review_of(desk)
    with being(desk.reviewer) as actor:
        briefing = reviewing.approve(actor=actor, review=review)
        assert briefing is not None
        assert Draft.objects.get().state == State.PUBLISHED
        assert Draft.objects.get().briefing_id == briefing.pk
    with as_owner():
        made = Event.objects.exclude(act__startswith="key").values_list("act", "label", "person_id")
        assert sorted(made) == sorted(
            [("draft.approve", "HI//SEMICON", desk.reviewer.pk), ("briefing.publish", "PUBLIC", desk.reviewer.pk)]
            + [("briefing.section", marking, desk.reviewer.pk) for marking in on.LEVELS]
        )


def test_the_author_can_not_approve_neither_by_service_nor_in_the_database(desk: Desk) -> None:
    review = review_of(desk)
    with being(desk.author) as actor, pytest.raises(Http404):
        reviewing.approve(actor=actor, review=review)
    with being(desk.author), pytest.raises(DatabaseError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(answer="APPROVED", answered_at=review.asked_at)
    said = {
        "circle": desk.audience.circle, "marking": from_text("PUBLIC"), "title": "一人で公表", "kind": "SUPPLY",
        "severity": 1, "likelihood": 1, "confidence": 50, "concerns": {}, "originator": desk.world.ministry,
    }  # fmt: skip
    for who, author in ((desk.author, desk.author), (desk.author, desk.reviewer), (desk.reviewer, desk.author)):
        with being(who), pytest.raises(DatabaseError), transaction.atomic():
            Briefing(author=author, approved_by=who, **said).save(force_insert=True)


def test_a_firms_person_who_writes_in_the_circle_publishes_nothing(desk: Desk, world: World) -> None:
    briefing = on.published(desk)
    with being(world.engineer):
        assert Briefing.objects.filter(pk=briefing.pk).update(kind="CYBER") == 0
        assert Portion.objects.update(place=9) == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            Portion(
                briefing=briefing, slot=briefing.pk, place=1, heading="にせ", body="にせ", more={},
                approved_by=world.engineer, marking=from_text("PUBLIC"), circle=world.circle,
            ).save(force_insert=True)  # fmt: skip


def test_an_approval_holds_for_what_was_looked_over(desk: Desk) -> None:
    review = review_of(desk)
    with as_owner():
        Draft.objects.update(revision=2)
    with being(desk.reviewer) as actor, pytest.raises(ValidationError) as told:
        reviewing.approve(actor=actor, review=review)
    assert told.value.code == "overtaken"


def test_what_was_taken_back_is_not_approved(desk: Desk) -> None:
    review = review_of(desk)
    with being(desk.author) as actor:
        drafting.take_back(actor=actor, draft=review.draft)
    with being(desk.reviewer) as actor, pytest.raises(ValidationError):
        reviewing.approve(actor=actor, review=review)
    with as_owner():
        assert not Briefing.objects.exists()


def test_it_goes_back_with_a_reason_and_comes_again(desk: Desk) -> None:
    review = review_of(desk)
    with being(desk.reviewer) as actor:
        with pytest.raises(ValidationError):
            reviewing.return_(actor=actor, review=review, note=" ")
        reviewing.return_(actor=actor, review=review, note="出所を書き足してください。")
    with being(desk.author) as actor:
        draft = queries.draft(actor, review.draft.pk)
        assert draft.state == State.RETURNED
        last = queries.last_returned(draft)
        assert last is not None
        assert last.note == "出所を書き足してください。"
        drafting.save(actor=actor, draft=draft, content=content(title="書き足した"), seen=1)
        again = drafting.submit(actor=actor, draft=draft, reviewer=desk.reviewer)
    with being(desk.reviewer) as actor:
        assert [each.pk for each in queries.to_review(actor)] == [again.pk]
        briefing = reviewing.approve(actor=actor, review=again)
        assert briefing is not None
        assert briefing.title == "書き足した"


def test_what_became_unfit_meanwhile_is_not_published(desk: Desk) -> None:
    with as_owner():
        low = on.circle(from_text("SENSITIVE"), desk.reviewer, steward=desk.author)
    review = review_of(desk, draft_of(desk, audience=on.audience_on(low, desk.author), state=State.IN_REVIEW))
    with being(desk.reviewer) as actor, pytest.raises(ValidationError) as told:
        reviewing.approve(actor=actor, review=review)
    assert "第3節" in told.value.messages[0]
    with as_owner():
        assert Review.objects.get().answer == ""
        assert not Briefing.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_approvals_at_once_one_publishes(desk: Desk) -> None:
    review, start = review_of(desk), Barrier(2)

    def approving(_number: int) -> Any:
        try:
            start.wait()
            with being(desk.reviewer) as actor:
                return reviewing.approve(actor=actor, review=Review.objects.get(pk=review.pk))
        except ValidationError as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(approving, range(2)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Briefing", "ValidationError"]
    with as_owner():
        assert Briefing.objects.count() == 1
        assert Portion.objects.count() == 3
        assert Event.objects.filter(act="draft.approve").count() == 1
