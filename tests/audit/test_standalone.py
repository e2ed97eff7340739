"""The script for strangers, run as they would: a whole export passes, each tampering and a log made anew is named."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from audit import proof_export, queries
from audit.heads import Head
from audit.publishing import published_keys
from audit.queries import Holds
from audit.sealing import key_id, seal
from portal.tasks import seal_audit_log
from tests.audit.conftest import sql, tampering
from tests.world import World, as_owner, as_role, authorise, sign_in
from vault.signing import public_key

pytestmark = pytest.mark.django_db

SCRIPT: Path = settings.AUDIT_VERIFIER
SECRET = "HI//SEMICON//TLP:RED"
Lines = list[dict[str, Any]]


@pytest.fixture
def signed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six hundred events in seven seals; every third lies above the auditor's level."""
    monkeypatch.setattr("audit.sealing.BATCH", 90)
    with as_role("portal_owner"):
        sql(
            "INSERT INTO audit_event SELECT gen_random_uuid(), now() - interval '2 minutes' + n * interval '1 ms',"
            " gen_random_uuid(), null, 'document.open', 'document', 'target-' || n,"
            " CASE n %% 3 WHEN 0 THEN %s ELSE 'PUBLIC' END, CASE n %% 3 WHEN 0 THEN 2 ELSE 0 END,"
            " jsonb_build_object('page', n) FROM generate_series(1, 600) n",
            SECRET,
        )  # fmt: skip
    with as_role("portal_worker"):
        seal_audit_log()


def nobody_holds(level: int) -> bool:
    return False


def exported(path: Path, holds: Holds = nobody_holds, keys: dict[str, bytes] | None = None) -> Path:
    with as_role("portal_worker"):
        head = queries.newest_head()
        assert head
        text = proof_export.whole(head, keys or published_keys(), lambda: nullcontext(holds))
        path.write_text("".join(text), "utf-8")
    return path


def run(path: Path, *options: object) -> tuple[int, str]:
    """As a stranger: no Django, none of our folders on the path, no environment."""
    done = subprocess.run(
        [sys.executable, "-I", SCRIPT, path, *map(str, options)],
        capture_output=True, text=True, env={"PYTHONIOENCODING": "utf-8"}, cwd=path.parent,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def seals() -> list[Head]:
    with as_role("portal_owner"):
        return [Head.of(each) for each in reversed(queries.latest_seals(100))]


def changed(path: Path, change: Callable[[Lines], object]) -> Path:
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    change(lines)
    lines[-1] = {"type": "end", "lines": len(lines) - 1} if lines[-1]["type"] == "end" else lines[-1]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return path


def test_a_whole_export_passes_and_tells_nothing_above_the_readers_level(signed: None, tmp_path: Path) -> None:
    path = exported(tmp_path / "log.jsonl")
    (tmp_path / "head.json").write_text(seals()[2].to_json())
    code, said = run(path, "--head", "head.json", "--key", public_key().hex())
    assert (code, said.splitlines()[-1]) == (0, "記録 / events 600, 封印 / heads 7, 異常 / faults 0")
    text = path.read_text()
    assert SECRET not in text
    assert '"target-3"' not in text.replace("\\", "")
    assert '"target-4"' in text.replace("\\", "")
    assert SECRET in exported(tmp_path / "all.jsonl", lambda level: True).read_text()
    assert run(tmp_path / "all.jsonl")[0] == 0


def leaf(lines: Lines, seq: int) -> int:
    return next(at for at, line in enumerate(lines) if line.get("seq") == seq)


def head(lines: Lines, size: int) -> int:
    return next(at for at, line in enumerate(lines) if line["type"] == "head" and line["size"] == size)


def set_record(lines: Lines, seq: int, **more: Any) -> None:
    line = lines[leaf(lines, seq)]
    line["record"] = line["record"].replace("document.open", "document.list")
    line.update(more)


def swap(lines: Lines, one: int, other: int) -> None:
    at, to = leaf(lines, one), leaf(lines, other)
    lines[at], lines[to] = lines[to], lines[at]


def exchange(lines: Lines, one: int, other: int) -> None:
    """Two places take each other's contents: the numbers stay in order."""
    swap(lines, one, other)
    lines[leaf(lines, one)]["seq"], lines[leaf(lines, other)]["seq"] = other, one


def cut(lines: Lines, size: int) -> None:
    """The tail taken off neatly, so that all that is left fits."""
    lines[head(lines, size) + 1 : -1] = []
    lines[0]["size"] = size


TAMPERING: list[tuple[str, Callable[[Lines], object], str]] = [
    ("record", lambda lines: set_record(lines, 7), "#7: 改変"),
    ("record and hash", lambda lines: set_record(lines, 7, hash="00" * 32), "#7: 改変"),
    ("subject", lambda lines: lines[leaf(lines, 7)].update(subject='{"label":"x"}'), "#7: 改変: 格付"),
    ("removed", lambda lines: lines.pop(leaf(lines, 7)), "#7-#7: 削除"),
    ("record removed", lambda lines: lines[leaf(lines, 7)].update(record=None), "#7: 削除"),
    ("inserted", lambda lines: lines.insert(leaf(lines, 7), lines[leaf(lines, 9)]), "#7-#8: 削除"),
    ("doubled", lambda lines: lines.insert(leaf(lines, 7), lines[leaf(lines, 7)]), "#7: 挿入または並べ替え"),
    ("reordered", lambda lines: swap(lines, 100, 101), "#100-#100: 削除"),
    ("renumbered", lambda lines: exchange(lines, 100, 101), "#90-#179: この範囲が封印と合いません"),
    ("cut tail", lambda lines: lines.__delitem__(slice(leaf(lines, 590), -1)), "end: 末尾の記録か封印"),
    ("cut off", lambda lines: lines.__delitem__(slice(leaf(lines, 590), None)), "end: 書き出しが途中で"),
    ("head removed", lambda lines: lines.pop(head(lines, 180)), "head 270: 直前の封印がない"),
    ("root forged", lambda lines: lines[head(lines, 180)].update(root="11" * 32), "head 180: 署名が合いません"),
    ("date forged", lambda lines: lines[head(lines, 600)].update(at="2020"), "head 600: 署名が合いません"),
    ("signature forged", lambda lines: lines[head(lines, 600)].update(signature="11" * 64), "head 600: 署名"),
    ("key exchanged", lambda lines: lines[1].update(public_key="11" * 32), "head 600: 署名が合いません"),
]


@pytest.mark.parametrize(("change", "named"), [each[1:] for each in TAMPERING], ids=[each[0] for each in TAMPERING])
def test_each_tampering_is_named(signed: None, tmp_path: Path, change: Callable[[Lines], object], named: str) -> None:
    code, said = run(changed(exported(tmp_path / "log.jsonl"), change))
    assert code == 3, said
    assert any(line.startswith(named) for line in said.splitlines()), said


def test_a_neat_cut_is_caught_by_any_later_head(signed: None, tmp_path: Path) -> None:
    (tmp_path / "head.json").write_text(seals()[-1].to_json())
    path = changed(exported(tmp_path / "log.jsonl"), lambda lines: cut(lines, 540))
    assert run(path)[0] == 0
    code, said = run(path, "--head", "head.json")
    assert code == 3
    assert "kept head 600: 削除" in said


def test_who_rebuilds_all_with_a_key_of_their_own_is_caught_by_any_earlier_head(signed: None, tmp_path: Path) -> None:
    """A DBA: changes one event, makes every place and seal anew, and signs with a key that their export names."""
    before = seals()
    for number, each in enumerate(before):
        (tmp_path / f"{number}.json").write_text(each.to_json(public_key(), indent=1))
    (tmp_path / "second.jsonl").write_text("".join(each.to_json(public_key(), indent=None) for each in before))
    trusted, own = public_key(), Ed25519PrivateKey.generate()
    public = own.public_key().public_bytes_raw()
    with tampering():
        sql("UPDATE audit_event SET label = 'PUBLIC', level = 0 WHERE target_id = 'target-3'")
        sql("DELETE FROM audit_leaf")
        sql("DELETE FROM audit_seal")
    with as_role("portal_worker"):
        assert seal(sign=own.sign, at=timezone.now(), public_key=lambda: public) == 600
    path = exported(tmp_path / "log.jsonl", keys={key_id(public): public})
    assert run(path)[0] == 0, "by itself it is as good as any"
    assert run(path, "--key", trusted.hex())[0] == 3
    for number, each in enumerate(before):
        code, said = run(path, "--printed", f"{each.size}:{each.root}")
        assert (code, f"kept head {each.size}: 作り直し" in said) == (3, True)
        if number % 3 == 0:
            code, said = run(path, "--head", f"{number}.json")
            assert (code, f"kept head {each.size}: 控えの署名" in said) == (3, True)
    code, said = run(path, "--head", "second.jsonl")
    assert (code, said.count("作り直し")) == (3, len(before))


@pytest.mark.parametrize(
    "text", ["", "not json\n", "[]\n", '{"format":"another"}\n', '{"format":"entaku-audit-export-1"}\n']
)
def test_what_is_no_export_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(text)
    code, said = run(path)
    assert (code, "cannot be read" in said, "Traceback" in said) == (1, True, False)
    assert run(tmp_path / "missing")[0] == 1


def test_the_script_is_short_and_needs_nothing_of_ours() -> None:
    text = SCRIPT.read_text("utf-8")
    assert len(text.splitlines()) < 200
    imported = set()
    for found in ast.walk(ast.parse(text)):
        if isinstance(found, ast.Import):
            imported |= {each.name.partition(".")[0] for each in found.names}
        elif isinstance(found, ast.ImportFrom):
            imported.add(str(found.module).partition(".")[0])
    assert imported - sys.stdlib_module_names == {"cryptography"}


# --- what the auditor takes away ------------------------------------------------------------------------------


@contextmanager
def fetched(world: World, tmp_path: Path) -> Any:
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
