"""What readers of several levels get, what a correction changes for them, and what comes at its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations_with_replacement
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import Appointment
from audit.models import Event
from briefings import after, tasks
from briefings.content import Content
from briefings.models import Briefing, Draft, Portion, Review, State
from briefings.queries import drafts as queries
from briefings.services import drafting, publishing, reviewing
from clearance.clock import end_of, today
from clearance.models import Authorisation, Circle, CircleMember
from tests.briefings import desk as on
from tests.briefings.desk import Desk, content, draft_of, review_of, section
from tests.world import World, as_owner, as_role, being
from vault import Unreadable
from vault.fields import SealedField

pytestmark = pytest.mark.django_db
READS = {"outsider": -1, "colleague": 0, "foreign": 1, "engineer": 2, "official": 2}


@pytest.fixture
def desk(world: World) -> Desk:
    return on.desk(world)


@pytest.fixture
def followed() -> Iterator[list[Any]]:
    """What the hooks were told."""
    told: list[Any] = []
    here, there = (lambda briefing, portions: told.append((briefing, list(portions)))), told.append
    after.published.append(here)
    after.retracted.append(there)
    yield told
    after.published.remove(here)
    after.retracted.remove(there)


def publish(desk: Desk, written: Content, **given: Any) -> Briefing:
    review = review_of(desk, draft_of(desk, written, state=State.IN_REVIEW, **given))
    with being(desk.reviewer) as actor:
        made = reviewing.approve(actor=actor, review=review)
    assert made is not None
    return made


@pytest.mark.parametrize("markings", list(combinations_with_replacement(on.LEVELS, 3)))
def test_each_reader_gets_exactly_their_sections(desk: Desk, world: World, markings: tuple[str, ...]) -> None:
    publish(desk, content(markings))
    for name, highest in READS.items():
        held = on.LEVELS[: highest + 1]
        with being(getattr(world, name)):
            mine = list(Portion.objects.order_by("place"))
            assert [each.seal_label.text for each in mine] == [each for each in markings if each in held], name
            assert [each.heading for each in mine] == [
                on.HEADINGS[number] for number, each in enumerate(markings) if each in held
            ]
            assert [each.title for each in Briefing.objects.all()] == ([on.TITLE] if markings[0] in held else [])


def test_nothing_of_a_hidden_section_stands_in_what_its_lower_readers_see(desk: Desk, world: World) -> None:
    """The rows a reader gets of one with and one without it are alike, but for their keys and moments."""

    def seen() -> list[list[Any]]:
        heads = ("kind", "severity", "likelihood", "confidence", "title", "concerns", "acknowledge_by", "expires_at")
        parts = ("heading", "body", "more", "until", "ask_again", "place", "level")
        with being(world.foreign):
            return [
                [[getattr(row, name) for name in (*names, "marking_id")] for row in rows.order_by("created", "id")]
                for names, rows in ((heads, Briefing.objects.all()), (parts, Portion.objects.all()))
            ]

    publish(desk, content(on.LEVELS[:2]))
    without = seen()
    with as_owner():
        Portion.objects.update(withdrawn=True)
        Briefing.objects.update(withdrawn=True)
    publish(desk, content())
    assert seen() == without


def test_those_who_follow_hear_of_it_once(desk: Desk, followed: list[Any]) -> None:
    briefing = publish(desk, content())
    assert [(head, len(portions)) for head, portions in followed] == [(briefing, 3)]
    with being(desk.author) as actor:
        publishing.retract(actor=actor, briefing=briefing, reason_code="MISTAKEN")
    assert followed[1:] == [briefing.pk]


def test_what_expires_is_there_until_the_end_of_its_day(desk: Desk, world: World) -> None:
    day = today() + timedelta(days=2)
    briefing = publish(desk, content(expires_on=str(day), acknowledge_by=str(day)))
    assert briefing.expires_at == end_of(day)
    with as_owner():
        assert set(Portion.objects.values_list("expires_at", flat=True)) == {end_of(day)}
        past = timezone.now() - timedelta(seconds=1)
        Briefing.objects.update(expires_at=past)
        Portion.objects.update(expires_at=past)
    with being(world.engineer):
        assert not Briefing.objects.exists()
        assert not Portion.objects.exists()


# --- corrections ---------------------------------------------------------------------------------------------


def test_a_correction_touches_what_it_changes_and_nothing_else(desk: Desk, world: World) -> None:
    briefing = publish(desk, content(("PUBLIC", "SENSITIVE", "SENSITIVE", "HI//SEMICON")))
    with as_owner():
        first, second, third, fourth = Portion.objects.order_by("place")

    def change(said: Content) -> Content:
        one, two, _three, four = said.sections
        new = section("SENSITIVE", "新しい節", "追加の情報です。", ask_again=True)
        return replace(said, sections=(one, new, four, replace(two, body="直しました。")), severity=4)

    again = on.corrected(desk, briefing, change)
    assert again.severity == 4
    with as_owner():
        rows = {each.pk: each for each in Portion.objects.all()}
        running = list(Portion.objects.filter(until__isnull=True).order_by("place"))
        assert [each.heading for each in running] == [first.heading, "新しい節", fourth.heading, second.heading]
        assert [each.pk in {first.pk, fourth.pk} for each in running] == [True, False, True, False]
        assert rows[second.pk].until == rows[third.pk].until == running[1].created == running[3].created
        assert running[3].slot == second.slot
        assert [each.ask_again for each in running] == [False, True, False, False]
        for kept in (first, fourth):
            assert rows[kept.pk].created == kept.created
            assert bytes(rows[kept.pk].wrapped_key) == bytes(kept.wrapped_key)
        acts = list(
            Event.objects.filter(act__startswith="briefing.").order_by("at", "id").values_list("act", flat=True)
        )
    assert sorted(acts[5:]) == ["briefing.correct", "briefing.section", "briefing.section"]


def test_a_correction_of_a_hidden_section_changes_nothing_for_lower_readers(desk: Desk, world: World) -> None:
    briefing = publish(desk, content())

    def rows() -> list[Any]:
        with being(world.foreign):
            plain = [
                [field.attname for field in model._meta.concrete_fields if not isinstance(field, SealedField)]
                for model in (Briefing, Portion)
            ]
            heads, parts = Briefing.objects.order_by("pk"), Portion.objects.order_by("pk")
            return [*heads.values(*plain[0]), *parts.values(*plain[1]), *([each.body, each.more] for each in parts)]

    before = rows()
    hidden: dict[str, Any] = {"body": "直した詳細です。", "ask_again": True}
    on.corrected(
        desk, briefing, lambda said: replace(said, sections=(*said.sections[:2], replace(said.sections[2], **hidden)))
    )
    assert rows() == before
    with being(world.engineer):
        assert Portion.objects.filter(until__isnull=True).get(ask_again=True).body == "直した詳細です。"


def test_a_correction_keeps_the_heads_marking(desk: Desk) -> None:
    briefing = publish(desk, content())
    with being(desk.author) as actor:
        draft = drafting.correct(actor=actor, bureau=desk.bureau, briefing=briefing)
        said = Content.read(draft.content)
        higher = replace(said, sections=(replace(said.head, marking="SENSITIVE"), *said.sections[1:]))
        drafting.save(actor=actor, draft=draft, content=higher, seen=1)
        with pytest.raises(ValidationError) as told:
            drafting.submit(actor=actor, draft=draft, reviewer=desk.reviewer)
    assert [error.code for error in told.value.error_list] == ["head_marking"]


# --- scheduled release ---------------------------------------------------------------------------------------


def scheduled(desk: Desk, *, due: bool = True) -> Draft:
    """Approved for a time, which has come unless told otherwise."""
    at = timezone.now() + timedelta(hours=1)
    review = review_of(desk, draft_of(desk, state=State.IN_REVIEW, release_at=at))
    with being(desk.reviewer) as actor:
        assert reviewing.approve(actor=actor, review=review) is None
    with as_owner():
        assert not Briefing.objects.exists()
        if due:
            Draft.objects.update(release_at=timezone.now() - timedelta(seconds=1))
        return Draft.objects.get()


def run() -> None:
    with as_role("portal_worker"):
        tasks.release_due()


def test_nothing_comes_before_its_time(desk: Desk) -> None:
    scheduled(desk, due=False)
    run()
    with as_owner():
        assert Draft.objects.get().state == State.APPROVED
        assert not Briefing.objects.exists()


def test_it_comes_once_however_often_the_worker_looks(desk: Desk, world: World, followed: list[Any]) -> None:
    scheduled(desk)
    run()
    run()
    assert len(followed) == 1
    with being(world.foreign):
        assert [each.title for each in Briefing.objects.all()] == [on.TITLE]
        assert Portion.objects.count() == 2
    with as_owner():
        assert Draft.objects.get().state == State.PUBLISHED
        briefing = Briefing.objects.get()
        assert (briefing.author_id, briefing.approved_by_id) == (desk.author.pk, desk.reviewer.pk)
        released = Event.objects.get(act="briefing.publish")
        assert released.person_id is None
        assert released.detail["approved_by"] == str(desk.reviewer.pk)


@pytest.mark.parametrize("who", ["author", "reviewer"])
@pytest.mark.parametrize("lost", ["duty", "authorisation", "account"])
def test_whoever_is_no_longer_entitled_releases_nothing(desk: Desk, who: str, lost: str) -> None:
    draft, person = scheduled(desk), getattr(desk, who)
    with as_owner():
        now = timezone.now()
        if lost == "duty":
            Appointment.objects.filter(person=person).update(until=now)
        elif lost == "authorisation":
            Authorisation.objects.filter(person=person).update(until=now)
        else:
            person.is_active = False
            person.save(update_fields=["is_active"])
    run()
    run()
    with as_owner():
        assert Draft.objects.get().state == State.RETURNED
        assert not Briefing.objects.exists()
        review = Review.objects.get()
        review.draft = draft
        assert review.answer == "RETURNED"
        assert review.note.startswith({"author": "作成者", "reviewer": "承認者"}[who])
        assert Event.objects.filter(act="draft.return").count() == 1


@pytest.mark.parametrize(("lost", "said"), [("closed", "宛先"), ("observer", "承認者")])
def test_nothing_is_released_where_nobody_may_write_any_more(desk: Desk, lost: str, said: str) -> None:
    draft = scheduled(desk)
    with as_owner():
        if lost == "closed":
            Circle.objects.filter(pk=desk.audience.circle_id).update(closed_at=timezone.now())
        else:
            in_it = CircleMember.objects.filter(circle_id=desk.audience.circle_id, person=desk.reviewer)
            assert in_it.update(role="OBSERVER") == 1
    run()
    with as_owner():
        assert Draft.objects.get().state == State.RETURNED
        assert not Briefing.objects.exists()
        review = Review.objects.get()
        review.draft = draft
        assert review.note.startswith(said)


def test_what_no_longer_fits_goes_back_and_says_which_section(desk: Desk) -> None:
    draft = scheduled(desk)
    with as_owner():
        low = on.circle(on.from_text("SENSITIVE"), desk.reviewer, steward=desk.author)
        Draft.objects.update(audience=on.audience_on(low, desk.author))
    run()
    with being(desk.author) as actor:
        last = queries.last_returned(queries.draft(actor, draft.pk))
        assert last is not None
        assert last.note.startswith("第3節")


def test_an_approval_taken_back_releases_nothing(desk: Desk) -> None:
    draft = scheduled(desk)
    with being(desk.author) as actor:
        assert drafting.take_back(actor=actor, draft=draft).revision == 2
    run()
    with as_owner():
        assert not Briefing.objects.exists()


def test_one_that_fails_keeps_none_of_the_others_waiting(desk: Desk) -> None:
    broken = scheduled(desk)
    with as_owner():
        Draft.objects.update(
            state=State.APPROVED, release_at=timezone.now() - timedelta(minutes=9), wrapped_key=b"spoilt"
        )
        sound = draft_of(desk, state=State.APPROVED, release_at=timezone.now() - timedelta(seconds=1))
        now: datetime = timezone.now()
        Review.objects.create(
            draft=sound, revision=1, asked_by=desk.author, reviewer=desk.reviewer, answer="APPROVED", answered_at=now
        )
    with as_role("portal_worker"), pytest.raises(ExceptionGroup) as told:
        tasks.release_due()
    assert [type(each) for each in told.value.exceptions] == [Unreadable]
    with as_owner():
        states = dict(Draft.objects.values_list("pk", "state"))
    assert states == {broken.pk: State.APPROVED, sound.pk: State.PUBLISHED}


def test_a_correction_comes_at_its_time_too(desk: Desk, world: World) -> None:
    briefing = publish(desk, content())
    with being(desk.author) as actor:
        draft = drafting.correct(actor=actor, bureau=desk.bureau, briefing=briefing)
        said = Content.read(draft.content)
        changed = replace(said, title="題名を直した", sections=(said.head, replace(said.sections[2], body="直した")))
        drafting.save(actor=actor, draft=draft, content=changed, seen=1)
        at = timezone.now() + timedelta(hours=1)
        review = drafting.submit(actor=actor, draft=draft, reviewer=desk.reviewer, release_at=at)
    with being(desk.reviewer) as actor:
        assert reviewing.approve(actor=actor, review=review) is None
    with as_owner():
        Draft.objects.filter(pk=draft.pk).update(release_at=timezone.now() - timedelta(seconds=1))
    run()
    with being(world.engineer):
        assert [each.title for each in Briefing.objects.all()] == ["題名を直した"]
        running = Portion.objects.filter(until__isnull=True).order_by("place")
        assert [each.body for each in running] == [on.BODIES[0], "直した"]


def test_a_correction_of_what_was_retracted_meanwhile_goes_back(desk: Desk) -> None:
    briefing = publish(desk, content())
    with being(desk.author) as actor:
        draft = drafting.correct(actor=actor, bureau=desk.bureau, briefing=briefing)
        review = drafting.submit(actor=actor, draft=draft, reviewer=desk.reviewer)
        publishing.retract(actor=actor, briefing=briefing, reason_code="MISTAKEN")
    with being(desk.reviewer) as actor, pytest.raises(ValidationError) as told:
        reviewing.approve(actor=actor, review=review)
    assert [error.code for error in told.value.error_list] == ["gone"]
