"""The demo's briefings: a stranger finds one of three levels, and each persona reads their part of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.demo import make_people
from accounts.models import Person
from briefings import machines
from briefings.demo import make_briefings
from briefings.demo.machines import MACHINES
from briefings.demo.texts import PLANS, ROOM, SUPPLY
from briefings.models import Acknowledgement, Audience, Briefing, Bureau, Draft, Portion, State, StixObject
from briefings.queries import drafts as queries
from clearance.demo import grant_authorisations
from dialogues.demo import make_rooms
from tests import world as build
from tests.briefings.validating import wrong

pytestmark = pytest.mark.django_db


def test_each_persona_reads_their_part_of_the_three_levels(db: Any) -> None:
    with build.as_owner():
        people = make_people()
        grant_authorisations(people)
        rooms = make_rooms(people)
        assert len(make_briefings(people, rooms)) == len(PLANS)
        assert make_briefings(people, rooms) == [], "what is there stays"
        assert (Bureau.objects.count(), Audience.objects.count()) == (1, 3)
        assert {each.kind for each in Briefing.objects.all()} == {plan.kind for plan in PLANS if not plan.waiting}
        assert Acknowledgement.objects.count() == sum(len(plan.acknowledged_by) for plan in PLANS)
        supply = next(each for each in Briefing.objects.all() if each.title == SUPPLY.title)
        assert supply.circle_id == rooms[ROOM].circle_id
        objects = [json.loads(each.body) for each in StixObject.objects.filter(until__isnull=True, gone=False)]
        assert wrong({each["id"]: each for each in objects}.values()) == []
    reads = {"colleague": 1, "expired": 1, "foreign": 2, "engineer": 3, "official": 3, "auditor": 0}
    for name, number in reads.items():
        with build.being(people[name]):
            assert Portion.objects.filter(briefing_id=supply.pk).count() == number, name
    for machine, number in zip(MACHINES, (1, 2, 3), strict=True):  # with the tokens that the demo's page shows
        token = machines.known(machine.token)
        assert token
        with build.being(Person.objects.get(pk=token.account)):
            assert Portion.objects.filter(briefing_id=supply.pk).count() == number
    with build.being(people["second_official"]) as actor:
        (waiting,) = queries.to_review(actor)
        assert waiting.draft.state == State.IN_REVIEW
        assert Draft.objects.filter(state=State.PUBLISHED).count() == len(PLANS) - 1
