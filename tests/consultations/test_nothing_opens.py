"""Whoever has the database, the disk and the root key, and any one holder besides, reads no case."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.services import NotAllowed
from consultations import custody as unlocking
from consultations.models import EscrowHolder, EscrowShare, Recovery, RecoveryAnswer
from consultations.services import custody
from consultations.services.custody import escrow
from consultations.services.custody.recovery import code_of
from consultations.services.custody.unlocking import passphrase_place
from intake.models import Blob, Entry, Envelope
from intake.padding import padded_size
from intake.sealing import Keys, open_as_reader, open_entry, open_header, seal_entry
from tests import world as build
from tests.consultations.offices import OTHER, PHRASE, Bureau, rows
from vault import Unreadable, blobs, boxes, passphrases, providers, shares
from vault.hybrid import KEY_SIZE, SEED_SIZE, PrivateKey, new_key, open_small
from vault.keys import derive
from vault.streams import open_range, seal_stream

pytestmark = pytest.mark.django_db
WORDS = ("qzx-concern-canary", "qzx-note-canary", "qzx-file-canary", "qzx-name-canary")


@dataclass
class Stolen:
    """All rows of all tables and every blob: what a thief has. The root key is the suite's own, at hand."""

    cells: list[bytes]
    files: list[bytes]

    def holds(self, word: str) -> bool:
        return any(word.encode() in cell for cell in (*self.cells, *self.files))


def steal(bureau: Bureau) -> Stolen:
    cells: list[bytes] = []
    tables = [row[0] for row in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    assert "consultations_keywrap" in tables
    for table in tables:
        for (row,) in rows(f'SELECT to_jsonb(t)::text FROM "{table}" t'):
            cells.append(row.encode())
            cells += [bytes.fromhex(found[3:]) for found in re.findall(r"\\\\x[0-9a-f]+", row)]
            for value in json.loads(row).values():
                if isinstance(value, str):
                    cells.append(value.encode())
    files = [path.read_bytes() for path in bureau.folder.rglob("*") if path.is_file()]
    return Stolen(cells, files)


def hex_cells() -> list[bytes]:
    """Every binary value there is."""
    found = []
    for table, column in rows(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND data_type = 'bytea'"
    ):
        found += [bytes(row[0]) for row in rows(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')]
    return found


def placed(bureau: Bureau) -> Any:
    """A case with a file and a note, two officers, three holders, one key unlocked this very moment."""
    bureau.appoint("甲", "取引")
    bureau.hold("子", "丑", "寅")
    for name in ("子", "丑", "寅", "甲"):
        bureau.key(name)
    receipt = bureau.send(text=WORDS[0])
    entry_id, key = uuid4(), new_key()
    with blobs.NewBlob() as blob:
        seal_stream([WORDS[2].encode().ljust(padded_size(len(WORDS[2])), b"\0")], blob, key=key, binding=blob.binding)
        blob.keep()
    opened = bureau.unlock("甲")
    assert opened
    with build.as_owner():
        wrapped = Envelope.objects.get(case=receipt.case_id).wrapped
        keys = open_as_reader(
            bytes(wrapped), opened.key.private, case_id=receipt.case_id, key_id=opened.key.key_id
        )  # fmt: skip
        content = {
            "text": WORDS[1],
            "files": [{
                "name": WORDS[3], "kind": "text/plain", "size": len(WORDS[2]), "cleaned": True,
                "blob": blob.name, "key": b64encode(key).decode(), "binding": b64encode(blob.binding).decode(),
            }],
        }  # fmt: skip
        Entry.objects.create(
            id=entry_id, case_id=receipt.case_id, place=1, kind="NOTE", day="2026-11-22", by_sender=False, shared=False,
            sealed=seal_entry(keys, case_id=receipt.case_id, entry_id=entry_id, kind="NOTE", content=content),
        )  # fmt: skip
        Blob.objects.create(name=blob.name, case_id=receipt.case_id, entry_id=entry_id)
    return receipt


def read(private: PrivateKey, key_id: UUID) -> str:
    """All that this private key opens of the cases, by what stands in the database and on the disk."""
    said = ""
    with build.as_owner():
        for envelope in Envelope.objects.filter(key_id=key_id).select_related("case"):
            try:
                keys = open_as_reader(bytes(envelope.wrapped), private, case_id=envelope.case_id, key_id=key_id)
            except Unreadable:
                continue
            said += repr(open_header(keys, bytes(envelope.case.header), case_id=envelope.case_id))
            for entry in Entry.objects.filter(case=envelope.case_id):
                content = open_entry(
                    keys, bytes(entry.sealed), case_id=entry.case_id, entry_id=entry.pk, kind=entry.kind
                )  # fmt: skip
                said += repr(content)
                for file in content.get("files", []):
                    plain = open_range(
                        blobs.open_blob(file["blob"]), key=b64decode(file["key"]),
                        binding=blobs.binding(file["blob"]), size=padded_size(file["size"]), stop=file["size"],
                    )  # fmt: skip
                    said += b"".join(map(bytes, plain)).decode()
    return said


def seeds(bureau: Bureau, secrets: list[bytes]) -> Iterator[bytes]:
    """Everything of a private key's size that comes out of the vault's tools, with the root key at hand and with each
    of `secrets` for a key or passphrase."""
    cells = hex_cells()
    purposes = ("session", "totp", "passkey", "password", "desk", "officer", "key", "", "unlock")
    with build.as_owner():
        people = [person.pk for person in bureau.people.values()]
        keys = [key.pk for key in apps.get_model("consultations", "OfficerKey").objects.all()]
        sessions = [row.session_id for row in apps.get_model("consultations", "Unlocking").objects.all()]
        wraps = list(apps.get_model("consultations", "KeyWrap").objects.values_list("wrapped", "key_id"))
    aads = [b"", *(person.bytes for person in people), *(key.bytes for key in keys), *(s.encode() for s in sessions)]
    aads += [passphrase_place(key) for key in keys]
    aads += [unlocking._place(s, p, k) for s, p, k in product(sessions, people, keys)]
    for cell in cells:
        if len(cell) > 4096:
            continue
        if len(cell) == SEED_SIZE:
            yield cell
        for aad in aads:
            for purpose in purposes:
                yield from attempted(boxes.Box(purpose).open, cell, aad)
            yield from attempted(providers.provider().unwrap, cell, aad)
            for secret in secrets:
                yield from attempted(open_small, secret, cell, aad)
    for wrapped, key in wraps:
        for phrase in ("", "password", *(secret.hex() for secret in secrets)):
            yield from attempted(passphrases.unwrap, bytes(wrapped), phrase, aad=passphrase_place(key or uuid4()))


def attempted(tool: Any, *args: Any, **kwargs: Any) -> Iterator[bytes]:
    try:
        yield tool(*args, **kwargs)
    except (Unreadable, ValueError, providers.KeyProviderUnavailable):
        return


def opens(bureau: Bureau, secrets: list[bytes]) -> str:
    said = ""
    key_id = bureau.key_id("甲")
    for seed in seeds(bureau, secrets):
        if len(seed) == SEED_SIZE:
            said += read(PrivateKey.from_seed(seed), key_id)
    return said


def guesses() -> list[bytes]:
    """Keys that follow from the root key, and keys that mean nothing."""
    return [*(derive(purpose) for purpose in ("context", "session", "totp", "desk", "key")), b"\0" * KEY_SIZE]


def test_database_disk_and_root_key_open_nothing(bureau: Bureau) -> None:
    placed(bureau)
    client = bureau.unlocked_client("甲")
    stolen = steal(bureau)
    for word in WORDS:
        assert not stolen.holds(word), word
    assert opens(bureau, guesses()) == ""
    for answer in (
        bureau.client("甲").get(reverse("consultations:unlocked")),
        bureau.client("甲").post(reverse("consultations:unlock"), {"password": ""}),
        bureau.client("甲").post(reverse("consultations:unlock"), {"credential": "", "password_secret": ""}),
        bureau.client("甲").post(reverse("consultations:unlock"), {"credential": "x", "password_secret": "A" * 43}),
    ):
        assert "鍵は開いています" not in answer.content.decode()
    cookie = client.cookies[settings.DESK_COOKIE_NAME].value
    assert not stolen.holds(cookie)
    secret = unlocking.urlsafe_b64decode(cookie + "=")
    said = opens(bureau, [secret])
    for word in WORDS:
        assert word in said, f"with the cookie besides it opens: the attempt above would have found {word}"


def test_with_the_passphrase_it_opens(bureau: Bureau) -> None:
    placed(bureau)
    opening = bureau.unlock("甲", PHRASE)
    assert opening
    said = read(opening.key.private, opening.key.key_id)
    for word in WORDS:
        assert word in said


def test_one_holders_private_key_besides_opens_nothing_and_two_do(bureau: Bureau) -> None:
    placed(bureau)
    key_id = bureau.key_id("甲")
    opened = []
    for name in ("子", "丑"):
        opening = bureau.unlock(name)
        assert opening
        with build.as_owner():
            share = EscrowShare.objects.get(key=key_id, holder__person=bureau.people[name])
        place = escrow.share_place(key_id, share.holder_id, share.split)
        opened.append((opening.key, opening.key.private.open(bytes(share.sealed), info=place)))
    holder, one = opened[0]
    assert read(holder.private, key_id) == ""
    assert read(holder.private, holder.key_id) == ""
    for tried in (one[1:], *(shares.combine(one, bytes([n]) + bytes(SEED_SIZE)) for n in (2, 3, 4) if n != one[0])):
        assert read(PrivateKey.from_seed(tried), key_id) == ""
    with build.as_owner():
        others = list(EscrowShare.objects.filter(key=key_id).exclude(holder__person=bureau.people["子"]))
    for share in others:
        with pytest.raises(Unreadable):
            holder.private.open(
                bytes(share.sealed), info=escrow.share_place(key_id, share.holder_id, share.split)
            )  # fmt: skip
    assert opens(bureau, [holder.private.seed[:KEY_SIZE], one[1 : 1 + KEY_SIZE]]) == ""
    both = read(PrivateKey.from_seed(shares.combine(one, opened[1][1])), key_id)
    for word in WORDS:
        assert word in both


def asked(bureau: Bureau) -> Recovery:
    with bureau.being("甲") as actor:
        return custody.ask_recovery(actor=actor, passphrase=OTHER)


def help_out(bureau: Bureau, name: str, recovery: Recovery, code: str = "") -> None:
    opening = bureau.unlock(name)
    assert opening
    with bureau.being(name) as actor:
        custody.answer_recovery(
            actor=actor, unlocked=opening.key, recovery=recovery, code=code or code_of(recovery)
        )  # fmt: skip


def finish(bureau: Bureau, phrase: str = OTHER) -> custody.Opening | None:
    session = bureau.session("甲")
    with bureau.being("甲") as actor:
        return custody.finish_recovery(actor=actor, session=session, passphrase=phrase)


def test_two_holders_bring_the_key_back_and_one_does_not(bureau: Bureau) -> None:
    placed(bureau)
    recovery = asked(bureau)
    help_out(bureau, "子", recovery)
    with pytest.raises(Exception, match="そろって"):
        finish(bureau)
    with pytest.raises(Exception, match="すでに"):
        help_out(bureau, "子", recovery)
    with build.as_owner():
        answer = RecoveryAnswer.objects.get()
    opening = bureau.unlock("丑")
    assert opening
    with pytest.raises(Unreadable):
        opening.key.private.open(bytes(answer.sealed), info=b"")
    help_out(bureau, "丑", recovery)
    assert finish(bureau, PHRASE) is None, "only the passphrase chosen when asking"
    restored = finish(bureau)
    assert restored
    said = read(restored.key.private, restored.key.key_id)
    assert WORDS[0] in said
    assert bureau.unlock("甲", PHRASE) is None
    assert bureau.unlock("甲", OTHER)
    with build.as_owner():
        assert not RecoveryAnswer.objects.exists()
        assert EscrowShare.objects.filter(key=restored.key.key_id).count() == 3


def test_a_holder_helps_only_whoever_reads_out_the_number(bureau: Bureau) -> None:
    placed(bureau)
    recovery = asked(bureau)
    with pytest.raises(Exception, match="番号"):
        help_out(bureau, "子", recovery, "0000 0000 0000")
    with build.as_owner():
        Recovery.objects.update(public=PrivateKey.generate().public.to_bytes())
        exchanged = Recovery.objects.get()
    assert code_of(exchanged) != code_of(recovery), "a key put in the asker's place has another number"
    with pytest.raises(Exception, match="番号"):
        help_out(bureau, "子", exchanged, code_of(recovery))


def test_nobody_helps_themselves_and_the_manager_nobody(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.hold("子", "丑", "寅", "甲")
    for name in ("子", "丑", "寅", "甲"):
        bureau.key(name)
    recovery = asked(bureau)
    with build.as_owner():
        assert not EscrowShare.objects.filter(key=recovery.key_id, holder__person=bureau.people["甲"]).exists()
    with pytest.raises(NotAllowed):
        help_out(bureau, "甲", recovery)
    with bureau.being("manager"):
        assert not EscrowShare.objects.exists()
        assert not Recovery.objects.exists()
        assert not RecoveryAnswer.objects.exists()
    for who, holder in (("丑", "子"), ("manager", "子"), ("甲", "甲")):
        with build.as_owner():
            row = EscrowHolder.objects.get(person=bureau.people[holder])
            split = EscrowShare.objects.filter(key=recovery.key_id).values_list("split", flat=True).first()
        forged = RecoveryAnswer(recovery=recovery, holder=row, split=split or uuid4(), sealed=b"x")
        with bureau.being(who), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            forged.save(force_insert=True)


def test_shares_of_before_do_not_fit_those_of_now(bureau: Bureau) -> None:
    placed(bureau)
    recovery = asked(bureau)
    help_out(bureau, "子", recovery)
    opening = bureau.unlock("甲")  # they remembered, and the key is divided anew
    assert opening
    with bureau.being("甲") as actor:
        custody.divide(actor=actor, unlocked=opening.key)
    help_out(bureau, "丑", recovery)
    with pytest.raises(Exception, match="もう一度、復旧を依頼"):
        finish(bureau)
    help_out(bureau, "寅", recovery)
    assert finish(bureau)


def test_keys_object_is_never_printed() -> None:
    private = PrivateKey.generate()
    held = unlocking.UnlockedKey(uuid4(), private, None)  # type: ignore[arg-type]
    assert private.seed.hex() not in repr(held) + repr(Keys.fresh()) + repr(private)


def test_a_rekeyed_case_has_its_files_anew_and_a_crash_loses_none(
    bureau: Bureau, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = placed(bureau)
    opening = bureau.unlock("甲")
    assert opening
    key = opening.key
    with build.as_owner():
        (before,) = Blob.objects.values_list("name", flat=True)

    def crash(**_event: object) -> None:
        raise DatabaseError("crash")

    with bureau.being("甲") as actor, monkeypatch.context() as broken:
        broken.setattr("consultations.services.custody.rekeying.record", crash)
        with pytest.raises(DatabaseError), transaction.atomic():
            custody.rekey(actor=actor, unlocked=key, case=receipt.case_id)
    assert WORDS[2] in read(key.private, key.key_id), "as it was"
    with django_capture_on_commit_callbacks(execute=True), bureau.being("甲") as actor:
        custody.rekey(actor=actor, unlocked=key, case=receipt.case_id)
        assert blobs.storage().exists(before), "until all is committed"
    with build.as_owner():
        (after,) = Blob.objects.values_list("name", flat=True)
    assert after != before
    assert blobs.storage().exists(after)
    assert not blobs.storage().exists(before)
    said = read(key.private, key.key_id)
    for word in WORDS:
        assert word in said
