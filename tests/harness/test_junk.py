"""Codes, markings and keys take nothing but what the portal itself would write, whatever SQL the web role runs."""

from __future__ import annotations

from contextlib import nullcontext
from uuid import uuid4, uuid5

import pytest

from clearance.markings import key_of, marking
from clearance.masks import RESERVED, UNRESTRICTED
from clearance.models import Compartment, Marking
from tests import world as build
from tests.documents.acting import hand_over
from tests.harness.injected import refused
from tests.world import World, being
from vault.models import MarkingKey

pytestmark = pytest.mark.django_db

COMPARTMENT = "INSERT INTO clearance_compartment (id, code, name, name_en, bit) VALUES (%s, 'JUNK', 'x', '', 40)"
GROUP = (
    "INSERT INTO clearance_releasegroup (id, code, name, name_en, bit, countries) "
    "VALUES (%s, 'ALL', 'x', '', 40, '{NL}')"
)
MARKING = (
    "INSERT INTO clearance_marking (id, text, level, comp_mask, release_mask, tlp) VALUES (%s, %s, %s, %s, %s, %s)"
)
KEY = (
    "INSERT INTO vault_markingkey (id, marking, version, wrapped, created, retired, destroyed) "
    "VALUES (gen_random_uuid(), %s, %s, decode(repeat('ab', 60), 'hex'), now(), {retired}, {destroyed})"
).format


@pytest.mark.parametrize("who", [None, "official", "secretary", "engineer", "auditor"])
def test_only_the_clearance_officer_enters_codes(world: World, who: str | None) -> None:
    with being(world.people[who]) if who else nullcontext():
        for entered in (COMPARTMENT, GROUP):
            assert refused(entered, uuid4())
        assert Compartment.objects.count() == 2
    with being(world.clearance_officer):
        for entered in (COMPARTMENT, GROUP):
            assert not refused(entered, uuid4())


def lay(text: str, level: int, comp: int, release: int = UNRESTRICTED, tlp: str = "", key: object = None) -> bool:
    """Whether a marking is refused."""
    return refused(MARKING, key or key_of(text), text, level, comp, release, tlp)


def test_a_marking_is_what_its_text_says_in_the_one_way_to_say_it(world: World) -> None:
    semicon, both = world.hi_semicon.comp_mask, marking(2, ["SEMICON", "BATTERY"]).comp_mask
    with being(world.engineer):
        text = "HI//SEMICON//TLP:RED"
        for level, comp, release in ((0, RESERVED, -1), (2, RESERVED, -1), (2, semicon, 1), (1, semicon, -1)):
            assert lay(text, level, comp, release, "RED")
        for text, comp, tlp in (
            ("HI//SEMICON,BATTERY", both, ""),  # in another order
            ("HI//BATTERY,BATTERY,SEMICON", both, ""),  # twice
            ("HI//BATTERY//SEMICON", both, ""),  # in two pieces
            ("HI//TLP:RED//SEMICON", semicon, "RED"),  # the pieces in another order
            ("HI//SEMICON//", semicon, ""),
            ("HI//NOBODYS", RESERVED, ""),
            ("HI//TLP:PINK", RESERVED, "PINK"),
            ("hi//SEMICON", semicon, ""),
        ):
            assert lay(text, 2, comp, tlp=tlp), text
        assert not lay("HI//SEMICON//TLP:RED", 2, semicon, tlp="RED")
        assert marking(2, ["SEMICON"], tlp="RED").text == "HI//SEMICON//TLP:RED"


def test_a_marking_lies_under_the_id_of_its_text_and_no_other(world: World) -> None:
    with being(world.engineer):
        for key in (uuid4(), key_of("PUBLIC"), uuid5(uuid4(), "SENSITIVE//TLP:RED")):
            assert lay("SENSITIVE//TLP:RED", 1, RESERVED, tlp="RED", key=key)
        assert not lay("SENSITIVE//TLP:RED", 1, RESERVED, tlp="RED")
        assert marking(1, tlp="RED").pk == key_of("SENSITIVE//TLP:RED")


@pytest.mark.parametrize(
    ("level", "compartments", "groups", "tlp"),
    [
        (0, [], [], ""), (0, [], [], "CLEAR"), (1, [], ["LIKEMINDED"], ""), (2, ["SEMICON"], [], "AMBER+STRICT"),
        (2, ["SEMICON", "BATTERY"], ["LIKEMINDED"], "RED"),
    ],
)  # fmt: skip
def test_whatever_the_portal_makes_the_database_takes(
    world: World, level: int, compartments: list[str], groups: list[str], tlp: str
) -> None:
    with being(world.engineer):
        made = marking(level, compartments, groups, tlp)
        assert Marking.objects.get(pk=made.pk).text == made.text


def key(text: str, version: int = 1, *, retired: str = "NULL", destroyed: str = "NULL") -> bool:
    """Whether a marking's key is refused."""
    return refused(KEY(retired=retired, destroyed=destroyed), text, version)


def test_a_marking_gets_its_key_from_who_may_use_it_and_once(world: World) -> None:
    text = marking(2, ["SEMICON"], tlp="RED").text
    other = marking(2, ["BATTERY"]).text
    assert key(text), "without a context"
    for who in ("colleague", "foreign", "auditor"):
        with being(world.people[who]):
            assert key(text), who
    with being(world.engineer, 1):
        assert key(text), "the level is not proved"
    with being(world.engineer):
        assert key(other)
        assert key("HI//NOBODYS")
        assert key(text, 2)
        assert key(text, retired="now()")
        assert key(text, destroyed="now()")
        assert not key(text)
        assert key(text)
        assert key(text, 2), "the first is in use"
        for change in ("SET retired = now()", "SET wrapped = ''", "SET version = 7"):
            assert refused(f"UPDATE vault_markingkey {change}")
        assert refused("DELETE FROM vault_markingkey")
    with build.as_owner():
        MarkingKey.objects.update(retired=MarkingKey.objects.get(marking=text).created)
    with being(world.engineer):
        assert key(text, 3)
        assert not key(text, 2)


def test_an_ordinary_writer_uses_a_marking_first(world: World) -> None:
    first = marking(2, ["SEMICON"], tlp="GREEN")
    hand_over(world, world.engineer, marking=first, worked=False)
    assert MarkingKey.objects.filter(marking=first.text, version=1).exists()
