"""The screens: who finds, reads and takes what, through the browser's door."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from documents.models import Document
from tests.documents.acting import TEXT, body, hand_over, work
from tests.world import World, as_owner

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
OUTSIDE = ("colleague", "expired", "foreign", "outsider", "auditor", "clearance_officer")


def urls_of(document: Document) -> dict[str, str]:
    """Every address about a document that gives something to whoever may read it."""
    one, first = [document.pk], [document.pk, 1]
    return {
        "card": reverse("documents:document", args=one),
        "state": reverse("documents:state", args=one),
        "view": reverse("documents:view", args=first),
        "download": reverse("documents:download", args=first),
    }


def test_an_official_hands_over_and_the_engineer_finds_reads_and_takes_it(world: World, client_for: ClientFor) -> None:
    official = client_for(world.official)
    form = reverse("documents:receive") + f"?circle={world.circle.pk}"
    page = official.get(form)
    assert page.status_code == 200
    answer = official.post(
        form,
        {
            "title": "半導体部材の供給途絶シナリオ",
            "marking_choice": "HI//SEMICON",
            "originator": str(world.ministry.pk),
            "file": SimpleUploadedFile("シナリオ.txt", TEXT),
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    assert "文書を提供しました。" in official.get(answer["Location"]).content.decode()
    with as_owner():
        document = Document.objects.get()
    assert official.get(answer["Location"]).status_code == 200
    work(document)

    engineer = client_for(world.engineer)
    listed = engineer.get(reverse("documents:index"))
    assert "半導体部材の供給途絶シナリオ" in listed.content.decode()
    found = engineer.get(reverse("documents:index"), {"q": "供給途絶"})
    assert "半導体部材の供給途絶シナリオ" in found.content.decode()
    for name, url in urls_of(document).items():
        answer = engineer.get(url)
        assert (answer.status_code, bool(body(answer))) == (200, True), name
    assert body(engineer.get(urls_of(document)["download"])) == TEXT


@pytest.mark.parametrize("name", OUTSIDE)
def test_for_whoever_may_not_read_it_there_is_nothing(world: World, client_for: ClientFor, name: str) -> None:
    document = hand_over(world, world.official)
    somebody: Person = world.people[name]
    client = client_for(somebody)
    assert "在庫の見通し" not in client.get(reverse("documents:index")).content.decode()
    assert "在庫の見通し" not in client.get(reverse("documents:index"), {"q": "在庫"}).content.decode()
    for url in urls_of(document).values():
        missing = url.replace(str(document.pk), "01980000-0000-7000-8000-000000000000")
        denied, absent = client.get(url), client.get(missing)
        assert (denied.status_code, absent.status_code) == (404, 404)
        assert denied.content.decode().replace(url, "") == absent.content.decode().replace(missing, "")
