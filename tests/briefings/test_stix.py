"""What is published as STIX: held against the validator, and group by group against what may refer to what."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import stix2
from stix2validator import ValidationOptions, validate_instance

from briefings.content import Action, Named, Source
from briefings.models import Briefing, StixObject
from briefings.stix import laying
from briefings.stix.check import faults
from briefings.stix.definitions import TLP, definitions
from briefings.stix.places import where
from clearance.markings import from_text
from tests.briefings.desk import content, desk, portions_of, published
from tests.world import World, as_owner

MARKINGS = ("PUBLIC//TLP:CLEAR", "SENSITIVE//TLP:AMBER+STRICT", "HI//SEMICON//TLP:RED")


def bodies(briefing: Briefing) -> list[dict[str, Any]]:
    with as_owner():
        rows = StixObject.objects.filter(circle_id=briefing.circle_id, until__isnull=True, gone=False)
        return [json.loads(row.body) | {"_under": row.marking.text} for row in rows.select_related("marking")]


def laid(world: World) -> Briefing:
    with as_owner():
        for each in MARKINGS:
            from_text(each)
    written = content(MARKINGS)
    things = (
        Named("threat-actor", "黒い潮", "海外の集団"),
        Named("campaign", "春の波"),
        Named("infrastructure", "偽の更新サーバー"),
        Named("location", "台湾"),
        Named("location", "ある港町"),
    )
    sections = tuple(
        replace(
            each,
            named=things,
            actions=(Action("在庫を確かめる", "調達部門", "2026-12-01"),),
            sources=(Source("公開の報道", "高い"),),
        )
        for each in written.sections
    )
    made = published(desk(world), replace(written, sections=sections))
    with as_owner():
        laying.published(made, portions_of(made))
    return made


@pytest.mark.django_db
def test_every_group_is_valid_complete_and_shares_no_id_with_another_but_its_head(world: World) -> None:
    briefing = laid(world)
    every = bodies(briefing)
    groups: dict[str, list[dict[str, Any]]] = {}
    for each in every:
        groups.setdefault(each.pop("_under"), []).append(each)
    assert len(groups) == 3
    (head,) = [each for each in groups[MARKINGS[0]] if each["type"] == "report"]
    known = set(TLP.values())
    for marking, group in groups.items():
        kinds = {each["type"] for each in group}
        assert kinds == {
            "report", "identity", "threat-actor", "campaign", "infrastructure", "location", "course-of-action",
            "marking-definition",
        }  # fmt: skip
        assert faults(group) == [] if marking == MARKINGS[0] else len(faults(group)) == 1  # the head lies below
        here = {each["id"] for each in group}
        elsewhere = json.dumps([other for name, rest in groups.items() if name != marking for other in rest])
        shared = {each for each in here - known if each in elsewhere}
        assert shared <= {head["id"]}
        for each in group:
            result = validate_instance(each, ValidationOptions(version="2.1"))
            assert result.is_valid, (each["type"], [str(error) for error in result.errors])
            if each["type"] != "marking-definition":
                assert stix2.parse(each).id == each["id"]
                assert each["lang"] == "ja"
    assert any(head["id"] in json.dumps(each) for each in groups[MARKINGS[1]])


@pytest.mark.django_db
def test_a_reference_to_what_is_no_marking_is_found(world: World) -> None:
    (said, tlp) = definitions("SENSITIVE//TLP:GREEN")
    assert tlp["id"] == TLP["GREEN"]
    thing = {"type": "campaign", "id": "campaign--1", "object_marking_refs": [said["id"], tlp["id"]]}
    assert faults([said, tlp, thing]) == []
    assert faults([said, thing]) == [f"campaign--1: {tlp['id']} is no marking definition"]
    assert faults([said, {**thing, "object_marking_refs": []}]) == ["campaign--1 is not marked"]
    assert faults([said, tlp, {**thing, "object_marking_refs": ["campaign--1"]}])
    assert faults([said, tlp, {**thing, "created_by_ref": "identity--1"}]) == ["campaign--1: identity--1 is not there"]


@pytest.mark.django_db
def test_the_same_thing_has_the_same_id_and_what_did_not_change_no_new_version(world: World) -> None:
    briefing = laid(world)
    before = sorted(json.dumps(each, sort_keys=True) for each in bodies(briefing))
    with as_owner():
        laying.published(briefing, portions_of(briefing))
    assert sorted(json.dumps(each, sort_keys=True) for each in bodies(briefing)) == before


def test_places_are_countries_or_regions() -> None:
    assert where("台湾") == {"country": "TW"}
    assert where("nl") == {"country": "NL"}
    assert where("東南アジア") == {"region": "south-eastern-asia"}
    assert where("ある港町") == {"region": "ある港町"}
