"""Recording: in the caller's transaction or not at all, and nothing but metadata."""

import contextlib
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation, Person
from audit.acts import ACTS, GROUPS, Act, UnknownAct, acts_in, group_of, label_of
from audit.models import Event
from audit.services import LONGEST_DETAIL, SYSTEM, Happening, UnfitDetail, record, record_each
from tests.audit.conftest import Someone
from tests.world import World, as_role, being, organisation

pytestmark = pytest.mark.django_db


def events() -> list[Event]:
    with as_role("portal_owner"):
        return list(Event.objects.order_by("at", "id"))


def test_an_event_says_who_did_what_to_which_thing() -> None:
    actor, thing = Someone(), uuid4()
    record(
        actor=actor, act="document.open", target_type="document", target_id=thing, label="HI//SEMICON", level=2,
        detail={"page": 3, "range": True, "part": None, "why": "閲覧"},
    )  # fmt: skip
    (event,) = events()
    assert (event.person_id, event.organisation_id) == (actor.person_id, actor.organisation_id)
    assert (event.act, event.target_type, event.target_id) == ("document.open", "document", str(thing))
    assert (event.label, event.level) == ("HI//SEMICON", 2)
    assert event.detail == {"page": 3, "range": True, "part": None, "why": "閲覧"}
    assert event.id.version == 7
    assert event.at.tzinfo


def test_the_portal_itself_acts_as_nobody() -> None:
    record(actor=SYSTEM, act=Act.AUDIT_VERIFY)
    (event,) = events()
    assert event.person_id is None
    assert event.organisation_id is None


def register(officer: Person, *, level: int, undo: bool = False) -> None:
    """A change and its event, as a service makes them."""
    with being(officer) as actor:
        firm = organisation("霧峰電子（架空）")
        assert Organisation.objects.filter(pk=firm.pk).exists()
        record(actor=actor, act=Act.ORGANISATION_REGISTER, target_id=firm.pk, level=level)
        transaction.set_rollback(undo)


def test_a_failed_audit_write_undoes_the_change(world: World) -> None:
    with pytest.raises(IntegrityError):
        register(world.clearance_officer, level=-1)
    assert not Organisation.objects.filter(name="霧峰電子（架空）").exists()


def test_whoever_catches_a_failed_audit_write_still_cannot_commit(world: World) -> None:
    with being(world.clearance_officer) as actor:
        organisation("霧峰電子（架空）")
        with contextlib.suppress(IntegrityError):
            record(actor=actor, act=Act.ORGANISATION_REGISTER, level=-1)
    assert not Organisation.objects.filter(name="霧峰電子（架空）").exists()


def test_an_undone_change_leaves_no_event(world: World) -> None:
    register(world.clearance_officer, level=0, undo=True)
    assert [event.act for event in events()] == []
    register(world.clearance_officer, level=0)
    assert [event.act for event in events()] == ["organisation.register"]


def test_an_unknown_act_is_refused() -> None:
    with pytest.raises(UnknownAct, match="admire"):
        record(actor=Someone(), act="document.admire")
    assert events() == []


@pytest.mark.parametrize("value", [1.5, ["a"], {"a": 1}, b"a", "長" * (LONGEST_DETAIL + 1)])
def test_detail_takes_no_content(value: object) -> None:
    with pytest.raises(UnfitDetail):
        record(actor=Someone(), act=Act.DOCUMENT_OPEN, detail={"what": value})  # type: ignore[dict-item]
    assert events() == []


def test_what_was_typed_as_an_address_never_breaks_a_denial() -> None:
    record(actor=Someone(), act=Act.ACCESS_DENIED, target_id="a\0" + "é" * 500, detail={"kind": "x\0y"})
    (event,) = events()
    assert event.target_id == "a\N{REPLACEMENT CHARACTER}" + "é" * 98
    assert event.detail == {"kind": "x\N{REPLACEMENT CHARACTER}y"}


def test_recording_is_one_statement_without_a_savepoint() -> None:
    with CaptureQueriesContext(connection) as queries:
        record(actor=Someone(), act=Act.DOCUMENT_OPEN)
    assert [query["sql"] for query in queries if "SAVEPOINT" in query["sql"]] == []


def several(*levels: int) -> list[Happening]:
    return [
        Happening(
            Act.DOCUMENT_RELABEL, "document", f"item {number}", '秘 "x"\t{}\\N', level, {"to": "a,{b}", "n": None}
        )
        for number, level in enumerate(levels)
    ]


def test_many_are_recorded_in_one_statement_each_as_by_itself() -> None:
    actor = Someone()
    for happening in several(0, 2, 1):
        record(
            actor=actor, act=happening.act, target_type="document", target_id=happening.target_id,
            label=happening.label, level=happening.level, detail=happening.detail,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as queries:
        record_each(actor=actor, happenings=several(0, 2, 1))
        record_each(actor=SYSTEM, happenings=several(1, 1))
        record_each(actor=actor, happenings=[])
    assert len(queries) == 0  # past the ORM, on the same connection
    told = [(e.person_id, e.act, e.target_type, e.target_id, e.label, e.level, e.detail) for e in events()]
    assert told[:3] == told[3:6]
    assert [person for person, *_rest in told[6:]] == [None, None]
    assert len({event.id for event in events()}) == len({event.salt for event in events()}) == 8
    assert len({event.at for event in events()}) == 8


def test_of_many_one_that_is_refused_undoes_all(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        record_each(actor=SYSTEM, happenings=several(0, -1, 0))
    with pytest.raises(UnfitDetail):
        record_each(actor=SYSTEM, happenings=[*several(0), Happening(Act.AUDIT_VERIFY, detail={"long": "x" * 500})])
    assert events() == []


def test_every_act_belongs_to_a_named_group() -> None:
    assert {group_of(act) for act in ACTS} == set(GROUPS)
    assert all(acts_in(group) for group in GROUPS)
    assert acts_in("nothing") == []


def test_a_row_outlives_the_act_it_names() -> None:
    assert str(label_of("document.open")) == "文書の閲覧"
    assert label_of("document.admired") == "document.admired"
