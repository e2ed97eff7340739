"""An answer takes as long whether or not there is a case: in processor time, which other work does not lengthen."""

from __future__ import annotations

import time
from statistics import median

import pytest

from intake import mailbox, rounds
from intake.receipt import Receipt
from tests.intake.desks import Office
from tests.intake.public import Visitor, served

pytestmark = pytest.mark.django_db
ROUNDS = 40
APART = 1.3  # times, between the medians: less than a page varies by itself over Tor


def spent(receipt: Receipt) -> float:
    receipt = Receipt(receipt.entropy)  # nothing of it derived yet
    began = time.process_time()
    mailbox.find(receipt)
    return time.process_time() - began


def test_an_answer_takes_as_long_whether_or_not_there_is_a_case(office: Office) -> None:
    there = office.send()
    rounds.carry()
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(ROUNDS):
        for known in (True, False):
            times[known].append(spent(there if known else Receipt.fresh()))
    longer, shorter = sorted((median(times[True]), median(times[False])), reverse=True)
    assert longer / shorter < APART, (longer, shorter)


def test_and_both_are_of_one_size(office: Office) -> None:
    there = office.send()
    rounds.carry()
    with served():
        visitor = Visitor()
        sizes = set()
        for receipt in (there, Receipt.fresh()):
            visitor.post("/conversation/", {"receipt": receipt.entropy.hex(), "do": ""})
            assert visitor.answer.status_code == 200
            sizes.add(len(visitor.answer.content))
    assert sizes == {64 * 1024}
