"""`manage.py audit_verify` and the sealing task, with the vault's own signatures."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit.models import Event, Seal
from portal.tasks import check_audit_log, seal_audit_log
from tests.audit.checking import failing, verified
from tests.audit.conftest import happen, sql, tampering
from tests.world import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_log(db: None) -> None:
    """Twelve events of a moment ago, sealed by the task twice."""
    for ago in (60, 30):
        happen(6, timezone.now() - timedelta(seconds=ago))
        with as_role("portal_worker"):
            seal_audit_log()


def test_the_task_seals_under_a_named_key(signed_log: None) -> None:
    with as_role("portal_owner"):
        assert {seal.key_id for seal in Seal.objects.all()} == {Seal.objects.latest("tree_size").key_id}
        assert len(Seal.objects.latest("tree_size").key_id) == 16


def test_a_whole_log_is_said_to_be_whole_in_both_languages(signed_log: None) -> None:
    said = verified()
    assert "異常はありません" in said
    assert "No faults" in said
    assert "12 / 0 /" in said


def test_each_check_is_an_event(signed_log: None) -> None:
    verified()
    with as_role("portal_owner"):
        event = Event.objects.get(act="audit.verify")
    assert event.detail == {"findings": 0, "size": 12}
    assert event.person_id is None


def test_an_altered_row_is_named_in_both_languages_and_the_command_fails(signed_log: None) -> None:
    with tampering():
        ((altered,),) = sql("SELECT event_id FROM audit_leaf WHERE seq = 7")
        sql("UPDATE audit_event SET label = 'PUBLIC' WHERE id = %s", altered)
    said = failing()
    assert f"#7 {altered}" in said
    assert "改変" in said
    assert "Altered" in said


def test_a_signature_of_another_key_is_no_signature(signed_log: None) -> None:
    with tampering():
        sql("UPDATE audit_seal SET signature = %s WHERE tree_size = 12", bytes(64))
    assert "封印の改変" in failing()


def test_an_exported_head_is_met_later_and_catches_a_cut(signed_log: None, tmp_path: Path) -> None:
    head = tmp_path / "head.json"
    verified("--export-head", str(head))
    happen(3, timezone.now())
    with as_role("portal_worker"):
        seal_audit_log()
    assert "異常はありません" in verified("--head", str(head))
    with tampering():
        sql("DELETE FROM audit_seal WHERE tree_size > 6")
        sql("DELETE FROM audit_event WHERE id IN (SELECT event_id FROM audit_leaf WHERE seq >= 6)")
        sql("DELETE FROM audit_leaf WHERE seq >= 6")
    assert "異常はありません" in verified()
    assert "Removed" in failing("--head", str(head))


@pytest.mark.parametrize("text", ["", "{}", "[]", "not json", '{"format": "entaku-audit-head-1", "size": 1}'])
def test_what_is_no_head_is_refused_plainly(signed_log: None, tmp_path: Path, text: str) -> None:
    path = tmp_path / "head.json"
    path.write_text(text)
    assert "封印の控えを読めません" in failing("--head", str(path), code=1)
    assert "封印の控えを読めません" in failing("--head", str(tmp_path / "missing"), code=1)


def test_a_head_is_written_over_no_other_and_never_of_a_log_with_faults(signed_log: None, tmp_path: Path) -> None:
    head = tmp_path / "head.json"
    verified("--export-head", str(head))
    kept = head.read_text()
    happen(1, timezone.now())
    with as_role("portal_worker"):
        seal_audit_log()
    assert "封印の控えを書けません" in failing("--export-head", str(head), code=1)
    assert head.read_text() == kept
    assert "封印の控えを書けません" in failing("--export-head", str(tmp_path / "missing" / "head.json"), code=1)
    with tampering():
        sql("UPDATE audit_event SET label = 'PUBLIC'")
    failing("--export-head", str(tmp_path / "other.json"))
    assert not (tmp_path / "other.json").exists()


def test_the_web_role_is_told_that_it_sees_nothing(signed_log: None) -> None:
    with pytest.raises(CommandError, match="portal_worker"):
        call_command("audit_verify", "--database=default")


def test_the_daily_check_leaves_its_result_and_the_head(signed_log: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with as_role("portal_worker"):
        check_audit_log()
    with as_role("portal_owner"):
        assert Event.objects.get(act="audit.verify").detail == {"findings": 0, "size": 12}
        assert Seal.objects.get(tree_size=12).root in caplog.text
    with tampering():
        sql("UPDATE audit_event SET label = 'PUBLIC'")
    with as_role("portal_worker"):
        check_audit_log()
    assert "12 faults in 12 events" in caplog.text
