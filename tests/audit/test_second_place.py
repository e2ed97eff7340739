"""Each head once more outside the database: added to, never in the way of sealing, and compared by the check."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from audit import queries, second_place
from audit.findings import Fault
from audit.heads import Head
from audit.sealing import seal
from audit.second_place import kept_in
from audit.verification import BEHIND, check_log
from portal.tasks import check_audit_log, seal_audit_log
from tests.audit.checking import failing, verified
from tests.audit.conftest import happen, sql, tampering
from tests.world import as_role
from vault.signing import public_key, sign, verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.AUDIT_HEADS_FOLDER = tmp_path / "heads"
    monkeypatch.setattr(second_place, "_failing", False)
    return tmp_path / "heads"


def grow(number: int, ago: int = 0, reach: int | None = 60) -> None:
    happen(number, timezone.now() - timedelta(seconds=ago))
    with as_role("portal_worker"):
        seal_audit_log(reach)


def lines(folder: Path) -> list[str]:
    return [line for path in sorted(folder.iterdir()) for line in path.read_text().splitlines()]


def newest() -> Head:
    with as_role("portal_owner"):
        found = queries.newest_head()
    assert found
    return found


def test_each_head_is_added_with_its_key_and_on_the_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda file: (synced.append(file), fsync(file)))
    grow(3, ago=5)
    first = lines(folder)
    assert len(synced) == 2, "the file and, as it is new, its folder"
    grow(2)
    assert lines(folder)[:1] == first
    assert [Head.from_json(line).size for line in lines(folder)] == [3, 5]
    assert Head.from_json(lines(folder)[-1]) == newest()
    assert len(json.loads(lines(folder)[0])["public_key"]) == 64
    (path,) = folder.iterdir()
    assert path.name == f"heads-{newest().at[:10]}.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_head_is_added_once_and_what_failed_is_made_good_by_the_next_minutes_run(folder: Path) -> None:
    folder.parent.chmod(0o700)
    folder.write_text("in the way")
    grow(3)
    assert newest().size == 3, "sealed all the same"
    folder.unlink()
    with as_role("portal_worker"):
        seal_audit_log(60)
        assert not folder.exists(), "nothing sealed, nothing tried: a second later it would be"
        seal_audit_log(3600)
        seal_audit_log(3600)
    assert len(lines(folder)) == 1


def test_a_failure_is_said_once_and_its_end_too(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.write_text("in the way")
    grow(1)
    grow(1)
    folder.unlink()
    grow(1)
    said = [record.getMessage() for record in caplog.records if record.name == "audit.second_place"]
    assert [line.partition(": ")[2].partition(":")[0] for line in said] == [
        "cannot be written to the second place",
        "written to the second place again",
    ]


def test_a_line_cut_short_is_named_as_failure_and_the_next_begins_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, data: write(file, data[:50]))
        grow(2)
    grow(2)
    assert len(lines(folder)[0]) == 50
    assert [head.size for head in kept_in(folder)] == [4]


def test_the_check_compares_the_second_place_by_itself(folder: Path) -> None:
    grow(6, ago=20)
    grow(6)
    assert "異常はありません" in verified()
    with tampering():
        sql("DELETE FROM audit_seal WHERE tree_size > 6")
        sql("DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_leaf WHERE seq >= 6)")
        sql("DELETE FROM audit_leaf WHERE seq >= 6")
    assert "控えより記録が短く" in failing()


def rebuild() -> None:
    """All of it made anew by somebody who even holds our signing key."""
    kept = newest()
    with tampering():
        sql("UPDATE audit_event SET label = 'PUBLIC'")
        sql("DELETE FROM audit_leaf")
        sql("DELETE FROM audit_seal")
    with as_role("portal_worker"):
        assert seal(sign=sign, at=timezone.now(), public_key=public_key) == kept.size


def test_a_log_made_anew_under_our_own_key_is_caught(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    grow(6, ago=20)
    grow(6)
    rebuild()
    assert "作り直し" in failing()
    assert "作り直し" in failing("--heads", str(folder))
    with as_role("portal_worker"):
        check_audit_log()
    assert "1 faults in 12 events" in caplog.text


@pytest.mark.parametrize(
    ("bend", "fault"),
    [
        (lambda head: {**head, "root": "11" * 32}, Fault.HEAD_FORGED),
        (lambda head: {**head, "size": 10**9}, Fault.HEAD_FORGED),
        (lambda head: {**head, "signature": "11" * 64}, Fault.HEAD_FORGED),
    ],
)
def test_a_forged_line_is_named(folder: Path, bend: Callable[[dict[str, object]], object], fault: Fault) -> None:
    grow(6)
    (path,) = folder.iterdir()
    path.write_text(json.dumps(bend(json.loads(path.read_text()))) + "\n")
    assert str(fault.label) in failing()


def test_a_second_place_that_stays_behind_is_named(folder: Path) -> None:
    grow(6)
    (path,) = folder.iterdir()
    kept = kept_in(folder)
    path.write_text("")
    assert "異常はありません" in verified(), "a moment is no delay"
    later = timezone.now() + BEHIND + timedelta(minutes=1)
    with as_role("portal_worker"):
        seal_audit_log(60)  # what the check itself recorded
    path.write_text("")
    with as_role("portal_worker"), time_machine.travel(later):
        (finding,) = check_log(verify=verify, second=kept_in(folder)).findings
        assert (finding.fault, finding.seq, finding.until) == (Fault.HEADS_BEHIND, 0, 6)
        (finding,) = check_log(verify=verify, second=kept).findings
        assert (finding.fault, finding.seq, finding.until) == (Fault.HEADS_BEHIND, 6, 6)
        assert check_log(verify=verify).findings == []


def test_only_the_end_of_a_long_file_is_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        grow(1)
    monkeypatch.setattr(second_place, "TAIL", 700)
    assert [head.size for head in kept_in(folder)] == [3]


def test_a_folder_that_is_not_there_is_not_an_empty_one(folder: Path) -> None:
    grow(1)
    assert "第二の保管先を読めません" in failing("--heads", str(folder / "elsewhere"), code=1)


def test_without_a_second_place_all_is_as_before(settings: Any) -> None:
    settings.AUDIT_HEADS_FOLDER = None
    grow(2)
    with as_role("portal_worker"):
        assert check_log(verify=verify).findings == []
