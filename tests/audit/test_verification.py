"""The check names what was altered, removed, inserted or moved, and does not cry wolf."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from audit import merkle
from audit.encoding import hash_of, row_of
from audit.findings import Fault
from audit.heads import Head
from audit.models import Seal
from audit.verification import CannotSee, check_log
from tests.audit.conftest import START, checked, event_at, faults, happen, sealed, sql, tampering, verify
from tests.world import as_role

pytestmark = pytest.mark.django_db


def insert(at: str = "2026-11-22T09:00:00.5Z") -> str:
    """A forged event, put in behind the program's back."""
    id_ = str(uuid4())
    sql(
        "INSERT INTO audit_event VALUES (%s, %s, null, null, 'document.list', '', '', '', 0, '{}')", id_, at
    )  # fmt: skip
    return id_


ASIDE = 1_000_000  # places that are out of the way for a moment


def swap(one: int, other: int) -> None:
    sql("UPDATE audit_leaf SET seq = %s WHERE seq = %s", ASIDE, one)
    sql("UPDATE audit_leaf SET seq = %s WHERE seq = %s", one, other)
    sql("UPDATE audit_leaf SET seq = %s WHERE seq = %s", other, ASIDE)


def renumber(since: int, by: int) -> None:
    """Close a gap, or open one, in the places from `since` on."""
    sql("UPDATE audit_leaf SET seq = seq + %s WHERE seq >= %s", ASIDE, since)
    sql("UPDATE audit_leaf SET seq = seq - %s WHERE seq >= %s", ASIDE - by, ASIDE)


def id_at(seq: int) -> str:
    return str(sql("SELECT event_id FROM audit_leaf WHERE seq = %s", seq)[0][0])


def last_head() -> Head:
    with as_role("portal_owner"):
        return Head.of(Seal.objects.latest("tree_size"))


def test_an_untouched_log_is_whole(log: None) -> None:
    report = checked()
    assert report.findings == []
    assert report.size == 20
    assert report.head == last_head()


def test_an_empty_log_is_whole() -> None:
    report = checked()
    assert (report.findings, report.size, report.head) == ([], 0, None)


def test_text_that_needs_escaping_is_whole(db: None) -> None:
    happen(1, label='a\\b\t"改行"\n\r\v\f\b\u2028\\N', detail={'k"\\': "\\N\t\n"})
    happen(1, START + timedelta(milliseconds=1), label="\\N")
    sealed()
    assert checked().findings == []


@pytest.mark.parametrize(
    "change",
    [
        "act = 'document.list'",
        "at = at + interval '1 microsecond'",
        "person_id = null",
        "organisation_id = gen_random_uuid()",
        "target_type = 'room'",
        "target_id = 'another'",
        "label = 'HI'",
        "level = 1",
        "detail = '{\"page\": 99}'",
    ],
)
def test_an_altered_column_is_named(log: None, change: str) -> None:
    with tampering():
        sql(f"UPDATE audit_event SET {change} WHERE id = %s", id_at(7))
    assert faults() == [(Fault.ALTERED, 7)]


def test_several_altered_rows_are_each_named(log: None) -> None:
    with tampering():
        for seq in (0, 4, 13, 19):
            sql("UPDATE audit_event SET label = 'x' WHERE id = %s", id_at(seq))
    assert faults() == [(Fault.ALTERED, seq) for seq in (0, 4, 13, 19)]


def test_a_removed_event_is_named_with_its_id(log: None) -> None:
    with tampering():
        gone = id_at(6)
        sql("DELETE FROM audit_event WHERE id = %s", gone)
    (finding,) = checked().findings
    assert (finding.fault, finding.seq, finding.event_id) == (Fault.REMOVED, 6, gone)


def test_a_removed_event_and_place_are_named(log: None) -> None:
    with tampering():
        sql("DELETE FROM audit_event WHERE id = %s", id_at(6))
        sql("DELETE FROM audit_leaf WHERE seq = 6")
    assert faults() == [(Fault.REMOVED, 6)]


def test_a_removed_place_is_named_with_the_event_that_stood_there(log: None) -> None:
    with tampering():
        stood = id_at(6)
        sql("DELETE FROM audit_leaf WHERE seq = 6")
    (finding,) = checked().findings
    assert (finding.fault, finding.seq, finding.event_id) == (Fault.UNPLACED, 6, stood)


def test_a_removal_with_all_places_moved_up_is_named(log: None) -> None:
    with tampering():
        sql("DELETE FROM audit_event WHERE id = %s", id_at(15))
        sql("DELETE FROM audit_leaf WHERE seq = 15")
        renumber(16, -1)
    moved = [(Fault.REORDERED, seq) for seq in (15, 16, 17, 18)]
    assert sorted(faults(), key=str) == sorted([(Fault.REMOVED, 15), *moved], key=str)


def test_a_whole_second_removed_is_named_row_by_row(log: None) -> None:
    with tampering():
        for seq in range(5, 13):
            sql("DELETE FROM audit_event WHERE id = %s", id_at(seq))
        sql("DELETE FROM audit_leaf WHERE seq BETWEEN 5 AND 12")
    assert faults() == [(Fault.REMOVED, seq) for seq in range(5, 13)]


@pytest.mark.parametrize(("one", "other"), [(5, 6), (0, 4), (2, 18), (13, 14)])
def test_exchanged_places_are_named(log: None, one: int, other: int) -> None:
    with tampering():
        swap(one, other)
    findings = checked().findings
    assert [(each.fault, each.seq, each.sealed_seq) for each in findings] == [
        (Fault.REORDERED, one, other),
        (Fault.REORDERED, other, one),
    ]


def test_an_event_put_in_without_a_seal_is_named(log: None) -> None:
    with tampering():
        id_ = insert()
    (finding,) = checked().findings
    assert (finding.fault, finding.event_id) == (Fault.UNSEALED, id_)


def test_an_event_just_recorded_is_not_yet_a_fault(log: None) -> None:
    happen(1, START + timedelta(minutes=10))
    assert faults(at=START + timedelta(minutes=10, seconds=30)) == []
    assert [fault for fault, _ in faults(at=START + timedelta(minutes=12))] == [Fault.UNSEALED]


def test_an_event_with_an_old_date_is_named_though_the_sealer_took_it(log: None) -> None:
    happen(1, START - timedelta(days=3))
    happen(1, START + timedelta(minutes=20))
    assert sealed(START + timedelta(minutes=5)) == 2
    assert faults() == [(Fault.MISDATED, 20), (Fault.MISDATED, 21)]


def test_a_sealer_that_catches_up_after_a_pause_is_no_fault(log: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.sealing.BATCH", 4)
    happen(10, START + timedelta(minutes=1))
    happen(3, START + timedelta(hours=9))
    assert sealed(START + timedelta(hours=9, seconds=1)) == 13
    assert faults(at=START + timedelta(hours=10)) == []


def test_a_forged_place_after_the_last_seal_is_named(log: None) -> None:
    with tampering():
        id_ = insert()
        sql("INSERT INTO audit_leaf VALUES (20, %s)", id_)
    (finding,) = checked().findings
    assert (finding.fault, finding.seq, finding.event_id) == (Fault.BEYOND, 20, id_)


def test_an_event_put_between_with_the_places_moved_down_is_named(log: None) -> None:
    with tampering():
        renumber(16, 1)
        sql("INSERT INTO audit_leaf VALUES (16, %s)", insert())
    assert faults() == [
        (Fault.INSERTED, 16),
        *((Fault.REORDERED, seq) for seq in (17, 18, 19, 20)),
    ]


def test_an_event_exchanged_for_a_forged_one_is_named(log: None) -> None:
    with tampering():
        stood = id_at(8)
        sql("UPDATE audit_leaf SET event_id = %s WHERE seq = 8", insert())
    findings = {(each.fault, each.seq): each.event_id for each in checked().findings}
    assert set(findings) == {(Fault.INSERTED, 8), (Fault.UNPLACED, 8)}
    assert findings[Fault.UNPLACED, 8] == stood


def reseal(size: int, seq: int) -> None:
    """Bend the hashes kept by a seal after a row, too: all that can be done without the key."""
    leaves = bytearray(bytes(sql("SELECT leaves FROM audit_seal WHERE tree_size = %s", size)[0][0]))
    start = size - len(leaves) // 32
    leaves[(seq - start) * 32 : (seq - start + 1) * 32] = hash_of(row_of(event_at(seq)))
    sql("UPDATE audit_seal SET leaves = %s WHERE tree_size = %s", bytes(leaves), size)


def test_where_the_kept_hashes_are_bent_too_the_second_is_named(log: None) -> None:
    with tampering():
        sql("UPDATE audit_event SET label = 'x' WHERE id = %s", id_at(7))
        reseal(13, 7)
    (finding,) = checked().findings
    assert (finding.fault, finding.seq, finding.until) == (Fault.STRETCH, 5, 12)


def test_where_the_root_is_bent_as_well_the_signature_tells(log: None) -> None:
    with tampering():
        sql("UPDATE audit_event SET label = 'x' WHERE id = %s", id_at(7))
        reseal(13, 7)
        leaves = [hash_of(row_of(event_at(seq))) for seq in range(13)]
        frontier = merkle.extend(0, (), leaves)
        sql(
            "UPDATE audit_seal SET root_hash = %s, frontier = %s WHERE tree_size = 13",
            merkle.root(frontier), merkle.pack(frontier),
        )  # fmt: skip
    assert (Fault.SEAL_ALTERED, 12) in faults()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("root_hash = sha256(root_hash)", Fault.SEAL_ALTERED),
        ("previous = sha256(previous)", Fault.SEAL_ALTERED),
        ("at = at + interval '1 second'", Fault.SEAL_ALTERED),
        ("signature = sha256(signature)", Fault.SEAL_ALTERED),
        ("key_id = 'another'", Fault.SEAL_ALTERED),
        ("leaves = decode(repeat('00', octet_length(leaves)), 'hex')", Fault.SEAL_WORN),
        ("frontier = decode(repeat('00', octet_length(frontier)), 'hex')", Fault.SEAL_WORN),
    ],
)
@pytest.mark.parametrize("size", [5, 13, 20])
def test_an_altered_seal_is_named_and_its_rows_are_not_blamed(log: None, change: str, fault: Fault, size: int) -> None:
    if size == 20 and "key_id" in change:
        change = "signature = 'x'"  # the name of the last key is under no signature yet
    with tampering():
        sql(f"UPDATE audit_seal SET {change} WHERE tree_size = %s", size)
    assert faults() == [(fault, size - 1)]


def test_a_removed_seal_is_named(log: None) -> None:
    with tampering():
        sql("DELETE FROM audit_seal WHERE tree_size = 13")
    assert faults() == [(Fault.SEAL_REMOVED, 13)]


def test_the_first_seal_removed_is_named(log: None) -> None:
    with tampering():
        sql("DELETE FROM audit_seal WHERE tree_size = 5")
    assert faults() == [(Fault.SEAL_REMOVED, 12)]


def test_the_end_cut_off_leaves_places_without_a_seal(log: None) -> None:
    with tampering():
        sql("DELETE FROM audit_seal WHERE tree_size = 20")
    assert faults() == [(Fault.BEYOND, seq) for seq in range(14, 20)]


def cut_off(size: int) -> None:
    sql("DELETE FROM audit_seal WHERE tree_size > %s", size)
    sql("DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_leaf WHERE seq >= %s)", size)
    sql("DELETE FROM audit_leaf WHERE seq >= %s", size)


def test_a_clean_cut_shows_only_against_an_earlier_head(log: None) -> None:
    head = last_head()
    with tampering():
        cut_off(13)
    assert faults() == []
    (finding,) = checked(head).findings
    assert (finding.fault, finding.seq, finding.until) == (Fault.HEAD_AHEAD, 13, 19)


def test_a_log_made_anew_by_whoever_holds_the_key_differs_from_an_earlier_head(log: None) -> None:
    head = last_head()
    with tampering():
        cut_off(13)
    happen(9, START + timedelta(seconds=10))
    sealed(START + timedelta(seconds=11))
    assert faults() == []
    assert faults(head) == [(Fault.HEAD_DIFFERS, 19)]


def test_a_log_that_has_grown_meets_an_earlier_head(log: None) -> None:
    head = last_head()
    happen(9, START + timedelta(seconds=10))
    sealed(START + timedelta(seconds=11))
    assert faults(head) == []


def test_a_forged_head_is_told_from_a_forged_log(log: None) -> None:
    assert faults(replace(last_head(), root="00" * 32)) == [(Fault.HEAD_FORGED, None)]


def test_a_head_survives_being_written_down(log: None) -> None:
    assert Head.from_json(last_head().to_json()) == last_head()


@pytest.mark.parametrize("role", ["portal_app"])
def test_a_role_that_does_not_see_the_log_finds_nothing_right(log: None, role: str) -> None:
    with pytest.raises(CannotSee), as_role(role):
        check_log(verify=verify)


def test_too_many_faults_are_cut_short(log: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.verification.MOST_FINDINGS", 3)
    with tampering():
        sql("UPDATE audit_event SET label = 'x'")
    assert [fault for fault, _ in faults()] == [Fault.ALTERED] * 3 + [Fault.TOO_MANY]


def test_beyond_what_is_compared_row_by_row_the_second_is_named(log: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.diagnosis.MOST_ROWS", 6)
    with tampering():
        sql("UPDATE audit_event SET label = 'x' WHERE id IN (%s, %s)", id_at(2), id_at(7))
    assert faults() == [(Fault.ALTERED, 2), (Fault.STRETCH, 5)]


@pytest.mark.parametrize(
    "vandalism",
    [
        lambda: sql("DELETE FROM audit_event"),
        lambda: sql("DELETE FROM audit_leaf"),
        lambda: sql("DELETE FROM audit_seal"),
        lambda: (sql("DELETE FROM audit_leaf"), sql("DELETE FROM audit_event")),
        lambda: sql("UPDATE audit_leaf SET seq = seq + 100"),
        lambda: sql("UPDATE audit_event SET detail = '{}', label = 'x'"),
    ],
)
def test_vandalism_is_always_found(log: None, vandalism: Callable[[], object]) -> None:
    with tampering():
        vandalism()
    assert faults()
