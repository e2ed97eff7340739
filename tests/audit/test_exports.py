"""What the auditor takes away and the operator exports passes with the script, and holds nothing above their level."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit import proof_export, queries
from tests.audit.conftest import sql
from tests.audit.strangers import SCRIPT, SECRET, changed, run, seals, set_record, signed
from tests.world import World, as_owner, as_role, authorise, sign_in

pytestmark = pytest.mark.django_db
__all__ = ["signed"]  # the fixture


@contextmanager
def fetched(world: World, tmp_path: Path) -> Iterator[Callable[..., Path]]:
    with as_owner():
        authorise(world.auditor, 1)
    client = sign_in(world.auditor)

    def fetch(address: str, **query: str) -> Path:
        response = client.get(address, query)
        assert response.status_code == 200, address
        body = b"".join(response.streaming_content) if response.streaming else response.content
        path = tmp_path / response["Content-Disposition"].partition('filename="')[2].rstrip('"')
        path.write_bytes(body)
        return path

    yield fetch


def test_the_auditors_own_exports_pass_with_the_script_from_the_page(
    world: World, signed: None, tmp_path: Path
) -> None:
    with as_owner():
        world.auditor.refresh_from_db()
    with fetched(world, tmp_path) as fetch:
        script = fetch("/audit/verify_audit_export.py")
        assert script.read_bytes() == SCRIPT.read_bytes()
        kept = fetch(f"/audit/heads/{seals()[1].size}/head.json")
        log = fetch("/audit/export.jsonl")
        assert run(log, "--head", kept)[0] == 0
        assert SECRET not in log.read_text()
        few = fetch("/audit/export.jsonl", act="document.open")
        code, said = run(few)
        assert (code, "events 600" in said) == (0, True), said
        assert SECRET not in few.read_text()
        growth = fetch(f"/audit/heads/{seals()[1].size}/consistency.jsonl")
        assert run(growth, "--head", kept)[0] == 0
        ((hidden,),) = sql_as_owner("SELECT id FROM audit_event WHERE target_id = 'target-3'")
        one = fetch(f"/audit/{hidden}/proof.jsonl")
        code, said = run(one)
        assert (code, "events 1," in said) == (0, True), said
        assert "target-3" not in one.read_text()
        assert str(hidden) in one.read_text()


def sql_as_owner(statement: str) -> list[tuple[Any, ...]]:
    with as_role("portal_owner"):
        return sql(statement)


def test_tampering_shows_in_extracts_and_in_proofs_of_growth(world: World, signed: None, tmp_path: Path) -> None:
    with fetched(world, tmp_path) as fetch:
        few = fetch("/audit/export.jsonl", act="document.open", since=str(timezone.localdate() - timedelta(days=1)))
        assert "#7: 改変または挿入" in run(changed(few, lambda lines: set_record(lines, 7)))[1]
        growth = fetch("/audit/heads/180/consistency.jsonl")
        bent = changed(growth, lambda lines: lines[-2]["path"].reverse())
        assert "head 180-600: 作り直し" in run(bent)[1]
        code, said = run(growth, "--printed", f"180:{'11' * 32}")
        assert (code, "kept head 180: 作り直し" in said) == (3, True)


def test_an_export_ends_with_the_duty(signed: None) -> None:
    with as_role("portal_worker"):
        found = queries.newest_head()
        assert found
        text = "".join(proof_export.whole(found, {}, lambda: nullcontext(None)))
    assert '"type":"broken"' in text
    assert '"type":"end"' not in text


# --- the operator's command -----------------------------------------------------------------------------------


def test_the_operators_export_hides_what_was_not_asked_for(signed: None, tmp_path: Path) -> None:
    with as_role("portal_worker"):
        call_command("audit_export", str(tmp_path / "log.jsonl"), "--database=default", verbosity=0)
        call_command("audit_export", str(tmp_path / "all.jsonl"), "--level=2", "--database=default", verbosity=0)
        with pytest.raises(CommandError, match="書出しのファイルを書けません"):
            call_command("audit_export", str(tmp_path / "all.jsonl"), "--database=default")
    assert run(tmp_path / "log.jsonl")[0] == run(tmp_path / "all.jsonl")[0] == 0
    assert SECRET not in (tmp_path / "log.jsonl").read_text()
    assert SECRET in (tmp_path / "all.jsonl").read_text()
    assert sql_as_owner("SELECT count(*) FROM audit_event WHERE act = 'audit.export'") == [(3,)]


def test_the_operator_is_told_when_there_is_nothing_to_export(db: None, tmp_path: Path) -> None:
    with as_role("portal_worker"), pytest.raises(CommandError, match="まだ封印がない"):
        call_command("audit_export", str(tmp_path / "log.jsonl"), "--database=default")
    with pytest.raises(CommandError, match="portal_worker"):
        call_command("audit_export", str(tmp_path / "log.jsonl"), "--database=default")
