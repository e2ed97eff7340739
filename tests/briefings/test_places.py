"""Bureaus, audiences, rooms and organisations to choose from: in pages, however many there are."""

from __future__ import annotations

import re

import pytest

from briefings.forms import audiences as audience_forms
from briefings.models import Bureau
from clearance import numbered
from clearance.markings import marking
from tests.briefings.desk import audience_on, desk, draft_of
from tests.world import World, as_owner, circle, organisation, sign_in

pytestmark = pytest.mark.django_db


def test_lists_of_places_go_on_and_what_was_chosen_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numbered, "A_PAGE", 2)
    monkeypatch.setattr(audience_forms, "MOST_OFFERED", 2)
    at_desk = desk(world)
    with as_owner():
        firms = [organisation(f"部材{number}（架空）") for number in range(4)]
        for number in range(3):
            place = circle(world.hi_semicon, steward=world.official)
            given = {"circle": place, "marking": marking(1), "opened_by": world.official}
            Bureau(name=f"班その{number}", **given).save(force_insert=True)
            audience_on(place, world.official)
        last = audience_on(circle(world.hi_semicon, steward=world.official), world.official)
    client = sign_in(world.official)
    for address, shown in (("bureaus/", "班その"), ("drafts/start/", "班その")):
        first = client.get(f"/briefings/{address}").content.decode()
        second = client.get(f"/briefings/{address}?page=2").content.decode()
        assert (first.count(shown), second.count(shown)) == (1, 2), address
        assert "?page=2" in first
    draft = draft_of(at_desk)
    pick = f"/briefings/drafts/{draft.pk}/audience/"
    page = client.get(f"{pick}?page=2").content.decode()
    assert page.count('type="radio"') == 3  # two of the page, and the one it has
    assert client.post(f"{pick}?page=3", {"audience": str(last.pk)}).status_code == 302
    address = "/briefings/audiences/list/"
    typed = {"name": "部材の名簿", "people": world.foreign.email, "organisations": [str(firms[3].pk)], "level": "1"}
    page = client.post(address, typed | {"find": "部材1", "look": "1"}).content.decode()
    assert re.findall(r'name="organisations" value="([^"]+)"', page) == [str(firms[3].pk), str(firms[1].pk)]
    assert page.count("checked") >= 2
    assert "部材の名簿" in page
    assert world.foreign.email in page
    assert "error-summary" not in page
    assert "最初の50組織まで" in client.get(address).content.decode()
    assert client.post(address, typed | {"find": "部材1"}).status_code == 302
