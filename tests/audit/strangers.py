"""What the tests of the script for strangers share: a signed log, its export, the script as they would run it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from audit import proof_export, queries
from audit.heads import Head
from audit.publishing import published_keys
from audit.queries import Holds
from portal.tasks import seal_audit_log
from tests.audit.conftest import sql
from tests.world import as_role

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


def leaf(lines: Lines, seq: int) -> int:
    return next(at for at, line in enumerate(lines) if line.get("seq") == seq)


def head(lines: Lines, size: int) -> int:
    return next(at for at, line in enumerate(lines) if line["type"] == "head" and line["size"] == size)


def set_record(lines: Lines, seq: int, **more: Any) -> None:
    line = lines[leaf(lines, seq)]
    line["record"] = line["record"].replace("document.open", "document.list")
    line.update(more)
