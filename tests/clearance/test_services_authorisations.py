"""Granting, suspending, resuming and revoking what people may handle."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Organisation, Person
from accounts.services import NotAllowed
from clearance.access import Actor
from clearance.context import acting
from clearance.models import Authorisation, Compartment, Level, Suspension
from clearance.models.authorisations import YearsAfter, years_after
from clearance.services import authorisations
from tests import world as build
from tests.clearance.acts import recorded
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def today() -> date:
    return timezone.localdate()


def officer(world: World) -> Any:
    return acting(person=world.clearance_officer.pk, assurance=build.proved(2))


def granted(actor: Actor, person: Person, **terms: Any) -> Authorisation:
    """An authorisation on usual terms, but for those given."""
    usual: dict[str, Any] = {"basis": "NDA", "highest": 2, "since": today(), "until": today() + 365 * DAY}
    return authorisations.grant(actor=actor, person=person, **usual | terms)


def levels(person: Person) -> list[int]:
    """What the person may read at this moment, as the database has it."""
    with acting(person=person.pk, assurance=build.proved(4)) as actor:
        return [level for level in range(5) if actor.reach.holds(level)]


def held_by(person: Person) -> Authorisation:
    with build.as_owner():
        return person.authorisations.get()


def test_a_pledge_opens_its_levels_at_once_and_is_recorded(world: World) -> None:
    with officer(world) as actor:
        made = granted(actor, world.colleague, compartments=Compartment.objects.filter(code="SEMICON"))
    assert levels(world.colleague) == [0, 1, 2]
    (event,) = recorded("authorisation.grant")
    assert event["target_id"] == str(made.pk)
    assert event["by"] == world.clearance_officer.pk
    assert event["detail"] == {"highest": 2, "basis": "NDA", "person": str(world.colleague.pk)}


def test_it_holds_to_the_end_of_its_last_day(world: World) -> None:
    with officer(world) as actor:
        made = granted(actor, world.colleague, until=today())
    assert made.last_day == today()
    assert made.until is not None
    assert made.until > timezone.now()
    assert levels(world.colleague) == [0, 1, 2]


def test_one_that_starts_tomorrow_counts_for_nothing_today(world: World) -> None:
    with officer(world) as actor:
        granted(actor, world.colleague, since=today() + DAY)
    assert levels(world.colleague) == [0]


UNFIT = [
    ("NDA", {"highest": 3}, "highest"),
    ("NDA", {"highest": 0}, "highest"),
    ("COUNCIL", {"highest": 4}, "highest"),
    ("OFFICIAL", {}, "basis"),
    ("NDA", {"until": date(2020, 1, 1)}, "until"),
    ("CESI", {"highest": 2}, "highest"),
    ("CESI", {"highest": 4}, "highest"),
    ("CESI", {"highest": 3, "until": None}, "until"),
    ("CESI", {"highest": 3, "ministry": None}, "ministry"),
    ("CESI", {"highest": 3, "notified_on": None}, "notified_on"),
    ("CESI", {"highest": 3, "notified_on": "tomorrow"}, "notified_on"),
    ("CESI", {"highest": 3, "ministry": "maker"}, "ministry"),
    ("CESI", {"highest": 3, "until": "ten years and a day"}, "until"),
    ("SDS", {"highest": 3}, "highest"),
    ("SDS", {"highest": 4, "until": None}, "until"),
    ("SDS", {"highest": 4, "until": "five years and a day"}, "until"),
]


@pytest.mark.parametrize(("basis", "terms", "field"), UNFIT)
def test_each_basis_has_its_bounds(world: World, basis: str, terms: dict[str, Any], field: str) -> None:
    words = {
        "tomorrow": today() + DAY,
        "maker": world.maker,
        "ten years and a day": years(today(), 10) + DAY,
        "five years and a day": years(today(), 5) + DAY,
    }
    given = {name: words.get(value, value) if isinstance(value, str) else value for name, value in terms.items()}
    usual = {"ministry": world.ministry, "notified_on": today()} if basis in Authorisation.STATUTORY else {}
    with officer(world) as actor, pytest.raises(ValidationError) as refused:
        granted(actor, world.colleague, basis=basis, **usual | given)
    assert field in refused.value.error_dict
    assert not recorded("authorisation.grant")


def years(day: date, number: int) -> date:
    return (years_after(day, number) - DAY).date()


@pytest.mark.parametrize(("basis", "highest", "number"), [("CESI", 3, 10), ("SDS", 4, 5)])
def test_an_assessment_serves_to_its_last_lawful_day(world: World, basis: str, highest: int, number: int) -> None:
    with officer(world) as actor:
        made = granted(
            actor, world.colleague, basis=basis, highest=highest, until=years(today(), number),
            ministry=world.ministry, notified_on=today(),
        )  # fmt: skip
    assert made.last_day == years(today(), number)
    (event,) = recorded("authorisation.grant")
    assert event["level"] == highest  # for the auditor's own limits


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 3, 31), date(2026, 12, 31), date(2020, 2, 29)])
@pytest.mark.parametrize("number", [5, 10])
def test_the_form_and_the_constraint_count_years_alike(world: World, day: date, number: int) -> None:
    with build.as_owner():
        Authorisation.objects.filter(person=world.engineer).update(notified_on=day)
        rows = Authorisation.objects.filter(person=world.engineer)
        assert rows.annotate(end=YearsAfter("notified_on", number)).get().end == years_after(day, number)


@pytest.mark.parametrize(
    ("basis", "fields"),
    [
        ("CESI", {"highest": 3, "until": years_after(date(2026, 4, 1), 10) + DAY}),
        ("CESI", {"highest": 3, "notified_on": None}),
        ("CESI", {"highest": 3, "ministry": None}),
        ("CESI", {"highest": 2}),
        ("SDS", {"highest": 4, "until": years_after(date(2026, 4, 1), 5) + DAY}),
        ("SDS", {"highest": 3}),
        ("NDA", {"highest": 3}),
        ("NDA", {"highest": 0}),
    ],
)
def test_the_database_refuses_what_the_form_would(world: World, basis: str, fields: dict[str, Any]) -> None:
    usual = {
        "notified_on": date(2026, 4, 1), "ministry": world.ministry, "since": years_after(date(2026, 3, 30), 0),
        "until": years_after(date(2026, 4, 1), 1),
    }  # fmt: skip
    with build.as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        Authorisation.objects.create(person=world.colleague, basis=basis, **usual | fields)


def test_nobody_grants_to_themselves(world: World) -> None:
    with officer(world) as actor, pytest.raises(ValidationError) as refused:
        granted(actor, world.clearance_officer, basis="OFFICIAL")
    assert refused.value.code == "self"


def test_the_database_lets_nobody_grant_to_themselves_either(world: World) -> None:
    own = Authorisation(person=world.clearance_officer, basis="OFFICIAL", highest=2)
    with officer(world), pytest.raises(DatabaseError), transaction.atomic():
        own.save(force_insert=True)


@pytest.mark.parametrize("who", ["official", "secretary", "engineer", "auditor", "foreign"])
def test_only_the_clearance_officer_keeps_the_register(world: World, who: str) -> None:
    held = held_by(world.engineer)
    with acting(person=getattr(world, who).pk, assurance=build.proved(2)) as actor:
        with pytest.raises(NotAllowed):
            granted(actor, world.colleague)
        for change in (authorisations.suspend, authorisations.revoke):
            with pytest.raises(NotAllowed):
                change(actor=actor, authorisation=held, reason="x")  # type: ignore[operator]
        with pytest.raises(NotAllowed):
            authorisations.resume(actor=actor, authorisation=held)
        with pytest.raises(DatabaseError), transaction.atomic():
            Authorisation(person=world.colleague, basis="NDA", highest=2).save(force_insert=True)
        assert not Authorisation.objects.exclude(person=getattr(world, who)).exists()


def test_suspension_takes_the_levels_away_and_resuming_gives_them_back(world: World) -> None:
    held = held_by(world.engineer)
    assert levels(world.engineer) == [0, 1, 2]
    with officer(world) as actor:
        authorisations.suspend(actor=actor, authorisation=held, reason="異動の確認")
    assert levels(world.engineer) == [0]
    with officer(world) as actor:
        authorisations.resume(actor=actor, authorisation=held)
    assert levels(world.engineer) == [0, 1, 2]
    with officer(world):
        span = Suspension.objects.get(entitlement_id=held.pk)
        assert (span.by, span.ended_by) == (world.clearance_officer, world.clearance_officer)
    assert [len(recorded(f"authorisation.{act}")) for act in ("suspend", "resume")] == [1, 1]


def test_revocation_is_for_good(world: World) -> None:
    held = held_by(world.engineer)
    with officer(world) as actor:
        authorisations.revoke(actor=actor, authorisation=held, reason="契約の終了")
    assert levels(world.engineer) == [0]
    with officer(world) as actor:
        held.refresh_from_db()
        assert (held.revoked_by, held.revoked_reason) == (world.clearance_officer, "契約の終了")
        for change in (
            lambda: authorisations.resume(actor=actor, authorisation=held),
            lambda: authorisations.suspend(actor=actor, authorisation=held, reason="x"),
            lambda: authorisations.revoke(actor=actor, authorisation=held, reason="x"),
        ):
            with pytest.raises(ValidationError) as refused:
                change()
            assert refused.value.code == "revoked"


def test_what_is_over_or_as_asked_already_is_left_alone(world: World) -> None:
    lapsed, held = held_by(world.expired), held_by(world.engineer)
    with officer(world) as actor:
        with pytest.raises(ValidationError, match="期限"):
            authorisations.suspend(actor=actor, authorisation=lapsed, reason="x")
        with pytest.raises(ValidationError, match="停止していません"):
            authorisations.resume(actor=actor, authorisation=held)
        authorisations.suspend(actor=actor, authorisation=held, reason="x")
        with pytest.raises(ValidationError, match="すでに効力を停止"):
            authorisations.suspend(actor=actor, authorisation=held, reason="x")
        assert Suspension.objects.count() == 1


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reason_has_to_be_given(world: World, reason: str) -> None:
    held = held_by(world.engineer)
    with officer(world) as actor:
        for change in (authorisations.suspend, authorisations.revoke):
            with pytest.raises(ValidationError) as refused:
                change(actor=actor, authorisation=held, reason=reason)  # type: ignore[operator]
            assert "reason" in refused.value.error_dict
    assert levels(world.engineer) == [0, 1, 2]


def test_an_officer_cannot_touch_their_own(world: World) -> None:
    with build.as_owner():
        own = build.authorise(world.clearance_officer, 2, basis="OFFICIAL")
    with officer(world) as actor:
        for change in (
            lambda: authorisations.suspend(actor=actor, authorisation=own, reason="x"),
            lambda: authorisations.resume(actor=actor, authorisation=own),
            lambda: authorisations.revoke(actor=actor, authorisation=own, reason="x"),
        ):
            with pytest.raises(NotAllowed):
                change()


def test_a_failed_record_undoes_the_change(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held = held_by(world.engineer)

    def broken(**_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("clearance.services.entitlements.record", broken)
    with officer(world) as actor:
        with pytest.raises(RuntimeError):
            authorisations.suspend(actor=actor, authorisation=held, reason="x")
        with pytest.raises(RuntimeError):
            granted(actor, world.colleague)
        assert not Suspension.objects.exists()
        assert not Authorisation.objects.filter(person=world.colleague).exists()


def test_an_assessment_gives_its_level_alone_and_no_other(world: World) -> None:
    with build.as_owner():
        build.agreement(world.maker, 3)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clearance_deployment SET ceiling = 4")
    with officer(world) as actor:
        granted(actor, world.colleague, basis="CESI", highest=Level.CESI, ministry=world.ministry, notified_on=today())
    assert levels(world.colleague) == [0, 3]


def test_officials_duty_is_for_ministries_alone(world: World) -> None:
    with build.as_owner():
        newcomer = build.person(world.ministry)
        assert world.ministry.kind == Organisation.Kind.MINISTRY
    with officer(world) as actor:
        granted(actor, newcomer, basis="OFFICIAL", until=None)
    assert levels(newcomer) == [0, 1, 2]
