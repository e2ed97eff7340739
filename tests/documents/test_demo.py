"""The demo's documents: each handed over by somebody who may, readable by whom its room is for."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.demo import PEOPLE, address_of, make_people
from accounts.models import Person
from clearance.demo import grant_authorisations
from clearance.models import HandlerEntry, MarkingPreset
from clearance.privileges import install
from dialogues.demo import key_of, make_rooms
from dialogues.models import Room
from documents.demo import PLANS, make_documents
from documents.models import Document, Reading, State, Version
from portal.embedded.prepare import populate
from portal.management.commands import demo_world
from tests.world import as_owner, being

pytestmark = pytest.mark.django_db


def test_the_demo_hands_over_documents_that_are_read() -> None:
    with as_owner():
        people = make_people()
        grant_authorisations(people)
        rooms = make_rooms(people)
        assert len(make_documents(people, rooms)) == len(PLANS)
        assert make_documents(people, rooms) == []  # may run again
        assert set(Version.objects.values_list("state", flat=True)) == {State.READY}
        assert Reading.objects.count() == sum(len(plan.read_by) for plan in PLANS)
        recorded = [document.recorded for document in Document.objects.all()]
    assert any(recorded)
    with being(people["engineer"]):
        titles = {document.title for document in Document.objects.all()}
    assert "前工程材料の供給途絶シナリオと官民の初動（案）" in titles
    with being(people["colleague"]):
        assert "前工程材料の供給途絶シナリオと官民の初動（案）" not in {each.title for each in Document.objects.all()}


@pytest.fixture
def raised(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make run`, then `make run CEILING=3` on the same data, then once more."""
    monkeypatch.setattr(demo_world, "as_owner", as_owner)
    monkeypatch.setattr("documents.demo.PLANS", ())  # the lower documents are another test's, and take long
    settings.VAR_DIR = tmp_path
    for ceiling in (2, 3, 3):
        settings.CEILING = ceiling
        with as_owner():
            install(using="default")  # what the migrations do at each start
        populate()
        with as_owner():
            made = [Document.objects.filter(level=3).count(), Room.objects.filter(pk=key_of("soten")).count()]
        assert made == ([1, 1] if ceiling == 3 else [0, 0])


@pytest.mark.usefixtures("raised")
def test_a_raised_ceiling_adds_what_its_named_handler_alone_opens(client_for: Callable[..., Client]) -> None:
    call_command("demo_world", stdout=StringIO())  # by hand, past the stamp: nothing is made twice
    with as_owner():
        (document,) = Document.objects.filter(level=3).select_related("marking")
        assert document.marking.text == "CESI//SEMICON"
        entered = HandlerEntry.objects.filter(item_id=document.pk, struck_at__isnull=True)
        assert set(entered.values_list("person__email", flat=True)) == {address_of("official"), address_of("handler")}
        assert Version.objects.get(document=document).state == State.READY
        presets = MarkingPreset.objects.filter(circle=document.circle_id).values_list("marking__text", flat=True)
        assert "CESI//SEMICON" in presets
        people = {key: Person.objects.get(email=address_of(key)) for key, *_rest in PEOPLE}
    card = reverse("documents:document", args=[document.pk])
    view = reverse("documents:view", args=[document.pk, 1])
    room = reverse("dialogues:room", args=[key_of("soten")])
    title = "基幹設備向け半導体の供給の弱点に関する評価"
    for who in ("handler", "official"):
        client = client_for(people[who], level=3)
        assert title in client.get(room).content.decode()
        assert title in client.get(card).content.decode()
        assert "検査の待ち行列" in client.get(view).content.decode()
        weak = client_for(people[who], level=2)
        assert title not in weak.get(room).content.decode()
        assert weak.get(view).status_code == 404
    for who, person in people.items():
        with being(person, 3):
            assert Document.objects.filter(pk=document.pk).exists() is (who in {"handler", "official"}), who
    for who, inside in (("second_official", 200), ("soten_hatano", 200), ("colleague", 404), ("engineer", 404)):
        client = client_for(people[who], level=3)  # those inside are in the room, not on the register
        assert {client.get(url).status_code for url in (card, view)} == {404}, who
        entered_room = client.get(room)
        assert entered_room.status_code == inside, who
        assert title not in entered_room.content.decode()
        assert title not in client.get(reverse("documents:index")).content.decode()
