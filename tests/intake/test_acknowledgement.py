"""That nobody can later say it was never received: checked by a script that needs nothing of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.models import Event
from audit.publishing import published_keys
from audit.sealing import seal
from intake import acknowledgement, mailbox, rounds
from intake.models import Round
from intake.receipt import Receipt
from intake.tasks import log_rounds, prove
from tests.intake.desks import Office
from tests.world import as_role
from vault import signing

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).parent.parent.parent / "docs" / "verify_acknowledgement.py"


def verify(file: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(file), *options], capture_output=True, text=True, check=False
    )
    assert not done.stderr or done.returncode == 1, done.stderr
    return done.returncode, done.stdout


def bound(receipt: Receipt) -> None:
    """The worker's part: into the log, sealed, and the proof kept."""
    rounds.carry()
    with as_role("portal_worker"):
        log_rounds()
        seal(sign=signing.sign, public_key=signing.public_key)
        prove()
        log_rounds()


@pytest.fixture
def taken(office: Office, tmp_path: Path) -> Callable[[], Path]:
    """`taken()`: the acknowledgement of one concern as a file, bound into a sealed log."""
    receipt = office.send(text="誰にも言わないでください")
    bound(receipt)

    def take() -> Path:
        path = tmp_path / "acknowledgement.json"
        path.write_text(mailbox.acknowledgement_of(receipt), encoding="utf-8")
        return path

    return take


def test_at_once_it_is_signed_and_says_that_the_log_comes_later(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "early.json"
    path.write_text(mailbox.acknowledgement_of(office.send()), encoding="utf-8")
    code, said = verify(path, "--intake", acknowledgement.fingerprint())
    assert code == 0
    assert "signature: holds" in said
    assert "not yet" in said


def test_once_bound_it_leads_to_a_signed_head_of_the_log(taken: Callable[[], Path]) -> None:
    with as_role("portal_worker"):
        (public,) = published_keys().values()
        assert Event.objects.filter(act="intake.round").count() == 1
        assert Round.objects.filter(proof="").count() == 0
    code, said = verify(taken(), "--intake", acknowledgement.fingerprint(), "--key", public.hex())
    assert code == 0, said
    assert "in the log: holds" in said
    assert "no more than" not in said


def test_it_reveals_neither_what_was_written_nor_the_receipt(office: Office) -> None:
    receipt = office.send(text="誰にも言わないでください")
    bound(receipt)
    told = mailbox.acknowledgement_of(receipt)
    for secret in ("誰にも", receipt.entropy.hex(), receipt.lookup.hex(), str(receipt.case_id)):
        assert secret not in told


def alter(said: dict[str, Any], name: str) -> None:
    """One lie."""
    if name == "record":
        said["record"] = said["record"].replace("2026", "2025").replace("2027", "2025")
    elif name == "signature":
        said["signature"] = "00" * 64
    elif name == "signer":
        said["signer"] = "11" * 32
    elif name == "path":
        said["round"]["path"][0] = "22" * 32
    elif name == "root":
        said["round"]["root"] = "33" * 32
    else:
        said["log"] = [line.replace(*LIES[name]) for line in said["log"]]


LIES = {"head": ('"size":', '"size":1'), "event": ("intake.round", "intake.other"), "subject": ("leaves", "sheets")}


@pytest.mark.parametrize("name", ["record", "signature", "signer", "path", "root", *LIES])
def test_nothing_in_it_can_be_altered(taken: Callable[[], Path], name: str) -> None:
    path = taken()
    said = json.loads(path.read_text())
    before = json.dumps(said)
    alter(said, name)
    assert json.dumps(said) != before
    path.write_text(json.dumps(said))
    assert verify(path)[0] in (1, 3)


def test_another_intakes_or_another_logs_key_is_noticed(taken: Callable[[], Path]) -> None:
    assert verify(taken(), "--intake", "ab" * 32)[0] == 3
    assert verify(taken(), "--key", "ab" * 32)[0] == 3


def test_what_is_no_acknowledgement_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("{}")
    assert verify(path)[0] == 1
