"""Taking down what is told by telephone or post: the same seal, the same receipt, and nothing twice."""

from __future__ import annotations

import re

import pytest
from django.test.utils import override_settings
from django.urls import reverse

from audit.models import Event
from consultations.models.custody import DeskOfficer, OfficerKey
from intake.models import Case, Desk, Entry, Reader
from intake.receipt import Receipt
from intake.sealing import open_as_reader, open_entry
from intake.words import from_text
from tests.world import World, as_owner, as_role, sign_in
from vault.hybrid import PrivateKey

pytestmark = pytest.mark.django_db
URL = "consultations:take_down"


@pytest.fixture
def private(world: World) -> PrivateKey:
    """The key of the official, who serves at the only desk."""
    key = PrivateKey.generate()
    with as_owner():
        desk = Desk.objects.create(name_ja="相談窓口", name_en="Desk")
        DeskOfficer.objects.create(desk=desk, person=world.official, appointed_by=world.clearance_officer)
        row = OfficerKey.objects.create(person=world.official, public=key.public.to_bytes())
        Reader.objects.create(desk=desk, key_id=row.pk, public=key.public.to_bytes())
    return key


def typed(**more: object) -> dict[str, object]:
    return {
        "receipt": Receipt.fresh().entropy.hex(), "way": "TELEPHONE", "theme": "OTHER", "consent": "LISTEN",
        "text": "図面を求められています", **more,
    }  # fmt: skip


def test_the_receipt_on_the_slip_opens_what_was_taken_down(world: World, private: PrivateKey) -> None:
    client = sign_in(world.official)
    assert "ほかのことには使いません。</span></label>" in client.get(reverse(URL)).content.decode(), "what each means"
    with override_settings(INTAKE_URL="https://reception.example"):
        answer = client.post(reverse(URL), typed(urgent="on"))
    words = re.findall(r"<li>([ぁ-ん]+)</li>", answer.content.decode())
    receipt = Receipt(from_text(" ".join(words)))
    assert "https://reception.example/return/" in answer.content.decode()
    assert "受け付けた日：" in answer.content.decode()
    with as_owner():
        case = Case.objects.get(lookup=receipt.lookup)
        assert (case.way, case.urgent) == ("TELEPHONE", True)
        envelope, entry = case.envelopes.get(), Entry.objects.get()
        keys = open_as_reader(bytes(envelope.wrapped), private, case_id=case.pk, key_id=envelope.key_id)
        said = open_entry(keys, entry.sealed, case_id=case.pk, entry_id=entry.pk, kind=entry.kind)
    assert said["text"] == "図面を求められています"
    with as_role("portal_worker"):
        event = Event.objects.get(act="consultation.take_down")
        assert event.target_id == str(case.pk)
        assert "図面" not in str(event.detail)


def test_the_same_form_sent_again_shows_the_same_slip(world: World, private: PrivateKey) -> None:
    client, form = sign_in(world.official), typed()
    pages = [re.findall(r"<li>([ぁ-ん]+)</li>", client.post(reverse(URL), form).content.decode()) for _ in range(2)]
    assert pages[0] == pages[1]
    assert len(pages[0]) == 11
    with as_owner():
        assert Case.objects.count() == 1


def test_nothing_typed_is_lost_where_nobody_could_read_it(world: World, private: PrivateKey) -> None:
    with as_owner():
        desk = Desk.objects.get()
    answer = sign_in(world.official).post(reverse(URL), typed(exclude=[str(desk.pk)]))
    assert answer.status_code == 422
    assert "図面を求められています" in answer.content.decode()
    with as_owner():
        assert not Case.objects.exists()


def test_who_serves_at_no_desk_finds_no_such_page(world: World, private: PrivateKey) -> None:
    for person in (world.engineer, world.second_official):
        assert sign_in(person).get(reverse(URL)).status_code == 404
