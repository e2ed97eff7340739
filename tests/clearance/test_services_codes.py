"""Compartments and release groups: 62 of each, and no more."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.services import NotAllowed
from clearance.context import acting
from clearance.masks import CODES
from clearance.models import Compartment, ReleaseGroup
from clearance.services import codes
from tests import world as build
from tests.clearance.acts import recorded
from tests.clearance.test_services_authorisations import officer
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_code_takes_the_lowest_free_bit_and_is_recorded(world: World) -> None:
    with officer(world) as actor:
        made = codes.add_compartment(actor=actor, code="MINERALS", name="重要鉱物", name_en="Critical minerals")
        group = codes.add_release_group(actor=actor, code="JP-US", name="日米", countries=["US", "JP", "US"])
    assert made.bit == 2  # after SEMICON and BATTERY
    assert (group.bit, group.countries) == (1, ["JP", "US"])
    assert [event["detail"] for event in recorded("code.compartment")] == [{"code": "MINERALS"}]
    assert [event["detail"] for event in recorded("code.release_group")] == [{"code": "JP-US"}]


@pytest.mark.parametrize(
    ("model", "add"),
    [
        (Compartment, lambda actor, code: codes.add_compartment(actor=actor, code=code, name="分野")),
        (
            ReleaseGroup,
            lambda actor, code: codes.add_release_group(actor=actor, code=code, name="国", countries=["JP"]),
        ),
    ],
)
def test_the_63rd_is_refused_plainly(world: World, model: Any, add: Any) -> None:
    with build.as_owner():
        taken = set(model.objects.values_list("bit", flat=True))
        extra = {"countries": ["JP"]} if model is ReleaseGroup else {}
        model.objects.bulk_create(
            model(code=f"CODE{bit}", name=str(bit), bit=bit, **extra) for bit in range(CODES - 1) if bit not in taken
        )
    with officer(world) as actor:
        assert add(actor, "LAST").bit == CODES - 1
        with pytest.raises(ValidationError) as refused:
            add(actor, "TOO-MANY")
    assert refused.value.code == "full"
    assert "62件" in refused.value.messages[0]
    assert model.objects.count() == CODES


@pytest.mark.parametrize("code", ["", "lower", "1ST", "A", "WITH SPACE", "SEMICON", "X" * 21, "漢字", "A_B", "A,B"])
def test_an_unfit_or_taken_code_is_refused(world: World, code: str) -> None:
    with officer(world) as actor, pytest.raises(ValidationError) as refused:
        codes.add_compartment(actor=actor, code=code, name="分野")
    assert "code" in refused.value.error_dict


def test_a_group_needs_a_country(world: World) -> None:
    with officer(world) as actor, pytest.raises(ValidationError) as refused:
        codes.add_release_group(actor=actor, code="NOBODY", name="なし", countries=[])
    assert "countries" in refused.value.error_dict


@pytest.mark.parametrize("who", ["official", "secretary", "engineer", "auditor"])
def test_only_the_clearance_officer_enters_codes(world: World, who: str) -> None:
    with acting(person=getattr(world, who).pk) as actor:
        with pytest.raises(NotAllowed):
            codes.add_compartment(actor=actor, code="MINE", name="分野")
        with pytest.raises(NotAllowed):
            codes.add_release_group(actor=actor, code="MINE", name="国", countries=["JP"])
