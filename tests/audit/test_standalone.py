"""The script for strangers, run as they would: a whole export passes, each tampering and a log made anew is named."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from audit.sealing import key_id, seal
from tests.audit.conftest import sql, tampering
from tests.audit.strangers import SCRIPT, SECRET, Lines, changed, exported, head, leaf, run, seals, set_record, signed
from tests.world import as_role
from vault.signing import public_key

pytestmark = pytest.mark.django_db
__all__ = ["signed"]  # the fixture


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
