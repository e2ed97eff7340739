"""Who meets which of the clearance screens: officers all of them, everybody else the page that does not exist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import Organisation
from clearance.models import HandlerEntry
from tests import world as build
from tests.world import World

pytestmark = pytest.mark.django_db

OFFICERS_ONLY = (
    "overview", "people", "person_add", "person", "person_change", "person_lock", "grant",
    "authorisation_suspend", "authorisation_resume", "authorisation_revoke",
    "organisations", "organisation_add", "organisation", "organisation_change", "certification_add", "foreign_control",
    "certification_suspend", "certification_resume", "certification_revoke",
    "ending", "codes", "compartment_add", "release_group_add",
    "statutory", "statutory_person", "assess", "handlers", "register", "strike",
)  # fmt: skip
FOR_ALL = ("mine", "builder")
OTHERS = ("official", "secretary", "engineer", "colleague", "expired", "foreign", "auditor", "outsider")


@pytest.fixture
def keys(world: World) -> dict[str, UUID]:
    """What the addresses of the pages name."""
    with build.as_owner():
        entry = HandlerEntry.objects.create(item_id=uuid7(), person=world.engineer, entered_by=world.official)
        return {
            "person": world.engineer.pk,
            "authorisation": world.engineer.authorisations.get().pk,
            "organisation": world.maker.pk,
            "certification": world.maker.certifications.get().pk,
            "item": entry.item_id,
            "entry": entry.pk,
        }


def address(name: str, keys: dict[str, UUID]) -> str:
    named = {
        "person": ("person", "person_change", "person_lock", "grant", "statutory_person", "assess", "person_invite"),
        "authorisation": ("authorisation_suspend", "authorisation_resume", "authorisation_revoke"),
        "organisation": ("organisation", "organisation_change", "certification_add", "foreign_control"),
        "certification": ("certification_suspend", "certification_resume", "certification_revoke"),
        "item": ("register",),
        "entry": ("strike",),
    }
    needed = next((key for key, names in named.items() if name in names), None)
    return reverse(f"clearance:{name}", args=[keys[needed]] if needed else [])


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", [*OFFICERS_ONLY, *FOR_ALL])
def test_the_clearance_officer_meets_each_page(
    world: World, keys: dict[str, UUID], client_for: Any, name: str, language: str
) -> None:
    client = client_for(world.clearance_officer)
    client.cookies["entaku_language"] = language
    answer = client.get(address(name, keys))
    assert answer.status_code == 200
    assert answer.content.count(b"<h1>") == 1
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("who", OTHERS)
def test_for_everybody_else_none_of_the_officers_pages_exists(
    world: World, keys: dict[str, UUID], client_for: Any, who: str
) -> None:
    client = client_for(getattr(world, who))
    missing = client.get("/clearance/people/none-such/")
    for name in OFFICERS_ONLY:
        for answer in (client.get(address(name, keys)), client.post(address(name, keys), {"confirmed": "yes"})):
            assert answer.status_code == 404, name
            assert answer.content == missing.content, name


@pytest.mark.parametrize("who", OTHERS)
def test_everybody_signed_in_meets_their_own_authorisations_and_the_builder(
    world: World, client_for: Any, who: str
) -> None:
    client = client_for(getattr(world, who))
    for name in FOR_ALL:
        assert client.get(reverse(f"clearance:{name}")).status_code == 200


@pytest.mark.parametrize("name", [*OFFICERS_ONLY, *FOR_ALL, "person_invite"])
def test_whoever_is_not_signed_in_is_asked_to_sign_in(world: World, keys: dict[str, UUID], name: str) -> None:
    address_ = address(name, keys)
    answer = Client().get(address_)
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('account_login')}?next={address_}"


def test_an_officer_cannot_change_their_own_authorisation(world: World, client_for: Any) -> None:
    with build.as_owner():
        own = build.authorise(world.clearance_officer, 2, basis="OFFICIAL")
    client = client_for(world.clearance_officer)
    for name in ("authorisation_suspend", "authorisation_resume", "authorisation_revoke"):
        for answer in (
            client.get(reverse(f"clearance:{name}", args=[own.pk])),
            client.post(reverse(f"clearance:{name}", args=[own.pk]), {"reason": "x", "confirmed": "yes"}),
        ):
            assert answer.status_code == 404
    for name in ("grant", "assess"):
        assert client.get(reverse(f"clearance:{name}", args=[world.clearance_officer.pk])).status_code == 404
    page = client.get(reverse("clearance:person", args=[world.clearance_officer.pk]))
    assert reverse("clearance:grant", args=[world.clearance_officer.pk]) not in page.content.decode()


def test_on_a_password_alone_the_officer_is_asked_to_prove_more(
    world: World, keys: dict[str, UUID], client_for: Any
) -> None:
    client = client_for(world.clearance_officer, level=1)
    for name in OFFICERS_ONLY:
        asked = client.get(address(name, keys))
        assert (asked.status_code, asked["Location"][:27]) == (302, "/account/step-up/?level=2&a"), name
        kept = client.post(address(name, keys), {"reason": '甲"<乙>', "confirmed": "yes"})
        assert kept.status_code == 403, name
        assert 'name="reason" value="甲&quot;&lt;乙&gt;"' in kept.content.decode(), name
    with build.as_owner():
        assert world.engineer.authorisations.get().revoked_at is None


@pytest.mark.parametrize(("level", "seen"), [(1, 0), (2, 1)])
def test_on_a_password_alone_the_database_knows_no_officer(world: World, level: int, seen: int) -> None:
    with build.being(world.clearance_officer, level=level):
        assert world.engineer.authorisations.count() == seen
        assert Organisation.objects.filter(pk=world.maker.pk).update(country="DE") == seen
