"""The officer's pages of people: finding them, changing what they may handle, and what is never shown."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clearance.models import Authorisation, Suspension
from clearance.queries import people
from tests import world as build
from tests.clearance.acts import recorded
from tests.clearance.test_services_authorisations import held_by, levels
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def text(answer: Any) -> str:
    page: str = answer.content.decode()
    return page


def page(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(f"clearance:{name}", args=args), query)
    assert answer.status_code == 200
    return text(answer)


def names_in(html: str) -> set[str]:
    return set(re.findall(r'<th scope="row"><a href="/clearance/people/[^"]+">([^<]+)</a>', html))


# --- the list -----------------------------------------------------------------------------------------------


@pytest.fixture
def states(world: World) -> dict[str, set[str]]:
    """Who of the world's people is in which state."""
    outsiders, secretarys = held_by(world.outsider), held_by(world.secretary)
    with build.as_owner():
        build.authorise(world.auditor, 1, basis="OFFICIAL", days=30)  # ends soon
        build.authorise(world.clearance_officer, 1, basis="OFFICIAL", days=30)
        build.authorise(world.clearance_officer, 1, basis="OFFICIAL", days=300)  # the later one counts
        Suspension.objects.create(entitlement_id=outsiders.pk, reason="x", by=world.official)
        Authorisation.objects.filter(person=world.foreign).update(revoked_at=timezone.now() - DAY)
        Suspension.objects.create(
            entitlement_id=secretarys.pk, reason="x", by=world.official,
            since=timezone.now() - 9 * DAY, until=timezone.now() - DAY,
        )  # fmt: skip
    return {
        "in_force": {p.name for p in (world.official, world.second_official, world.secretary, world.engineer)}
        | {world.clearance_officer.name},
        "ending": {world.auditor.name},
        "suspended": {world.outsider.name},
        "lapsed": {world.expired.name},
        "none": {world.colleague.name, world.foreign.name},
    }


@pytest.mark.parametrize("state", ["in_force", "ending", "suspended", "lapsed", "none"])
def test_people_are_narrowed_by_state(officer: Client, states: dict[str, set[str]], state: str) -> None:
    assert names_in(page(officer, "people", state=state)) == states[state]


def test_whose_authorisation_has_lapsed_shows_its_last_day(world: World) -> None:
    with build.as_owner():
        (line,) = people.rows(people.people(at=timezone.now(), state="lapsed"))
        assert (line.person, line.highest) == (world.expired, None)
        assert line.last_day == world.expired.authorisations.get().last_day


def test_people_stand_by_their_organisation_and_then_by_name(world: World) -> None:
    lines = people.rows(people.people(at=timezone.now()))
    organisations = [line.person.organisation.name for line in lines]
    assert len(organisations) - 1 > len(set(organisations))
    assert sum(a != b for a, b in pairwise(organisations)) == len(set(organisations)) - 1


def test_the_overview_counts_the_same(officer: Client, states: dict[str, set[str]]) -> None:
    html = page(officer, "overview")
    for state, names in states.items():
        assert re.search(rf'state={state}"><span class="figure-value">{len(names)}<', html), state
    assert states["ending"] <= set(re.findall(r"<a [^>]+>([^<]+)</a>", html))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("技", {"engineer"}),
        ("同 僚", {"colleague"}),
        ("朝霧", {"engineer", "colleague", "expired"}),
        ("Delta", {"foreign"}),
        ("監 査", {"auditor"}),
        ("%", set()),
        ("'; DROP TABLE", set()),
    ],
)
def test_people_are_found_by_name_and_organisation(world: World, officer: Client, query: str, found: set[str]) -> None:
    assert names_in(page(officer, "people", q=query)) == {getattr(world, who).name for who in found}


def test_people_are_found_by_address(world: World, officer: Client) -> None:
    assert names_in(page(officer, "people", q=world.engineer.email)) == {world.engineer.name}


def test_an_empty_list_says_what_to_do_next(world: World, officer: Client) -> None:
    html = page(officer, "people", q="だれもいない")
    assert "当てはまる利用者はいません" in html
    assert "絞り込みを外す" in html


def test_the_list_has_pages(world: World, officer: Client) -> None:
    with build.as_owner():
        for number in range(60):
            build.person(world.maker, f"追加 {number:02}")
    first = page(officer, "people")
    assert len(names_in(first)) == 50
    assert "?page=2" in first
    second = page(officer, "people", page="2")
    assert len(names_in(second)) == 20
    assert not names_in(first) & names_in(second)
    assert names_in(page(officer, "people", page="none")) == names_in(first)


# --- granting -----------------------------------------------------------------------------------------------


def terms(**changed: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "basis": "NDA", "highest": "2", "compartments": ["SEMICON"], "since": today.isoformat(),
        "until": (today + 100 * DAY).isoformat(), "reference": "誓約第1号",
    } | changed  # fmt: skip


def test_granting_says_first_what_it_will_change(world: World, officer: Client) -> None:
    address = reverse("clearance:grant", args=[world.colleague.pk])
    asked = text(officer.post(address, terms()))
    assert "影響の確認" in asked
    now, then = asked.split("変更したあと読める情報")
    assert "公開の情報だけを読めます" in now
    assert '秘文書</strong> （<span class="whole">SEMICON</span>）' in then
    assert levels(world.colleague) == [0]
    assert 'name="compartments" value="SEMICON"' in asked  # what was typed goes along

    answer = officer.post(address, terms(confirmed="yes"), follow=True)
    assert answer.redirect_chain == [(reverse("clearance:person", args=[world.colleague.pk]), 302)]
    assert "取扱資格を登録しました" in text(answer)
    assert levels(world.colleague) == [0, 1, 2]


def test_going_back_loses_nothing_typed(world: World, officer: Client) -> None:
    html = text(officer.post(reverse("clearance:grant", args=[world.colleague.pk]), terms(edit="yes")))
    assert "誓約第1号" in html
    assert re.search(r'name="compartments" value="SEMICON"[^>]*checked', html)
    assert levels(world.colleague) == [0]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"basis": ""}, "basis"),
        ({"basis": "CESI"}, "basis"),
        ({"basis": "OFFICIAL"}, "basis"),
        ({"highest": "3"}, "highest"),
        ({"compartments": ["NONE-SUCH"]}, "compartments"),
        ({"since": "someday"}, "since"),
        ({"until": "2020-01-01"}, "until"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    world: World, officer: Client, changed: dict[str, Any], field: str
) -> None:
    for extra in ({}, {"confirmed": "yes"}):
        html = text(officer.post(reverse("clearance:grant", args=[world.colleague.pk]), terms(**changed, **extra)))
        assert f'id="id_{field}_error"' in html
        assert "誓約第1号" in html  # nothing typed is lost
    assert levels(world.colleague) == [0]


# --- suspending, resuming, revoking -------------------------------------------------------------------------


def test_suspending_in_one_window_closes_what_is_open_in_another(
    world: World, officer: Client, client_for: Any
) -> None:
    theirs = client_for(world.engineer)
    assert "秘文書" in text(theirs.get(reverse("clearance:mine"))).split("<h2>")[1]
    address = reverse("clearance:authorisation_suspend", args=[held_by(world.engineer).pk])
    asked = text(officer.get(address))
    now, then = asked.split("変更したあと読める情報")
    assert "秘文書" in now
    assert "公開の情報だけを読めます" in then
    answer = officer.post(address, {"reason": "異動の確認", "confirmed": "on"}, follow=True)
    assert "停止中" in text(answer)
    assert "異動の確認" in text(answer)
    assert "公開の情報だけを読めます" in text(theirs.get(reverse("clearance:mine")))
    assert len(recorded("authorisation.suspend")) == 1


def test_resuming_and_revoking_from_the_page(world: World, officer: Client) -> None:
    held = held_by(world.engineer)
    with build.as_owner():
        Suspension.objects.create(entitlement_id=held.pk, reason="確認中", by=world.official)
    assert levels(world.engineer) == [0]
    officer.post(reverse("clearance:authorisation_resume", args=[held.pk]), {"confirmed": "on"})
    assert levels(world.engineer) == [0, 1, 2]
    html = text(
        officer.post(
            reverse("clearance:authorisation_revoke", args=[held.pk]),
            {"reason": "契約の終了", "confirmed": "on"},
            follow=True,
        )
    )
    assert levels(world.engineer) == [0]
    assert re.findall(r'event-title">([^<]+)：', html) == ["取消し", "効力の再開", "効力の停止", "登録"]


@pytest.mark.parametrize("given", [{}, {"reason": "x"}, {"confirmed": "on"}, {"reason": " ", "confirmed": "on"}])
@pytest.mark.parametrize("act", ["suspend", "revoke"])
def test_reason_and_confirmation_are_both_needed(
    world: World, officer: Client, act: str, given: dict[str, str]
) -> None:
    address = reverse(f"clearance:authorisation_{act}", args=[held_by(world.engineer).pk])
    assert "_error" in text(officer.post(address, given))
    assert levels(world.engineer) == [0, 1, 2]


def test_another_authorisation_that_stays_is_said(world: World, officer: Client) -> None:
    first = held_by(world.engineer)
    with build.as_owner():
        build.authorise(world.engineer, 2, "SEMICON", basis="COUNCIL")
    html = page(officer, "authorisation_suspend", first.pk)
    assert "いま読める範囲は変わりません" in html


def test_an_authorisation_that_the_firms_agreement_does_not_cover_is_said(world: World, officer: Client) -> None:
    with build.as_owner():
        world.maker.certifications.all().delete()
    assert "所属組織の契約が及んでいない" in page(officer, "person", world.engineer.pk)
    assert "所属組織の契約が及んでいない" not in page(officer, "person", world.colleague.pk)


# --- what is recorded ---------------------------------------------------------------------------------------


def test_listing_and_opening_are_told_apart_in_the_log(world: World, officer: Client) -> None:
    page(officer, "people")
    page(officer, "person", world.engineer.pk)
    page(officer, "organisations")
    page(officer, "organisation", world.maker.pk)
    page(officer, "statutory_person", world.engineer.pk)
    assert len(recorded("person.list")) == 1
    assert [event["target_id"] for event in recorded("person.open")] == [str(world.engineer.pk)]
    assert len(recorded("organisation.list")) == 1
    assert [event["target_id"] for event in recorded("organisation.open")] == [str(world.maker.pk)]
    assert [event["level"] for event in recorded("authorisation.open")] == [3]
