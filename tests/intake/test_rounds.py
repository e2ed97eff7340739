"""From the spool into the database: all of it, once, and readable by whom it was sealed to alone."""

from __future__ import annotations

import json
import subprocess
import time
from base64 import b64decode
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock, patch

import pytest
from django.core.files.storage import storages
from django.db import DatabaseError, connection, transaction

from audit import merkle
from intake import acknowledgement, bundles, database, directory, mailbox, pending, rounds, spool
from intake.agreement import agreed, fingerprint
from intake.courier import Courier
from intake.models import Blob, Case, Entry, Envelope, Leaf, Round
from intake.receipt import Receipt
from intake.sealing import open_entry, open_header, seal_entry
from intake.sending import NoReaders
from tests.intake.desks import Office, found
from tests.world import as_owner, as_role
from vault import Unreadable, blobs, signatures

pytestmark = pytest.mark.django_db


carry = rounds.carry


def answer(receipt: Receipt, text: str, kind: Entry.Kind = Entry.Kind.ANSWER) -> Entry:
    """The office speaks."""
    conversation = found(receipt)
    entry = Entry(
        id=Receipt.fresh().case_id, case_id=conversation.id, kind=kind, day=date(2026, 11, 24), by_sender=False
    )
    entry.sealed = seal_entry(
        conversation.keys, case_id=conversation.id, entry_id=entry.id, kind=kind, content={"text": text}
    )
    with as_owner():
        entry.place = Entry.objects.filter(case_id=conversation.id).count()
        entry.save(force_insert=True)
    return entry


def test_a_concern_is_found_on_the_disk_and_then_in_the_database(office: Office) -> None:
    receipt = office.send(text="相手は海外の取引先です", urgent=True, consent="GENERAL")
    lying = found(receipt)
    assert not lying.carried
    assert lying.entries[0].text == "相手は海外の取引先です"
    assert carry() == 1
    assert list(spool.folder().glob("*/*")) == []
    carried = found(receipt)
    assert carried.carried
    assert (carried.entries[0].text, carried.header.consent, carried.urgent) == (
        "相手は海外の取引先です",
        "GENERAL",
        True,
    )


def test_sent_twice_it_is_one_case_before_and_after_it_was_carried(office: Office) -> None:
    receipt = office.send(text="一度目")
    office.send(receipt, text="一度目")
    assert len(spool.waiting()) == 1
    carry()
    office.send(receipt, text="二度目")
    assert spool.waiting() == []
    assert found(receipt).entries[0].text == "一度目"


def test_what_the_database_had_before_is_carried_once(office: Office) -> None:
    """A courier killed between the commit and the removal carries it again."""
    receipt = office.send()
    bundles = {path: path.read_bytes() for path in spool.waiting()}
    carry()
    for path, content in bundles.items():
        path.write_bytes(content)
    carry()
    with as_owner():
        assert (Case.objects.count(), Entry.objects.count(), Leaf.objects.count(), Round.objects.count()) == (
            1,
            1,
            1,
            1,
        )
    assert spool.waiting() == []
    assert found(receipt).carried


def test_each_reader_of_a_desk_that_may_see_it_has_an_envelope_and_nobody_else(office: Office) -> None:
    receipt = office.send(excluded=[office.desks["技術"].id])
    carry()
    assert office.opened_by("藤田", receipt)
    assert office.opened_by("村上", receipt) is None
    assert office.opened_by("両方", receipt) is None, "who also reads at an excluded desk gets no key"
    keys = office.opened_by("藤田", receipt)
    assert keys
    with as_owner():
        case, entry = Case.objects.get(), Entry.objects.get()
    assert open_header(keys, case.header, case_id=case.id).excluded == (str(office.desks["技術"].id),)
    assert open_entry(keys, entry.sealed, case_id=case.id, entry_id=entry.id, kind=entry.kind)["text"]


def test_a_concern_nobody_may_read_is_not_taken_in(office: Office) -> None:
    with pytest.raises(NoReaders):
        office.send(excluded=[desk.id for desk in office.desks.values()])
    assert spool.waiting() == []


def test_a_conversation_goes_back_and_forth(office: Office) -> None:
    receipt = office.send()
    mailbox.reply(receipt, token="a", text="追加です")
    mailbox.reply(receipt, token="a", text="追加です")
    carry()
    answer(receipt, "いつごろ求められましたか", Entry.Kind.QUESTION)
    assert found(receipt).waiting_for_sender
    mailbox.reply(receipt, token="b", text="先月です")
    assert [said.text for said in found(receipt).entries] == [
        "図面を渡すよう求められています", "追加です", "いつごろ求められましたか", "先月です",
    ]  # fmt: skip
    carry()
    mailbox.reply(receipt, token="b", text="先月です")
    assert len(found(receipt).entries) == 4
    assert not found(receipt).waiting_for_sender


def test_the_offices_own_notes_never_reach_the_sender(office: Office) -> None:
    receipt = office.send()
    carry()
    keys = office.opened_by("藤田", receipt)
    assert keys
    note = Entry(id=Receipt.fresh().case_id, case_id=receipt.case_id, kind="NOTE", day=date(2026, 11, 24), place=1)
    note.by_sender = note.shared = False
    note.sealed = seal_entry(keys, case_id=receipt.case_id, entry_id=note.id, kind="NOTE", content={"text": "内部"})
    with as_owner():
        note.save(force_insert=True)
    assert [said.kind for said in found(receipt).entries] == ["CONCERN"]
    with pytest.raises(Unreadable):
        open_entry(found(receipt).keys, note.sealed, case_id=receipt.case_id, entry_id=note.id, kind="NOTE")


def test_consent_is_signed_by_the_receipt_alone(office: Office) -> None:
    receipt = office.send()
    carry()
    asked = answer(receipt, "地域の集まりで、社名を伏せて話してよいですか", Entry.Kind.ASK_CONSENT)
    question = "地域の集まりで、社名を伏せて話してよいですか"
    with pytest.raises(mailbox.Reworded):
        mailbox.consent(receipt, token="c", question=asked.id, shown=fingerprint("はいですか"), answer=True)
    mailbox.consent(receipt, token="c", question=asked.id, shown=fingerprint(question), answer=True)
    carry()
    said = found(receipt).entries[-1]
    with as_owner():
        public = bytes(Case.objects.get().consent_public)

    def holds(content: object = said.content, asked_text: str = question, key: bytes = public) -> bool:
        return agreed(
            content,
            case_id=receipt.case_id,
            question_id=asked.id,
            question=asked_text,
            public=key,  # type: ignore[arg-type]
        )

    assert holds()
    assert not holds(asked_text=question + "。社名も")
    assert not holds(key=signatures.public_of(signatures.new_seed()))
    assert not holds({**said.content, "answer": "no"})
    assert not holds({**said.content, "signature": "!"})
    assert found(receipt).questions == []
    with pytest.raises(mailbox.Gone):
        mailbox.consent(receipt, token="d", question=receipt.case_id, shown="", answer=True)


def test_withdrawing_is_told_to_the_office(office: Office) -> None:
    receipt = office.send()
    carry()
    mailbox.withdraw(receipt, token="w")
    assert found(receipt).withdrawn
    carry()
    with as_owner():
        assert Case.objects.get().withdrawn_on
    assert found(receipt).withdrawn


@pytest.mark.parametrize("carried", [True, False])
def test_a_deleted_mailbox_opens_no_more_and_the_office_keeps_its_own(office: Office, carried: bool) -> None:
    receipt = office.send()
    if carried:
        carry()
    mailbox.forget(receipt)
    assert mailbox.find(receipt) is None
    carry()
    assert mailbox.find(receipt) is None
    with as_owner():
        case = Case.objects.get()
    assert (case.lookup, case.receipt_public, case.receipt_wrap) == (None, None, None)
    assert office.opened_by("藤田", receipt)


def test_a_receipt_of_nothing_finds_nothing(office: Office) -> None:
    office.send()
    assert mailbox.find(Receipt.fresh()) is None
    carry()
    assert mailbox.find(Receipt.fresh()) is None


def test_while_the_database_is_away_a_concern_is_taken_in_and_found(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory.refresh()

    def away(*_args: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as cut:
        cut.setattr("intake.database.find", away)
        cut.setattr("intake.directory.from_database", away)
        receipt = office.send(text="停電の間に")
        office.send(receipt)
        assert found(receipt).entries[0].text == "停電の間に"
        with pytest.raises(directory.Unavailable):
            mailbox.find(Receipt.fresh())
    carry()
    assert found(receipt).carried


def test_sent_again_while_the_database_is_away_it_stays_one_case(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = office.send(text="一度目")
    carry()

    def away(*_args: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as cut:
        cut.setattr("intake.database.find", away)
        office.send(receipt, text="二度目")
    carry()
    with as_owner():
        assert Case.objects.count() == 1
    assert [said.text for said in found(receipt).entries] == ["一度目"]


def test_a_bundle_the_database_refuses_stands_in_nobodys_way(office: Office) -> None:
    good, bad = office.send(text="良い"), office.send(text="悪い")
    (path,) = spool.drawer(bad.lookup).glob(f"{bad.lookup.hex()}*")
    bundle = json.loads(path.read_text())
    bundle["case"]["way"] = "too long a way to write"
    path.write_text(json.dumps(bundle))
    assert carry() == 1
    assert found(good).carried
    assert not found(bad).carried
    assert found(bad).entries[0].text == "悪い"
    assert spool.stuck() == 1


def test_files_lie_where_the_offices_lie_and_open_with_the_entrys_key(office: Office) -> None:
    kept = pending.keep([b"plain " * 1000], label="写真1.jpg", kind="jpeg", cleaned=True)
    receipt = office.send(files=[pending.from_token(kept.token)])
    carry()
    said = found(receipt).entries[0].content["files"][0]
    assert not blobs.storage().exists(said["blob"])
    assert storages["office"].exists(said["blob"])
    with storages["office"].open(said["blob"]) as sealed:
        assert b"plain" not in sealed.read()
    assert storages["office"].size(said["blob"]) > 64 * 1024, "filled up to its class"
    with as_owner():
        assert Blob.objects.get().name == said["blob"]
    assert b64decode(said["key"])
    assert said["size"] == 6000


def test_what_was_never_sent_is_swept_and_what_was_sent_is_not(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    left = pending.keep([b"left"], label="a", kind="text", cleaned=True)
    sent = pending.keep([b"sent"], label="b", kind="text", cleaned=True)
    office.send(files=[sent])
    monkeypatch.setattr("intake.pending.KEPT", -pending.KEPT)
    (name,) = spool.blobs()
    assert pending.sweep() == 2, "what was left, and what was sealed anew to be sent"
    for gone in (left, sent):
        with pytest.raises(pending.BadToken):
            pending.from_token(gone.token)
    assert blobs.storage().exists(name)


def test_what_waits_is_swept_sooner_where_no_more_files_are_taken(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending.keep([b"left"], label="a", kind="text", cleaned=True)
    swept: list[int] = []
    later = time.time() + 7 * 3600
    monkeypatch.setattr("intake.pending.time", SimpleNamespace(time=lambda: later, monotonic=time.monotonic))
    with patch.object(pending, "sweep", side_effect=lambda: swept.append(1)):
        courier = Courier()
        for seconds, room, sweeps in (
            (4000, spool.Room.PLENTY, 1), (4310, spool.Room.PLENTY, 1), (4620, spool.Room.SHORT, 2),
            (4700, spool.Room.SHORT, 2), (4930, spool.Room.SHORT, 3), (8600, spool.Room.PLENTY, 4),
        ):  # fmt: skip
            monkeypatch.setattr("intake.courier.time", Mock(monotonic=Mock(return_value=seconds)))
            with patch.object(spool, "room", return_value=room):
                courier.sweep()
            assert len(swept) == sweeps, seconds
    assert pending.sweep() == 0
    with patch.object(spool, "room", return_value=spool.Room.SHORT):
        assert pending.sweep() == 1


def test_an_acknowledgement_leads_to_its_round(office: Office) -> None:
    receipts = [office.send() for _ in range(3)]
    before = json.loads(mailbox.acknowledgement_of(receipts[0]))
    assert "round" not in before
    carry()
    for receipt in receipts:
        said = json.loads(mailbox.acknowledgement_of(receipt))
        assert signatures.verify(
            bytes.fromhex(said["signer"]), said["record"].encode(), bytes.fromhex(said["signature"])
        )
        path = [bytes.fromhex(each) for each in said["round"]["path"]]
        leaf = merkle.leaf_hash(said["record"].encode())
        assert said["round"]["leaves"] == 16, "a round of three looks like one of sixteen"
        assert merkle.includes(leaf, said["round"]["place"], 16, path, bytes.fromhex(said["round"]["root"]))
        with as_owner():
            entry = Entry.objects.get(case_id=receipt.case_id)
        assert json.loads(said["record"])["sealed"] == sha256(bytes(entry.sealed)).hexdigest()
    assert before["record"] == json.loads(mailbox.acknowledgement_of(receipts[0]))["record"]
    assert len(acknowledgement.fingerprint().replace(" ", "")) == 64


def born(path: Path) -> float:
    """When the file system made it, as `stat` tells where it knows."""
    said = subprocess.run(["stat", "--format=%W", str(path)], capture_output=True, text=True, check=True).stdout
    return float(said)


def test_neither_rows_nor_files_tell_more_than_the_day(office: Office) -> None:
    before = time.time()
    file = pending.keep([b"x"], label="a.txt", kind="text", cleaned=True)
    receipt = office.send(files=[file])
    (path,) = spool.waiting()
    assert path.stat().st_mtime % 3600 == 0
    drawers = [*spool.folder().iterdir(), *Path(blobs.storage().path(".")).iterdir()]
    assert path.parent in drawers
    carry()
    # A drawer made for what was laid into it would tell for good when that was.
    assert [each for each in drawers if each.stat().st_mtime % 3600] == []
    assert [each for each in drawers if born(each) > before] == []
    with as_owner():
        ids = [*Case.objects.values_list("id", flat=True), *Entry.objects.values_list("id", flat=True)]
        ids += [*Envelope.objects.values_list("id", flat=True), *Round.objects.values_list("id", flat=True)]
    assert {each.version for each in ids} == {4}
    assert str(receipt.entropy.hex()) not in repr(ids)
    with connection.cursor() as cursor, as_owner():
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_name LIKE 'intake%' AND data_type LIKE 'timestamp%'"
        )
        assert cursor.fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) FROM intake_case", "SELECT count(*) FROM intake_entry", "SELECT count(*) FROM intake_envelope",
        "SELECT count(*) FROM intake_leaf", "SELECT count(*) FROM intake_blob", "SELECT count(*) FROM intake_round",
        "SELECT count(*) FROM audit_event", "SELECT count(*) FROM accounts_person", "DELETE FROM intake_case",
        "UPDATE intake_case SET lookup = NULL", "INSERT INTO intake_desk (id) VALUES (gen_random_uuid())",
        "DELETE FROM intake_reader", "CREATE TEMP TABLE t (a int)", "SELECT clearance_enter(NULL)",
    ],
)  # fmt: skip
def test_the_role_of_the_anonymous_side_lists_reads_and_changes_nothing(office: Office, statement: str) -> None:
    office.send()
    carry()
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_disk_full_refuses_and_leaves_no_half(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.spool.room", lambda: spool.Room.NONE)
    with pytest.raises(spool.Full):
        office.send()
    with pytest.raises(spool.Full):
        pending.keep([b"x"], label="a", kind="text", cleaned=True)
    monkeypatch.undo()
    monkeypatch.setattr("os.fsync", lambda _descriptor: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(spool.Full):
        office.send()
    assert list(spool.folder().glob("*/*")) == []


def test_a_file_may_be_sent_with_two_cases_in_one_round(office: Office) -> None:
    """A form that is sent, gone back to, mended and sent once more is another concern, with the same files."""
    kept = pending.keep([b"drawing"], label="写真1.jpg", kind="jpeg", cleaned=True)
    receipts = [office.send(text=text, files=[kept]) for text in ("一度目", "直した後")]
    mailbox.reply(receipts[0], token="r", text="もう一度", files=[kept])
    assert carry() == 3
    assert spool.stuck() == 0
    names = {
        file["blob"]
        for receipt in receipts
        for said in found(receipt).entries
        for file in said.content.get("files", ())
    }
    assert len(names) == 3
    assert all(storages["office"].exists(name) for name in names)


def refused(office: Office) -> Receipt:
    """A case that the database will not have."""
    receipt = office.send(text="悪い")
    (path,) = spool.drawer(receipt.lookup).glob(f"{receipt.lookup.hex()}*")
    bundle = json.loads(path.read_text())
    bundle["case"]["way"] = "too long a way to write"
    path.write_text(json.dumps(bundle))
    carry()
    assert spool.stuck() == 1
    return receipt


def test_what_follows_a_case_that_was_set_aside_is_kept_beside_it(office: Office) -> None:
    receipt = refused(office)
    mailbox.reply(receipt, token="a", text="追加です")
    carry()
    assert [said.text for said in found(receipt).entries] == ["悪い", "追加です"]


def test_the_end_of_its_mailbox_ends_that_too(office: Office) -> None:
    receipt = refused(office)
    mailbox.forget(receipt)
    carry()
    assert mailbox.find(receipt) is None
    assert list(spool.folder().glob("*/*")) == []


def test_one_bad_bundle_among_many_makes_few_rounds_of_them(office: Office) -> None:
    """Were each carried alone, the rounds of the log would count them."""
    receipts = [office.send() for _ in range(16)]
    (path,) = spool.drawer(receipts[5].lookup).glob(f"{receipts[5].lookup.hex()}*")
    path.write_text("{")
    assert carry() == 15
    with as_owner():
        assert Round.objects.count() <= 4


@pytest.mark.parametrize(
    ("op", "kind", "way"),
    [("forget", "", ""), ("entry", "REPLY", ""), ("entry", "WITHDRAWAL", ""), ("case", "CONCERN", "WEB")],
)
def test_the_web_role_says_nothing_in_a_senders_place(office: Office, op: str, kind: str, way: str) -> None:
    receipt = office.send()
    carry()
    bundle = {
        "op": op, "lookup": bundles.text(receipt.lookup), "day": "2026-11-24", "case": {"way": way},
        "entry": {"id": str(receipt.case_id), "kind": kind, "day": "2026-11-24", "sealed": ""}, "blobs": [],
    }  # fmt: skip
    for function in ("intake_deliver", "intake_take_down"):
        with (
            pytest.raises(DatabaseError, match=r"permission denied|only what was taken down"),
            as_role("portal_app"),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"SELECT {function}(%s::jsonb)", [json.dumps(bundle)])


def test_a_bundle_that_no_sender_makes_is_refused(office: Office) -> None:
    receipt = office.send()
    carry()
    entry = {"id": str(receipt.case_id), "kind": "ANSWER", "day": "2026-11-24", "sealed": ""}
    bundle = {"op": "entry", "lookup": bundles.text(receipt.lookup), "entry": entry, "blobs": []}
    with pytest.raises(DatabaseError, match="not a bundle"), transaction.atomic():
        database.deliver(bundle)
