"""Who opens what of a case: readers both kinds of entries, the receipt what is shared, everybody else nothing."""

from uuid import UUID, uuid4

import pytest

from intake.receipt import Receipt
from intake.sealing import (
    Header,
    Keys,
    open_as_reader,
    open_as_receipt,
    open_entry,
    open_header,
    seal_entry,
    seal_header,
    wrap_for_reader,
    wrap_for_receipt,
)
from vault import Unreadable
from vault.hybrid import PrivateKey

CASE, ENTRY, KEY = uuid4(), uuid4(), uuid4()
KEYS = Keys.fresh()
READER, RECEIPT = PrivateKey.generate(), Receipt.fresh()


def sealed(kind: str, text: str = "設計図を渡すよう求められています") -> bytes:
    return seal_entry(KEYS, case_id=CASE, entry_id=ENTRY, kind=kind, content={"text": text})


def test_a_reader_opens_what_is_shared_and_what_is_the_offices() -> None:
    wrapped = wrap_for_reader(KEYS, READER.public, case_id=CASE, key_id=KEY)
    keys = open_as_reader(wrapped, READER, case_id=CASE, key_id=KEY)
    for kind in ("CONCERN", "ANSWER", "NOTE"):
        assert open_entry(keys, sealed(kind), case_id=CASE, entry_id=ENTRY, kind=kind)["text"].startswith("設計図")


def test_the_receipt_opens_what_is_shared_alone() -> None:
    keys = open_as_receipt(wrap_for_receipt(KEYS, RECEIPT.private.public, case_id=CASE), RECEIPT.private, case_id=CASE)
    assert open_entry(keys, sealed("ANSWER"), case_id=CASE, entry_id=ENTRY, kind="ANSWER")["text"]
    with pytest.raises(Unreadable):
        open_entry(keys, sealed("NOTE"), case_id=CASE, entry_id=ENTRY, kind="NOTE")


@pytest.mark.parametrize(
    ("case_id", "key_id", "private"),
    [(uuid4(), KEY, READER), (CASE, uuid4(), READER), (CASE, KEY, PrivateKey.generate())],
    ids=["another case", "another reader's envelope", "another key"],
)
def test_an_envelope_opens_in_its_own_place_alone(case_id: UUID, key_id: UUID, private: PrivateKey) -> None:
    wrapped = wrap_for_reader(KEYS, READER.public, case_id=CASE, key_id=KEY)
    with pytest.raises(Unreadable):
        open_as_reader(wrapped, private, case_id=case_id, key_id=key_id)


def test_an_entry_moved_to_another_place_does_not_open() -> None:
    for case_id, entry_id, kind in [(uuid4(), ENTRY, "ANSWER"), (CASE, uuid4(), "ANSWER"), (CASE, ENTRY, "QUESTION")]:
        with pytest.raises(Unreadable):
            open_entry(KEYS, sealed("ANSWER"), case_id=case_id, entry_id=entry_id, kind=kind)


def test_the_header_opens_as_it_was_sealed() -> None:
    header = Header("LEAKAGE", "LISTEN", (str(uuid4()), str(uuid4())), "en")
    kept = seal_header(KEYS, header, case_id=CASE)
    assert open_header(KEYS, kept, case_id=CASE) == header
    with pytest.raises(Unreadable):
        open_header(KEYS, kept, case_id=uuid4())


def test_short_texts_look_alike() -> None:
    assert len({len(sealed("CONCERN", "あ" * count)) for count in range(0, 300, 7)}) == 1


def test_a_receipt_gives_the_same_each_time_and_nothing_in_common_with_another() -> None:
    again, other = Receipt(RECEIPT.entropy), Receipt.fresh()
    assert (again.lookup, again.case_id, again.private.seed, again.consent_seed, again.entry_id("a")) == (
        RECEIPT.lookup, RECEIPT.case_id, RECEIPT.private.seed, RECEIPT.consent_seed, RECEIPT.entry_id("a"),
    )  # fmt: skip
    assert RECEIPT.entry_id("a") != RECEIPT.entry_id("b")
    assert not {other.lookup, other.case_id, other.private.seed, other.consent_seed} & {
        RECEIPT.lookup, RECEIPT.case_id, RECEIPT.private.seed, RECEIPT.consent_seed,
    }  # fmt: skip
    assert RECEIPT.entropy.hex() not in repr(RECEIPT)
    with pytest.raises(ValueError):
        Receipt(b"short")
