"""Sending a concern: sealed to its readers and to the receipt, written to the spool, acknowledged.

What is sent is known by its receipt, which is made before it is sent: sent twice, by a reload or an impatient second
click, it is one case, and the second sending says what the first would have.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Protocol
from uuid import UUID

from django.db import DatabaseError

from intake import bundles, clock, database, directory, spool
from intake.acknowledgement import Acknowledged, acknowledge
from intake.models import Case, Entry
from intake.pending import Pending, SentAlready, sent_with
from intake.receipt import Receipt
from intake.sealing import Header, Keys, seal_entry, seal_header, wrap_for_reader, wrap_for_receipt
from intake.spool import Bundle
from vault import signatures
from vault.hybrid import PublicKey

FIRST = "first"  # the token of a case's first entry


class Signing(Protocol):
    def __call__(self, sealed: bytes, *, day: date) -> Acknowledged: ...


class NoReaders(Exception):
    """No officer is left whom the concern may be sealed to."""


def send(
    *, receipt: Receipt, theme: str, text: str, answers: Mapping[str, str], files: Sequence[Pending],
    excluded: Collection[UUID], urgent: bool, consent: str, language: str,
) -> None:  # fmt: skip
    """Returns once the concern lies on the disk to last. Raises `spool.Full`, `directory.Unavailable`, `NoReaders`."""
    with suppress(SentAlready):
        _send_once(
            receipt, theme=theme, text=text, answers=answers, files=files, excluded=excluded, urgent=urgent,
            consent=consent, language=language,
        )  # fmt: skip


def _send_once(
    receipt: Receipt, *, theme: str, text: str, answers: Mapping[str, str], files: Sequence[Pending],
    excluded: Collection[UUID], urgent: bool, consent: str, language: str,
) -> None:  # fmt: skip
    if spool.of(receipt.lookup) or _known(receipt):
        return
    header, readers = Header(theme, consent, tuple(map(str, excluded)), language), directory.readers(excluded)
    with sent_with(files) as taken:
        bundle = seal(
            receipt=receipt, header=header, text=text, answers=answers, files=taken, readers=readers, urgent=urgent,
            way=Case.Way.WEB, sign=acknowledge,
        )  # fmt: skip
        if not spool.put(receipt.lookup, spool.part_of(0, receipt.entry_id(FIRST)), bundle):
            raise SentAlready


def seal(
    *, receipt: Receipt, header: Header, text: str, answers: Mapping[str, str], files: Sequence[Pending],
    readers: Mapping[UUID, PublicKey], urgent: bool, way: Case.Way, sign: Signing,
) -> Bundle:  # fmt: skip
    """The bundle of a new case, sealed to these readers and acknowledged by `sign`. Raises `NoReaders`."""
    if not readers:
        raise NoReaders
    keys, case_id, entry_id, day = Keys.fresh(), receipt.case_id, receipt.entry_id(FIRST), clock.today()
    content = {"text": text, "answers": dict(answers), "files": [file.content() for file in files]}
    sealed = seal_entry(keys, case_id=case_id, entry_id=entry_id, kind=Entry.Kind.CONCERN, content=content)
    said = bundles.entry(
        entry_id=entry_id, kind=Entry.Kind.CONCERN, day=day, sealed=sealed, acknowledged=sign(sealed, day=day),
        blobs=[file.blob for file in files],
    )  # fmt: skip
    return bundles.case(
        said,
        lookup=receipt.lookup,
        case_id=case_id,
        receipt_public=receipt.private.public.to_bytes(),
        receipt_wrap=wrap_for_receipt(keys, receipt.private.public, case_id=case_id),
        consent_public=signatures.public_of(receipt.consent_seed),
        day=day,
        urgent=urgent,
        way=way,
        header=seal_header(keys, header, case_id=case_id),
        envelopes={
            key_id: wrap_for_reader(keys, public, case_id=case_id, key_id=key_id) for key_id, public in readers.items()
        },
    )


def _known(receipt: Receipt) -> bool:
    """Whether it was sent and carried over before. While the database is away the courier finds that out."""
    with suppress(DatabaseError):
        return database.find(receipt.lookup) is not None
    return False
