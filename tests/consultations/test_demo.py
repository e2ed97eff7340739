"""The demo's cases: both sides open them with what the demo's page shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.demo import make_people
from consultations.demo import CASES, PASSPHRASE, make_consultations, receipt, words
from consultations.queries.board import Waits, cases
from intake import mailbox
from intake.receipt import Receipt
from intake.words import from_text
from tests import world as build

pytestmark = pytest.mark.django_db


def test_an_officer_opens_every_state_and_a_sender_their_own(db: Any) -> None:
    with build.as_owner():
        people = make_people()
        make_consultations(people)
        make_consultations(people)  # what is there stays
    with build.being(people["official"]):
        assert sorted(cases().values_list("waits", flat=True)) == sorted(
            [Waits.NEW, Waits.NEW, Waits.FOR_US, Waits.FOR_THEM, Waits.CLOSED]
        )
    with build.being(people["second_official"]):
        assert cases().count() == len(CASES) - 1, "one sender kept their other desk out"
    client: Client = build.sign_in(people["official"])
    assert client.post(reverse("consultations:unlock"), {"password": PASSPHRASE}).status_code == 302
    shown = client.get(reverse("consultations:case", args=[receipt(2).case_id])).content.decode()
    assert "値段を一方的に下げられました" in shown
    with build.as_role("portal_intake"):
        found = mailbox.find(Receipt(from_text(words("ja"))))
    assert found is not None
    assert found.entries[1].text.startswith("ご相談ありがとうございます")
    start = Client().get("/demo/").content.decode()
    assert PASSPHRASE in start
    assert words("ja") in start
