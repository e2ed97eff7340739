"""What is published as STIX: held against the validator, and group by group against what may refer to what."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
import stix2
from django.db import DatabaseError, transaction

from briefings.content import Action, Content, Named, Source
from briefings.models import Briefing, State, StixObject
from briefings.services import drafting, publishing, reviewing
from briefings.stix import laying
from briefings.stix.check import faults
from briefings.stix.definitions import TLP, definitions
from briefings.stix.places import where
from clearance.markings import from_text
from tests.briefings.desk import LEVELS, Desk, content, desk, draft_of, portions_of, published, review_of
from tests.briefings.validating import wrong
from tests.world import World, as_owner, being

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
        assert wrong(group) == []
        for each in group:
            if each["type"] != "marking-definition":
                assert stix2.parse(each).id == each["id"]
                assert each["lang"] == "ja"
    assert any(head["id"] in json.dumps(each) for each in groups[MARKINGS[1]])


def test_the_validator_would_object() -> None:
    (said, _tlp) = definitions("SENSITIVE//TLP:GREEN")
    assert wrong([{**said, "id": "marking-definition--5e57c739-391a-5eb3-b6be-7d15ca92d5ed"}]), "a warning is an error"
    assert wrong([{**said, "more": 1}])


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


Row = tuple[Any, ...]


def rows_of(briefing: Briefing, **narrowed: Any) -> dict[Any, Row]:
    """What lies there of the briefing, by the rows' keys."""
    names = ("stix_id", "version", "first", "until", "gone", "withdrawn", "level")
    with as_owner():
        found = StixObject.objects.filter(briefing=briefing, **narrowed)
        return {each.pk: (*(getattr(each, name) for name in names), json.loads(each.body)) for each in found}


def publish(where: Desk, written: Content) -> Briefing:
    review = review_of(where, draft_of(where, written, state=State.IN_REVIEW))
    with being(where.reviewer) as actor:
        made = reviewing.approve(actor=actor, review=review)
    assert made
    return made


def correct(where: Desk, briefing: Briefing, change: Callable[[Content], Content]) -> None:
    with being(where.author) as actor:
        draft = drafting.correct(actor=actor, bureau=where.bureau, briefing=Briefing.objects.get(pk=briefing.pk))
        drafting.save(actor=actor, draft=draft, content=change(Content.read(draft.content)), seen=1)
        review = drafting.submit(actor=actor, draft=draft, reviewer=where.reviewer)
    with being(where.reviewer) as actor:
        assert reviewing.approve(actor=actor, review=review)


def with_section(number: int, **changed: Any) -> Callable[[Content], Content]:
    def change(said: Content) -> Content:
        sections = list(said.sections)
        sections[number] = replace(sections[number], **changed)
        return replace(said, sections=tuple(sections))

    return change


@pytest.mark.django_db
def test_objects_follow_what_officials_publish_correct_and_retract(world: World) -> None:
    where = desk(world)
    named = (Named("threat-actor", "黒い潮"),)
    written = content()
    briefing = publish(where, replace(written, sections=tuple(replace(each, named=named) for each in written.sections)))
    laid_first = rows_of(briefing)
    assert len(laid_first) == 6, "a report and an actor under each marking"
    assert wrong(row[7] for row in laid_first.values()) == []
    assert {row[1:6] for row in laid_first.values()} == {(next(iter(laid_first.values()))[1], True, None, False, False)}
    # The same name under three markings is three things to whoever sees their ids.
    ids: dict[int, set[str]] = {}
    for row in laid_first.values():
        ids.setdefault(row[6], set()).add(row[0].partition("--")[2])
    assert len(set.union(*ids.values())) == 6
    for level in (0, 1):
        told = json.dumps([row[7] for row in laid_first.values() if row[6] == level], ensure_ascii=False)
        assert not any(higher in told for above in range(level + 1, 3) for higher in ids[above])
        assert LEVELS[level + 1] not in told
    # A correction of the highest section makes a version of its report, and nothing at all happens below.
    below = rows_of(briefing, level__lt=2)
    correct(where, briefing, with_section(2, body="在庫は平均で三週間分になりました。"))
    assert rows_of(briefing, level__lt=2) == below
    newer = {key: row for key, row in rows_of(briefing).items() if key not in laid_first}
    ((stix_id, version, first, until, gone, withdrawn, level, body),) = newer.values()
    ((key, older),) = [(key, row) for key, row in laid_first.items() if row[0] == stix_id]
    assert (first, until, gone, withdrawn, level) == (False, None, False, False, 2)
    assert rows_of(briefing)[key][3] == version > older[1], "the older one ends where the newer begins"
    assert (body["created"], body["modified"] > older[7]["modified"]) == (older[7]["created"], True)
    assert "三週間分" in body["description"]
    assert "四週間分" not in body["description"]
    # What a correction no longer names is out of the feed; its report says so in a version of its own.
    correct(where, briefing, with_section(2, named=()))
    assert rows_of(briefing, level__lt=2) == below
    assert [row[7]["type"] for row in rows_of(briefing, gone=True).values()] == ["threat-actor"]
    # Taken back: all of it at once, and to nobody is anything left of it but who publishes and how things are marked.
    with being(where.author) as actor:
        publishing.retract(actor=actor, briefing=Briefing.objects.get(pk=briefing.pk), reason_code="MISTAKEN")
    assert all(row[5] for row in rows_of(briefing).values())
    for person in (world.engineer, world.foreign, world.official):
        with being(person):
            assert set(StixObject.objects.values_list("type", flat=True)) == {"identity", "marking-definition"}


def test_places_are_countries_or_regions() -> None:
    assert where("台湾") == {"country": "TW"}
    assert where("nl") == {"country": "NL"}
    assert where("東南アジア") == {"region": "south-eastern-asia"}
    assert where("ある港町") == {"region": "ある港町"}


@pytest.mark.django_db
def test_who_may_write_in_the_room_lays_no_objects_and_ends_none(world: World) -> None:
    """Nor does an official for whom nothing was approved just now: by SQL, past every service."""
    briefing = laid(world)
    with as_owner():
        row = StixObject.objects.filter(briefing=briefing, level=0).select_related("marking").first()
    assert row
    forged = {"marking": row.marking, "circle_id": row.circle_id, "type": "report", "version": row.version}

    def forge(**more: Any) -> None:
        made = StixObject(stix_id="report--x", source=uuid4(), body="{}", **(forged | more))
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            made.save(force_insert=True)

    with being(world.engineer):
        assert not StixObject.objects.update(gone=True)
        forge()
        forge(briefing=briefing)
    with being(world.second_official):
        forge()
        forge(briefing=briefing)
