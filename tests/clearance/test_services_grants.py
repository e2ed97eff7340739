"""Grants on single items, the register of who handles each, and what guardian's own shortcuts do not open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Person
from accounts.services import NotAllowed
from clearance.access import Denied, visible_to
from clearance.context import acting
from clearance.markings import marking
from clearance.models import HandlerEntry, Marking
from clearance.services import grants
from tests import world as build
from tests.clearance.acts import recorded
from tests.clearance.papers.models import Paper, PaperGrant
from tests.world import World

pytestmark = pytest.mark.django_db


def by(person: Person, level: int = 4) -> Any:
    return acting(person=person.pk, assurance=build.proved(level))


def paper(world: World, under: Marking) -> Paper:
    with build.as_owner():
        return Paper.objects.create(marking=under, circle=world.circle, wrapped_key=b"", key_version=1)


def reads(person: Person, item: Paper) -> bool:
    """By the predicate and by the database's policy alike."""
    with by(person) as actor:
        by_policy = Paper.objects.filter(pk=item.pk).exists()
        assert visible_to(actor, Paper.objects.filter(pk=item.pk)).exists() == by_policy
    return by_policy


@pytest.fixture
def hi(world: World) -> Paper:
    with build.as_owner():
        return paper(world, marking(2, ["SEMICON"]))


@pytest.fixture
def cesi(world: World, settings: Any) -> Paper:
    """An item of level 3 in the circle, in an enclave: official and second official handle such; so does the engineer,
    whose firm is certified. Its first handler is the official."""
    settings.CEILING = 3
    with build.as_owner():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clearance_deployment SET ceiling = 3")
        for who in (world.official, world.second_official, world.engineer):
            build.authorise(who, 3, "SEMICON", basis="CESI", ministry=world.ministry)
        build.agreement(world.maker, 3)
        under = marking(3, ["SEMICON"])
        world.circle.ceiling = under
        world.circle.save()
    item = Paper(marking=under, circle=world.circle, wrapped_key=b"", key_version=1)
    with by(world.official) as actor:
        grants.first(actor=actor, item=item)
        item.save(force_insert=True)
    return item


def test_a_grant_opens_one_item_to_whom_the_circle_does_not_reach(world: World, hi: Paper) -> None:
    other = paper(world, hi.marking)
    assert not reads(world.outsider, hi)
    with by(world.official) as actor:
        grants.give(actor=actor, item=hi, person=world.outsider)
    assert reads(world.outsider, hi)
    assert not reads(world.outsider, other)
    (event,) = recorded("grant.give")
    assert (event["target_id"], event["level"]) == (str(hi.pk), 2)
    with build.as_owner():
        assert not HandlerEntry.objects.exists()  # levels 0–2 have no register


def test_a_grant_opens_nothing_without_an_authorisation(world: World, hi: Paper) -> None:
    with build.as_owner():
        stranger = build.person(world.outsider.organisation)
    with by(world.official) as actor:
        grants.give(actor=actor, item=hi, person=stranger)
    assert not reads(stranger, hi)


def test_a_grant_ends_on_its_date_and_can_be_given_anew(world: World, hi: Paper) -> None:
    with by(world.official) as actor:
        grants.give(actor=actor, item=hi, person=world.outsider, until=timezone.now() + timedelta(days=1))
    with build.as_owner():
        PaperGrant.objects.update(until=timezone.now() - timedelta(minutes=1))
    assert not reads(world.outsider, hi)
    with by(world.official) as actor:
        grants.give(actor=actor, item=hi, person=world.outsider)
    assert reads(world.outsider, hi)
    with build.as_owner():
        assert PaperGrant.objects.count() == 1


def test_a_grant_struck_closes_the_item(world: World, hi: Paper) -> None:
    with by(world.official) as actor:
        grants.give(actor=actor, item=hi, person=world.outsider)
        grants.strike(actor=actor, item=hi, person=world.outsider)
        with pytest.raises(ValidationError):
            grants.strike(actor=actor, item=hi, person=world.outsider)
    assert not reads(world.outsider, hi)
    assert len(recorded("grant.strike")) == 1


def test_what_may_not_be_given(world: World, hi: Paper) -> None:
    with build.as_owner():
        locked = build.person(world.maker, is_active=False)
    past = timezone.now() - timedelta(days=1)
    with by(world.official) as actor:
        for person, until, code in (
            (world.official, None, "self"),
            (locked, None, "suspended"),
            (world.outsider, past, "past"),
        ):
            with pytest.raises(ValidationError) as refused:
                grants.give(actor=actor, item=hi, person=person, until=until)
            assert refused.value.code == code


@pytest.mark.parametrize(
    "who", ["second_official", "secretary", "engineer", "outsider", "clearance_officer", "auditor"]
)
def test_only_whoever_runs_the_circle_gives_and_strikes(world: World, hi: Paper, who: str) -> None:
    with by(getattr(world, who)) as actor:
        with pytest.raises(Denied):
            grants.give(actor=actor, item=hi, person=world.outsider)
        with pytest.raises(Denied):
            grants.strike(actor=actor, item=hi, person=world.outsider)
        with pytest.raises(DatabaseError), transaction.atomic():
            PaperGrant(user=getattr(world, who), content_object=hi, permission=grants._permission(Paper)).save(
                force_insert=True
            )


def test_the_database_lets_no_steward_grant_to_themselves(world: World, hi: Paper) -> None:
    with by(world.official), pytest.raises(DatabaseError), transaction.atomic():
        PaperGrant(user=world.official, content_object=hi, permission=grants._permission(Paper)).save(force_insert=True)


def test_a_grant_shows_nothing_of_itself_to_others(world: World, hi: Paper) -> None:
    with by(world.official) as actor:
        grants.give(actor=actor, item=hi, person=world.outsider)
    for who, seen in (("outsider", 1), ("official", 1), ("engineer", 0), ("auditor", 0), ("clearance_officer", 1)):
        with by(getattr(world, who)):
            assert PaperGrant.objects.count() == seen, who


# --- level 3: the register -------------------------------------------------------------------------------------------


def test_from_level_3_up_the_circle_reaches_nobody_the_register_does(world: World, cesi: Paper) -> None:
    assert reads(world.official, cesi)
    assert not reads(world.second_official, cesi)
    assert not reads(world.engineer, cesi)
    with by(world.official) as actor:
        grants.give(actor=actor, item=cesi, person=world.engineer, reason="設計の担当")
    assert reads(world.engineer, cesi)
    with build.as_owner():
        lines = list(HandlerEntry.objects.order_by("entered_at"))
    assert [(line.person, line.entered_by, line.reason) for line in lines] == [
        (world.official, world.official, ""),
        (world.engineer, world.official, "設計の担当"),
    ]


def test_a_line_struck_stays_in_the_register_and_closes_the_item(world: World, cesi: Paper) -> None:
    with by(world.official) as actor:
        grants.give(actor=actor, item=cesi, person=world.engineer)
        grants.strike(actor=actor, item=cesi, person=world.engineer, reason="担当の交代")
    assert not reads(world.engineer, cesi)
    with build.as_owner():
        line = HandlerEntry.objects.get(person=world.engineer)
    assert (line.struck_by, line.struck_reason) == (world.official, "担当の交代")
    assert line.struck_at is not None


def test_the_officer_strikes_a_line_without_reading_the_item(world: World, cesi: Paper) -> None:
    with by(world.official) as actor:
        grants.give(actor=actor, item=cesi, person=world.engineer)
    assert not reads(world.clearance_officer, cesi)
    with by(world.clearance_officer) as actor:
        line = HandlerEntry.objects.get(person=world.engineer)
        with pytest.raises(ValidationError):
            grants.strike_entry(actor=actor, entry=line, reason=" ")
        grants.strike_entry(actor=actor, entry=line, reason="異動")
        with pytest.raises(ValidationError):
            grants.strike_entry(actor=actor, entry=line, reason="異動")
    assert not reads(world.engineer, cesi)
    assert [event["level"] for event in recorded("grant.strike")] == [3]
    with by(world.official) as actor, pytest.raises(NotAllowed):
        grants.strike_entry(actor=actor, entry=line, reason="x")


def test_given_anew_the_register_shows_what_held_when(world: World, cesi: Paper) -> None:
    with by(world.official) as actor:
        grants.give(actor=actor, item=cesi, person=world.engineer)
        grants.give(actor=actor, item=cesi, person=world.engineer, until=timezone.now() + timedelta(days=30))
    with build.as_owner():
        first, second = HandlerEntry.objects.filter(person=world.engineer).order_by("entered_at")
    assert first.struck_at is not None
    assert second.struck_at is None
    assert second.until is not None


def test_a_steward_who_is_no_official_keeps_no_register(world: World, cesi: Paper) -> None:
    with build.as_owner():
        build.authorise(world.secretary, 3, "SEMICON", basis="CESI", ministry=world.ministry)
        build.agreement(world.association, 3)
        world.circle.members.filter(person=world.secretary).update(role="STEWARD")
    with by(world.official) as actor:
        grants.give(actor=actor, item=cesi, person=world.secretary)
    assert reads(world.secretary, cesi)
    with by(world.secretary) as actor, pytest.raises(Denied):
        grants.give(actor=actor, item=cesi, person=world.engineer)


@pytest.mark.parametrize("who", ["engineer", "secretary", "outsider", "auditor"])
def test_the_register_is_read_by_officers_and_handlers_alone(world: World, cesi: Paper, who: str) -> None:
    with by(getattr(world, who)):
        assert not HandlerEntry.objects.exists()
    with by(world.clearance_officer):
        assert HandlerEntry.objects.count() == 1
    with by(world.official):
        assert HandlerEntry.objects.count() == 1


@pytest.mark.parametrize("level", [2, 3])
def test_whoever_may_not_write_there_is_nobodys_first_handler(world: World, cesi: Paper, level: int) -> None:
    item = Paper(marking=marking(level, ["SEMICON"]), circle=world.circle, wrapped_key=b"", key_version=1)
    with by(world.outsider) as actor, pytest.raises(Denied):
        grants.first(actor=actor, item=item)


# --- guardian --------------------------------------------------------------------------------------------------------


def test_a_superuser_gets_nothing(world: World, hi: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    """guardian gives a superuser every permission; nothing of ours asks it for one."""
    monkeypatch.setattr(Person, "is_superuser", True)
    monkeypatch.setattr(Person, "is_staff", True)
    for who in (world.outsider, world.colleague, world.auditor):
        assert not reads(who, hi)
        with by(who) as actor:
            assert not actor.reach.items
            with pytest.raises(Denied):
                grants.give(actor=actor, item=hi, person=world.expired)
