"""Who needs to know: members, member organisations, and those they name."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction

from accounts.models import Organisation, Person
from clearance.access import Denied
from clearance.context import acting
from clearance.markings import marking
from clearance.models import Circle, CircleInvitation, CircleMember, CircleOrganisation, Marking, NamedHandler, Role
from clearance.services import circles, presets
from clearance.services.presets import Named
from tests import world as build
from tests.clearance.acts import recorded
from tests.world import World

pytestmark = pytest.mark.django_db


def by(person: Person) -> Any:
    return acting(person=person.pk, assurance=build.proved(2))


def reaches(person: Person, circle: Circle) -> tuple[bool, bool]:
    """Whether the circle reaches the person by name, and with what is open to their whole organisation."""
    with by(person) as actor:
        return circle.pk in actor.reach.circles, circle.pk in actor.reach.circles_open


def tie_of(world: World, person: Person) -> CircleMember:
    with build.as_owner():
        return CircleMember.objects.get(circle=world.circle, person=person, until=None)


def firm_of(world: World, organisation: Organisation) -> CircleOrganisation:
    with build.as_owner():
        return CircleOrganisation.objects.select_related("organisation").get(
            circle=world.circle, organisation=organisation, until=None
        )


def handler_of(world: World, person: Person) -> NamedHandler:
    with build.as_owner():
        return NamedHandler.objects.select_related("organisation").get(circle=world.circle, person=person, until=None)


@pytest.mark.parametrize(("who", "code"), [("official", "SEMICON"), ("secretary", "SEMICON")])
def test_officials_and_secretaries_open_circles_and_run_them(world: World, who: str, code: str) -> None:
    with by(getattr(world, who)) as actor:
        made, steward = circles.open_circle(actor=actor, ceiling=marking(2, [code]))
        assert made.pk in steward.reach.stewards
        assert made.ceiling.text == f"HI//{code}"
    (event,) = recorded("circle.create")
    assert event["target_id"] == str(made.pk)


@pytest.mark.parametrize("who", ["engineer", "clearance_officer", "auditor", "foreign"])
def test_nobody_else_opens_one(world: World, who: str) -> None:
    with by(getattr(world, who)) as actor, pytest.raises(Denied):
        circles.open_circle(actor=actor, ceiling=marking(0))


def test_nobody_opens_one_above_their_own_authorisation(world: World) -> None:
    with by(world.secretary) as actor, pytest.raises(ValidationError) as refused:
        circles.open_circle(actor=actor, ceiling=marking(2, ["BATTERY"]))
    assert refused.value.error_list[0].code == "compartment"


def test_a_member_is_let_in_given_another_role_and_taken_out(world: World) -> None:
    assert reaches(world.outsider, world.circle) == (False, False)
    with by(world.official) as actor:
        member = circles.add_member(actor=actor, circle=world.circle, person=world.outsider)
    assert reaches(world.outsider, world.circle) == (True, False)
    with by(world.official) as actor:
        circles.change_role(actor=actor, member=member, role=Role.OBSERVER)
    with by(world.outsider) as theirs:
        assert world.circle.pk not in theirs.reach.writers
    with by(world.official) as actor:
        circles.end_member(actor=actor, member=member)
    assert reaches(world.outsider, world.circle) == (False, False)
    acts = [len(recorded(f"circle.{act}")) for act in ("member_add", "change", "member_remove")]
    assert acts == [1, 1, 1]


def test_an_organisation_comes_in_names_its_people_and_goes_with_them(world: World) -> None:
    firm = world.outsider.organisation
    with by(world.official) as actor:
        tie = circles.add_organisation(actor=actor, circle=world.circle, organisation=firm)
    assert reaches(world.outsider, world.circle) == (False, True)
    with by(world.official) as actor:
        circles.name_handler(actor=actor, circle=world.circle, person=world.outsider)
    assert reaches(world.outsider, world.circle) == (True, True)
    with by(world.official) as actor:
        circles.end_organisation(actor=actor, tie=tie)
    assert reaches(world.outsider, world.circle) == (False, False)
    with build.as_owner():
        assert not NamedHandler.objects.filter(organisation=firm, until=None).exists()


def test_a_handler_struck_keeps_only_what_the_whole_organisation_may_read(world: World) -> None:
    handler = handler_of(world, world.engineer)
    with by(world.official) as actor:
        circles.strike_handler(actor=actor, handler=handler)
    assert reaches(world.engineer, world.circle) == (False, True)
    assert len(recorded("handler.strike")) == 1


def test_a_handler_must_belong_to_a_member_organisation(world: World) -> None:
    with by(world.official) as actor, pytest.raises(ValidationError) as refused:
        circles.name_handler(actor=actor, circle=world.circle, person=world.outsider)
    assert refused.value.code == "not_a_member_organisation"


def test_the_officer_and_whoever_answered_for_the_firm_name_handlers_too(world: World) -> None:
    with build.as_owner():
        newcomer, another = build.person(world.maker), build.person(world.maker)
        CircleInvitation.objects.create(
            circle=world.circle, person=world.engineer, organisation=world.maker, by=world.official,
            accepted_at=world.circle.created,
        )  # fmt: skip
    with by(world.clearance_officer) as actor:
        circles.name_handler(actor=actor, circle=world.circle, person=newcomer)
    with by(world.engineer) as actor:
        circles.name_handler(actor=actor, circle=world.circle, person=another)
        with pytest.raises(Denied):
            circles.strike_handler(actor=actor, handler=handler_of(world, world.foreign))
    assert reaches(newcomer, world.circle) == (True, True)
    assert reaches(another, world.circle) == (True, True)


def test_whoever_is_in_already_is_not_let_in_again(world: World) -> None:
    with by(world.official) as actor:
        for again in (
            lambda: circles.add_member(actor=actor, circle=world.circle, person=world.secretary),
            lambda: circles.add_organisation(actor=actor, circle=world.circle, organisation=world.maker),
            lambda: circles.name_handler(actor=actor, circle=world.circle, person=world.engineer),
        ):
            with pytest.raises(ValidationError):
                again()


def test_a_locked_account_or_closed_organisation_is_not_let_in(world: World) -> None:
    with build.as_owner():
        locked = build.person(world.maker, is_active=False)
        closed = build.organisation(active=False)
    with by(world.official) as actor:
        for refused in (
            lambda: circles.add_member(actor=actor, circle=world.circle, person=locked),
            lambda: circles.name_handler(actor=actor, circle=world.circle, person=locked),
            lambda: circles.add_organisation(actor=actor, circle=world.circle, organisation=closed),
        ):
            with pytest.raises(ValidationError) as why:
                refused()
            assert why.value.code == "suspended"


def test_no_organisation_runs_a_circle(world: World) -> None:
    with by(world.official) as actor, pytest.raises(ValidationError) as refused:
        circles.add_organisation(
            actor=actor, circle=world.circle, organisation=world.outsider.organisation, role=Role.STEWARD
        )
    assert refused.value.code == "organisation_steward"


def test_the_last_steward_stays(world: World) -> None:
    own = tie_of(world, world.official)
    with by(world.official) as actor:
        for going in (
            lambda: circles.leave(actor=actor, circle=world.circle),
            lambda: circles.end_member(actor=actor, member=own),
            lambda: circles.change_role(actor=actor, member=own, role=Role.PARTICIPANT),
        ):
            with pytest.raises(ValidationError) as refused:
                going()
            assert refused.value.code == "last_steward"
        other = tie_of(world, world.second_official)
        circles.change_role(actor=actor, member=other, role=Role.STEWARD)
        left = circles.leave(actor=actor, circle=world.circle)
        assert world.circle.pk not in left.reach.circles


@pytest.mark.parametrize("who", ["secretary", "engineer"])
def test_members_and_handlers_leave_by_themselves(world: World, who: str) -> None:
    person = getattr(world, who)
    with by(person) as actor:
        circles.leave(actor=actor, circle=world.circle)
        with pytest.raises(ValidationError):
            circles.leave(actor=actor, circle=world.circle)
    assert not reaches(person, world.circle)[0]


OUTSIDE = (
    "second_official",
    "secretary",
    "engineer",
    "colleague",
    "foreign",
    "outsider",
    "clearance_officer",
    "auditor",
)


@pytest.mark.parametrize("who", OUTSIDE)
def test_whoever_does_not_run_the_circle_meets_the_page_that_does_not_exist(world: World, who: str) -> None:
    member, firm = tie_of(world, world.secretary), firm_of(world, world.partner)
    with by(getattr(world, who)) as actor:
        for change in (
            lambda: circles.add_member(actor=actor, circle=world.circle, person=world.outsider),
            lambda: circles.change_role(actor=actor, member=member, role=Role.STEWARD),
            lambda: circles.end_member(actor=actor, member=member),
            lambda: circles.add_organisation(
                actor=actor, circle=world.circle, organisation=world.outsider.organisation
            ),
            lambda: circles.end_organisation(actor=actor, tie=firm),
            lambda: presets.set_presets(actor=actor, circle=world.circle, choices=[]),
        ):
            with pytest.raises(Denied):
                change()


@pytest.mark.parametrize("who", OUTSIDE)
def test_the_database_lets_nobody_else_write_a_tie_either(world: World, who: str) -> None:
    person = getattr(world, who)
    with by(person):
        for tie in (
            CircleMember(circle=world.circle, person=person, role=Role.STEWARD),
            CircleOrganisation(circle=world.circle, organisation=person.organisation),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                tie.save(force_insert=True)
        assert not CircleMember.objects.filter(person=world.official).update(role=Role.OBSERVER)


@pytest.mark.parametrize("who", ["colleague", "outsider", "foreign", "auditor"])
def test_only_those_who_may_name_do(world: World, who: str) -> None:
    with build.as_owner():
        newcomer = build.person(world.maker)
    with by(getattr(world, who)) as actor, pytest.raises(Denied):
        circles.name_handler(actor=actor, circle=world.circle, person=newcomer)


# --- presets ------------------------------------------------------------------------------------------------------


def named(*markings: Marking) -> list[Named]:
    return [Named(f"選択肢{number}", f"Choice {number}", each) for number, each in enumerate(markings, start=1)]


def under_hi_semicon() -> list[Marking]:
    """Seven markings under the circle's ceiling."""
    made = [marking(level, codes) for level in (1, 2) for codes in ([], ["SEMICON"])]
    return [*made, marking(0), marking(1, tlp="RED"), marking(2, ["SEMICON"], tlp="AMBER")]


def test_a_circle_has_at_most_six_presets_in_their_order(world: World) -> None:
    with by(world.official) as actor:
        seven = under_hi_semicon()
        presets.set_presets(actor=actor, circle=world.circle, choices=named(*seven[:6]))
        again = presets.set_presets(actor=actor, circle=world.circle, choices=named(*reversed(seven[:6])))
        assert [each.marking for each in world.circle.presets.all()] == [each.marking for each in again]
        with pytest.raises(ValidationError) as refused:
            presets.set_presets(actor=actor, circle=world.circle, choices=named(*seven))
        assert refused.value.code == "too_many"
        assert world.circle.presets.count() == 6


@pytest.mark.parametrize(("codes", "level"), [(["BATTERY"], 2), (["SEMICON", "BATTERY"], 1)])
def test_no_preset_lies_above_the_circles_ceiling(world: World, codes: list[str], level: int) -> None:
    with by(world.official) as actor, pytest.raises(ValidationError) as refused:
        presets.set_presets(actor=actor, circle=world.circle, choices=named(marking(level, codes)))
    assert refused.value.code == "above_circle"


def test_no_preset_is_there_twice(world: World) -> None:
    with by(world.official) as actor, pytest.raises(ValidationError) as refused:
        presets.set_presets(actor=actor, circle=world.circle, choices=named(marking(1), marking(1)))
    assert refused.value.code == "twice"
