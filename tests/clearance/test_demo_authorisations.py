"""The demo's people hold what the demo's story needs, and the officer's list is alive."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.urls import reverse

from accounts.demo import make_people
from accounts.models import Person
from clearance.clock import moment
from clearance.context import acting
from clearance.demo import grant_authorisations
from clearance.markings import marking
from clearance.masks import RESERVED
from clearance.models import Authorisation, Compartment, OrganisationCertification
from clearance.privileges import install
from clearance.queries.people import counts
from tests import world as build

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> dict[str, Person]:
    with build.as_owner():
        made = make_people()
        grant_authorisations(made)
    return made


def holds(person: Person, level: int, *codes: str) -> bool:
    mask = RESERVED
    for code in Compartment.objects.filter(code__in=codes):
        mask |= 1 << code.bit
    with acting(person=person.pk, assurance=build.proved(level)) as actor:
        return actor.reach.holds(level) and mask & actor.reach.inverse[level] <= 0


@pytest.mark.parametrize(
    ("who", "reads"),
    [
        ("official", True), ("second_official", True), ("secretary", True), ("engineer", True), ("handler", True),
        ("colleague", False), ("expired", False), ("foreign", False), ("auditor", False),
    ],
)  # fmt: skip
def test_who_is_authorised_for_hi_semicon(people: dict[str, Person], who: str, reads: bool) -> None:
    assert holds(people[who], 2, "SEMICON") is reads


def test_the_foreign_firms_person_holds_level_1_alone(people: dict[str, Person]) -> None:
    assert holds(people["foreign"], 1)
    assert not holds(people["foreign"], 2)
    assert not holds(people["foreign"], 1, "SEMICON")


def test_the_named_handler_is_ready_where_the_ceiling_is_3(people: dict[str, Person], settings: Any) -> None:
    assert not holds(people["handler"], 3, "SEMICON")
    settings.CEILING = 3
    with build.as_owner():
        install(using="default")
    assert holds(people["handler"], 3, "SEMICON")
    assert holds(people["official"], 3, "SEMICON")
    assert not holds(people["engineer"], 3)


def test_it_may_run_again(people: dict[str, Person]) -> None:
    with build.as_owner():
        before = Authorisation.objects.count(), OrganisationCertification.objects.count(), Compartment.objects.count()
        grant_authorisations(people)
        after = Authorisation.objects.count(), OrganisationCertification.objects.count(), Compartment.objects.count()
    assert before == after


def test_every_state_is_there_to_be_seen(people: dict[str, Person], client_for: Any) -> None:
    with acting(person=people["clearance_officer"].pk, assurance=build.proved(2)):
        counted = Counter(counts(at=moment()))
    assert counted["in_force"] >= 20
    assert counted["ending"] >= 5
    assert counted["suspended"] >= 2
    assert counted["none"] >= 4
    client = client_for(people["clearance_officer"])
    for name in ("overview", "people", "organisations", "ending", "codes", "statutory"):
        assert client.get(reverse(f"clearance:{name}")).status_code == 200


def test_nobody_of_the_demo_entered_their_own(people: dict[str, Person]) -> None:
    with build.as_owner():
        assert not [each for each in Authorisation.objects.all() if each.recorded_by_id == each.person_id]


def test_a_marking_of_the_demo_can_be_made(people: dict[str, Person]) -> None:
    assert marking(2, ["SEMICON"]).text == "HI//SEMICON"
