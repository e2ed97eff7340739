"""What a receipt opens: the conversation so far, and what its sender can do in it.

Whether there is a conversation or not, the same is asked, derived and opened on the way (`_decoy`), so that the
time of an answer tells no more than its size.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from intake import acknowledgement, bundles, clock, database, spool
from intake.acknowledgement import acknowledge
from intake.agreement import NO, YES, agree, fingerprint
from intake.directory import Unavailable
from intake.former import open_any
from intake.models import Case, Entry
from intake.pending import Pending, SentAlready, sent_with
from intake.receipt import Receipt
from intake.sealing import Header, Keys, open_as_receipt, open_header, seal_entry, seal_header, wrap_for_receipt
from intake.spool import Bundle


class Gone(LookupError):
    """The receipt opens nothing: there never was such a conversation, or its mailbox was deleted."""


class Reworded(ValueError):
    """What was asked reads otherwise than it did on the page it was answered from."""


@dataclass(frozen=True)
class Said:
    """One entry as the sender reads it. `content` is what was sealed; `acknowledged` whether a receipt can be had."""

    id: UUID
    kind: str
    day: date
    by_sender: bool
    content: Mapping[str, Any]
    leaf: Mapping[str, Any] | None

    @property
    def text(self) -> str:
        return str(self.content.get("text", ""))


@dataclass(frozen=True)
class Conversation:
    """`carried`: whether it has reached the office; before, it lies sealed on the intake's disk."""

    id: UUID
    day: date
    stage: Case.Stage
    urgent: bool
    carried: bool
    withdrawn: bool
    header: Header
    entries: Sequence[Said]
    keys: Keys

    @property
    def questions(self) -> list[Said]:
        """Requests for consent that were not answered yet."""
        answered = {said.content.get("question") for said in self.entries if said.kind == Entry.Kind.CONSENT}
        return [said for said in self.entries if said.kind == Entry.Kind.ASK_CONSENT and str(said.id) not in answered]

    @property
    def asked(self) -> bool:
        """Whether a question waits for words: the sender wrote none since, and the office has not closed after it."""
        last = {said.kind: place for place, said in enumerate(self.entries)}
        question = last.get(Entry.Kind.QUESTION, -1)
        open_still = self.stage != Case.Stage.CLOSED or question == len(self.entries) - 1
        return question > last.get(Entry.Kind.REPLY, -1) and open_still

    @property
    def waiting_for_sender(self) -> bool:
        """Whether the office spoke last."""
        return bool(self.entries) and not self.entries[-1].by_sender


def find(receipt: Receipt) -> Conversation | None:
    """None where there is no such conversation. Raises `Unavailable` where that cannot be known now."""
    _stand_in()  # made now if ever, whatever comes of it
    lying = spool.of(receipt.lookup)
    try:
        kept = database.find(receipt.lookup)
    except DatabaseError as error:
        if not any(bundle["op"] == "case" for bundle in lying):
            raise Unavailable from error
        kept = None
    found = _put_together(receipt, lying, kept)
    if found is None:
        _decoy(receipt)
    return found


def reply(receipt: Receipt, *, token: str, text: str, files: Sequence[Pending] = ()) -> None:
    """Add to the conversation. `token` was made with the form: sent twice, it is one reply. Raises `Gone`,
    `Unavailable`, `spool.Full`."""
    _add(receipt, Entry.Kind.REPLY, token, {"text": text, "files": []}, files)


def consent(receipt: Receipt, *, token: str, question: UUID, shown: str, answer: bool) -> None:
    """Answer a request for consent, signed. `shown` is the fingerprint of the words that the sender had before
    them: what is stored by now may be others. Raises as `reply`, `Gone` where nothing such was asked, `Reworded`."""
    found = _existing(receipt)
    asked = next((said for said in found.entries if said.id == question and said.kind == Entry.Kind.ASK_CONSENT), None)
    if asked is None:
        raise Gone
    if not hmac.compare_digest(shown.encode(), fingerprint(asked.text).encode()):
        raise Reworded
    content = agree(receipt, question_id=question, question=asked.text, answer=YES if answer else NO)
    _add(receipt, Entry.Kind.CONSENT, token, content)


def withdraw(receipt: Receipt, *, token: str, text: str = "") -> None:
    """Say that the concern is not to be pursued. Raises as `reply`."""
    _add(receipt, Entry.Kind.WITHDRAWAL, token, {"text": text})


def forget(receipt: Receipt) -> None:
    """Delete the mailbox and what is sealed to the receipt; its words open nothing from now on. Raises as `reply`."""
    _existing(receipt)
    spool.put(receipt.lookup, spool.FORGET, bundles.forget(lookup=receipt.lookup, day=clock.today()))


def acknowledgement_of(receipt: Receipt, entry: UUID | None = None) -> str:
    """The signed acknowledgement of an entry, by default the first, as a file. Raises `Gone`, `Unavailable`."""
    found = _existing(receipt)
    for said in found.entries:
        if said.leaf and entry in (None, said.id):
            return acknowledgement.as_file(said.leaf)
    raise Gone


def _existing(receipt: Receipt) -> Conversation:
    found = find(receipt)
    if found is None:
        raise Gone
    return found


def _add(
    receipt: Receipt, kind: Entry.Kind, token: str, content: Mapping[str, Any], files: Sequence[Pending] = ()
) -> None:
    found = _existing(receipt)
    entry_id, day = receipt.entry_id(token), clock.today()
    if any(said.id == entry_id for said in found.entries):
        return
    with suppress(SentAlready), sent_with(files) as taken:
        whole = {**content, "files": [file.content() for file in taken]} if files else content
        sealed = seal_entry(found.keys, case_id=found.id, entry_id=entry_id, kind=kind, content=whole)
        said = bundles.entry(
            entry_id=entry_id, kind=kind, day=day, sealed=sealed, acknowledged=acknowledge(sealed, day=day),
            blobs=[file.blob for file in taken],
        )  # fmt: skip
        part = spool.part_of(len(found.entries), entry_id)
        if not spool.put(receipt.lookup, part, bundles.further(said, lookup=receipt.lookup)):
            raise SentAlready


def _put_together(receipt: Receipt, lying: Sequence[Bundle], kept: dict[str, Any] | None) -> Conversation | None:
    """What the database keeps, and after it what still lies on the disk."""
    first = next((bundle for bundle in lying if bundle["op"] == "case"), None)
    if any(bundle["op"] == "forget" for bundle in lying) or (kept is None and first is None):
        return None
    row = kept
    if row is None:
        assert first is not None
        row = {**first["case"], "stage": Case.Stage.NEW, "withdrawn": None}
    case_id = UUID(row["id"])
    keys = open_as_receipt(bundles.raw(row["receipt_wrap"]), receipt.private, case_id=case_id)
    carried = [] if kept is None else kept["entries"]
    known = {entry["id"] for entry in carried}
    here = [
        {**bundle["entry"], "by_sender": True, "leaf": bundle["leaf"]}
        for bundle in lying
        if "entry" in bundle and bundle["entry"]["id"] not in known
    ]
    header = open_header(keys, bundles.raw(row["header"]), case_id=case_id)
    entries = [_said(entry, keys, header, case_id) for entry in [*carried, *here]]
    return Conversation(
        id=case_id,
        day=date.fromisoformat(row["day"]),
        stage=Case.Stage(row["stage"]),
        urgent=row["urgent"],
        carried=kept is not None,
        withdrawn=bool(row["withdrawn"]) or any(said.kind == Entry.Kind.WITHDRAWAL for said in entries),
        header=header,
        entries=entries,
        keys=keys,
    )


def _said(entry: Mapping[str, Any], keys: Keys, header: Header, case_id: UUID) -> Said:
    entry_id, sealed = UUID(entry["id"]), bundles.raw(entry["sealed"])
    content = open_any(keys, header, sealed, case_id=case_id, entry_id=entry_id, kind=entry["kind"])
    return Said(
        entry_id, entry["kind"], date.fromisoformat(entry["day"]), entry["by_sender"], content, entry.get("leaf")
    )


@cache
def _stand_in() -> tuple[Receipt, dict[str, Any]]:
    """A conversation of nobody, as the database would give it: opened where there is none."""
    receipt, keys = Receipt.fresh(), Keys.fresh()
    case_id, entry_id, kind = receipt.case_id, receipt.entry_id("stand-in"), Entry.Kind.CONCERN
    said = seal_entry(keys, case_id=case_id, entry_id=entry_id, kind=kind, content={"text": "", "files": []})
    row = {
        "id": str(case_id),
        "day": clock.today().isoformat(),
        "stage": Case.Stage.NEW,
        "urgent": False,
        "withdrawn": None,
        "receipt_wrap": bundles.text(wrap_for_receipt(keys, receipt.private.public, case_id=case_id)),
        "header": bundles.text(seal_header(keys, Header("OTHER", "LISTEN"), case_id=case_id)),
        "entries": [
            {
                "id": str(entry_id), "kind": kind, "day": clock.today().isoformat(), "by_sender": True, "leaf": None,
                "sealed": bundles.text(said),
            }
        ],
    }  # fmt: skip
    return receipt, row


def _decoy(receipt: Receipt) -> None:
    """The work of opening a conversation where there is none: this receipt's keys derived, another's opened."""
    assert receipt.private
    other, row = _stand_in()
    _put_together(other, [], row)
