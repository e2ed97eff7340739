"""A small office for the tests of the intake: two desks, their readers' keys, and a disk of the intake's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from intake import mailbox, sending
from intake.models import Desk, Envelope, Reader
from intake.receipt import Receipt
from intake.sealing import Keys, open_as_reader
from tests.world import as_owner
from vault.hybrid import PrivateKey


@dataclass
class Office:
    """`keys`: of each officer, by the name they go by here."""

    folder: Path
    desks: dict[str, Desk] = field(default_factory=dict)
    keys: dict[str, tuple[UUID, PrivateKey]] = field(default_factory=dict)

    def officer(self, name: str, *desks: str) -> None:
        """Somebody who reads at these desks."""
        key_id, private = uuid4(), PrivateKey.generate()
        self.keys[name] = key_id, private
        with as_owner():
            for desk in desks:
                if desk not in self.desks:
                    self.desks[desk] = Desk.objects.create(name_ja=desk, name_en=desk, place=len(self.desks))
                Reader.objects.create(desk=self.desks[desk], key_id=key_id, public=private.public.to_bytes())

    def send(self, receipt: Receipt | None = None, **given: Any) -> Receipt:
        """One concern, with what is usual where nothing else is given."""
        receipt = receipt or Receipt.fresh()
        usual: dict[str, Any] = {
            "theme": "OTHER", "text": "図面を渡すよう求められています", "answers": {}, "files": [], "excluded": [],
            "urgent": False, "consent": "LISTEN", "language": "ja",
        }  # fmt: skip
        sending.send(receipt=receipt, **{**usual, **given})
        return receipt

    def opened_by(self, name: str, receipt: Receipt) -> Keys | None:
        """The case's keys as this officer opens them; None without an envelope."""
        key_id, private = self.keys[name]
        with as_owner():
            envelope = Envelope.objects.filter(case_id=receipt.case_id, key_id=key_id).first()
        if envelope is None:
            return None
        return open_as_reader(bytes(envelope.wrapped), private, case_id=receipt.case_id, key_id=key_id)


def found(receipt: Receipt) -> mailbox.Conversation:
    conversation = mailbox.find(receipt)
    assert conversation is not None
    return conversation
