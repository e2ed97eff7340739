"""Opening, renaming and archiving rooms."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from clearance.access import Denied
from clearance.markings import marking
from clearance.models import CircleMember, MarkingPreset, Role
from dialogues.models import Room
from dialogues.queries import rooms
from dialogues.services import rooms as services
from tests.world import World, as_owner

from . import scenes

pytestmark = pytest.mark.django_db


def opening(**changed: object) -> dict[str, object]:
    return {
        "kind": Room.Kind.INDUSTRY, "name": "部材業界の戦略対話", "purpose": "重要部材の供給を安定させる",
        "ceiling": marking(2, ["SEMICON"]), "marking": marking(1),
    } | changed  # fmt: skip


@pytest.mark.parametrize("who", ["official", "secretary"])
def test_whoever_opens_a_room_is_its_steward_and_finds_it(world: World, who: str) -> None:
    person = world.people[who]
    with scenes.being(person) as actor:
        room = services.open_room(actor=actor, **opening())
    with scenes.being(person) as actor:
        found = rooms.room(actor, room.pk)
        assert (found.name, found.purpose) == ("部材業界の戦略対話", "重要部材の供給を安定させる")
        assert room.circle_id in actor.reach.stewards
        assert CircleMember.objects.get(circle_id=room.circle_id).role == Role.STEWARD


@pytest.mark.parametrize("who", ["engineer", "foreign", "clearance_officer", "auditor"])
def test_only_officials_and_secretaries_open_rooms(world: World, who: str) -> None:
    with scenes.being(world.people[who]) as actor, pytest.raises(Denied):
        services.open_room(actor=actor, **opening(ceiling=marking(1)))


def test_a_room_gets_choices_of_marking_under_its_ceiling(world: World) -> None:
    with scenes.being(world.official) as actor:
        room = services.open_room(actor=actor, **opening())
    with scenes.being(world.official):
        presets = MarkingPreset.objects.filter(circle_id=room.circle_id).order_by("order")
        assert [(preset.name, preset.marking.text) for preset in presets.select_related("marking")] == [
            ("公開", "PUBLIC"),
            ("会員企業限り", "SENSITIVE"),
            ("この場の参加者本人限り（ほかの方に伝えないでください）", "SENSITIVE//TLP:RED"),
            ("取扱分野の有資格者限り", "SENSITIVE//SEMICON"),
            ("秘文書・この場限り", "HI//SEMICON"),
        ]


def test_choices_keep_to_the_ceilings_countries(world: World) -> None:
    with scenes.being(world.official) as actor:
        room = services.open_room(
            actor=actor,
            **opening(ceiling=marking(1, [], ["LIKEMINDED"]), marking=marking(1, [], ["LIKEMINDED"])),
        )
        texts = MarkingPreset.objects.filter(circle_id=room.circle_id).values_list("marking__text", flat=True)
        assert list(texts.order_by("order")) == ["SENSITIVE//REL:LIKEMINDED", "SENSITIVE//REL:LIKEMINDED//TLP:RED"]


def test_a_ceiling_above_ones_own_authorisation_is_refused(world: World) -> None:
    with scenes.being(world.secretary) as actor, pytest.raises(ValidationError) as refused:
        services.open_room(actor=actor, **opening(ceiling=marking(2, ["BATTERY"])))
    assert "level" in refused.value.message_dict


def test_a_room_known_to_fewer_than_its_ceiling_admits_is_refused(world: World) -> None:
    with scenes.being(world.official) as actor, pytest.raises(ValidationError) as refused:
        services.open_room(actor=actor, **opening(ceiling=marking(0)))
    assert "参加組織の全員" in refused.value.message_dict["known_to"][0]


def test_a_council_needs_its_legal_basis(world: World) -> None:
    with scenes.being(world.official) as actor:
        with pytest.raises(ValidationError) as refused:
            services.open_room(actor=actor, **opening(kind=Room.Kind.COUNCIL))
        assert "legal_basis" in refused.value.message_dict
        room = services.open_room(
            actor=actor, **opening(kind=Room.Kind.COUNCIL, legal_basis="架空物資安定供給法第十条")
        )
    with scenes.being(world.official) as actor, pytest.raises(ValidationError):
        services.rename(actor=actor, room=room, name="協議会", purpose="目的", legal_basis="")


def test_the_database_refuses_a_council_without_legal_basis(world: World) -> None:
    with pytest.raises(IntegrityError, match="room_council_has_legal_basis"), transaction.atomic():
        scenes.scene(world, kind=Room.Kind.COUNCIL)


def test_renaming_is_the_stewards(world: World) -> None:
    room = scenes.scene(world)
    with scenes.being(world.official) as actor:
        services.rename(actor=actor, room=room, name="新しい名称", purpose="新しい目的", legal_basis="")
    with scenes.being(world.engineer) as actor:
        assert rooms.room(actor, room.pk).name == "新しい名称"
        with pytest.raises(Denied):
            services.rename(actor=actor, room=room, name="別の名称", purpose="", legal_basis="")


def test_a_rooms_name_and_purpose_lie_sealed(world: World) -> None:
    room = scenes.scene(world, name="計画鳳仙花", purpose="鳳仙花の件")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT name, purpose FROM dialogues_room WHERE id = %s", [room.pk])
        stored = b"".join(bytes(cell) for cell in cursor.fetchone())
    assert "鳳仙花".encode() not in stored
