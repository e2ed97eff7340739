"""The TAXII server, asked by the clients that are really used: each account gets exactly what it may read."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any
from uuid import UUID, uuid4

import pytest
from cytaxii2.cytaxii2 import cytaxii2
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from stix2 import TAXIICollectionSource
from taxii2client.v21 import Server

from accounts.models import Person
from audit.models import Event
from briefings import database
from briefings.models import Arrival, Briefing, StixObject
from briefings.stix import laying
from briefings.taxii.answers import MEDIA
from clearance.clock import today
from clearance.markings import from_text
from clearance.models import Authorisation, Circle, CircleMember
from clearance.queries import limits
from clearance.standing import standing_of
from portal.settings.environment import BASE_DIR
from tests.briefings.desk import Desk, desk, portions_of
from tests.briefings.feeds import LEVELS, READ_AND_WRITE, WORDS, laid, machine
from tests.world import World, as_owner, being, join


@pytest.fixture
def where(world: World) -> Desk:
    return desk(world)


def retract(world: World, briefing: Briefing) -> None:
    with being(world.official):
        assert database.retract(Briefing.objects.get(pk=briefing.pk))


@pytest.fixture(scope="module")
def example() -> Any:
    """The script that docs/taxii.md shows."""
    spec = spec_from_file_location("taxii_poll", BASE_DIR / "docs" / "examples" / "taxii_poll.py")
    assert spec
    assert spec.loader
    found = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.mark.django_db(transaction=True)
def test_three_machines_get_exactly_theirs_by_each_client_before_and_after_a_retraction(
    world: World, where: Desk, live_server: LiveServer, example: Any, tmp_path: Any, capsys: Any, monkeypatch: Any
) -> None:
    briefing = laid(where)
    url = f"{live_server.url}/taxii2/"
    asking = [machine(world, level) for level in (0, 1, 2)]

    def told(level: int) -> list[str]:
        """What the script of the documentation says to whoever runs it again."""
        monkeypatch.setenv("ENTAKU_TOKEN", asking[level].secret)
        example.main(url, str(asking[level].account.pk), str(tmp_path / f"{level}.json"))
        return sorted(capsys.readouterr().out.splitlines())

    for level, each in enumerate(asking):
        user, held = str(each.account.pk), LEVELS[: level + 1]
        found = example.poll(url, user, each.secret)
        assert {one["name"] for one in found.values() if one["type"] == "threat-actor"} == set(WORDS[: level + 1])
        assert sum(one["type"] == "report" for one in found.values()) == level + 1
        server = Server(url, user=user, password=each.secret)
        collections = {one.title: one for one in server.default.collections}
        assert tuple(collections) == held
        source = TAXIICollectionSource(collections[held[-1]]).query([]) or []
        ids = {key.rpartition(" ")[2] for key in found if key.startswith(f"{held[-1]} ")}
        assert {one.id for one in source} == ids
        other = cytaxii2(discovery_url=url, username=user, password=each.secret, version=2.1)
        polled = other.poll_request(collection_id=collections[held[-1]].id)
        assert polled["status"] is True
        assert {one["id"] for one in polled["response"]["objects"]} == ids
        server.close()
        assert [line.split()[0] for line in told(level)] == ["+"] * len(found)
        assert told(level) == []
    retract(world, briefing)
    for level in (0, 1, 2):
        lines = told(level)
        assert {line.split()[0] for line in lines} == {"-"}
        assert sum(" report--" in line for line in lines) == level + 1
        left = example.poll(url, str(asking[level].account.pk), asking[level].secret).values()
        assert {each["type"] for each in left} == {"identity", "marking-definition"}


@pytest.mark.django_db
def test_no_lower_collection_holds_a_word_an_id_or_a_count_of_a_higher_one(world: World, where: Desk) -> None:
    lower = machine(world, 1)
    laid(where, levels=LEVELS[:2])
    before = lower.everything()
    laid(where, levels=("HI//SEMICON",), title="秘の題名")
    after = lower.everything()
    assert after == before
    laid(where)
    said = lower.everything()
    with as_owner():
        higher = list(StixObject.objects.filter(level=2))
        assert higher
        for each in higher:
            assert each.stix_id not in said
    for word in (WORDS[2], "HI//SEMICON", "秘の題名"):
        assert word not in said


@pytest.mark.django_db
def test_who_is_let_in_later_misses_nothing(world: World, where: Desk) -> None:
    asking = machine(world, 2, inside=False)
    with as_owner():
        tie = join(world.other_circle, asking.account.person)
        join(world.other_circle, world.official)
    laid(where)
    assert not asking.collections()  # what the whole firm's people come to is not a machine's
    moment = timezone.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with as_owner():
        into = join(world.circle, asking.account.person)
    first = asking.objects("SENSITIVE", f"?added_after={moment}")
    assert {each["type"] for each in first} >= {"report", "threat-actor"}
    # Taken out before it had asked for the rest, and let in once more: everything is new to it again.
    answer = asking.asks(f"api/collections/{asking.collections()['SENSITIVE']}/objects/")
    last = answer["X-TAXII-Date-Added-Last"]
    assert asking.objects("SENSITIVE", f"?added_after={last}") == []
    with as_owner():
        CircleMember.objects.filter(pk__in=[into.pk, tie.pk]).update(until=timezone.now())
    assert not asking.collections()
    with as_owner():
        join(world.circle, asking.account.person)
    assert len(asking.objects("SENSITIVE", f"?added_after={last}")) == len(first)


@pytest.mark.django_db
def test_a_machine_reads_nothing_for_being_of_a_firm(world: World, where: Desk) -> None:
    """Any official can enter one of any firm: what is open to that firm's people in a circle is not so to it."""
    asking = machine(world, 0, inside=False)
    laid(where, levels=LEVELS[:1])
    assert (asking.collections(), asking.everything()) == ({}, "")
    with as_owner():
        everyone = Circle.objects.create(ceiling=from_text("PUBLIC"), everyone=True)
        own = standing_of(asking.account.person, bases=Authorisation.ORDINARY)
        people = standing_of(world.colleague, bases=Authorisation.ORDINARY)
        with connection.cursor() as cursor:
            cursor.execute("SELECT clearance_circle_people(%s, 0::smallint)", [world.circle.pk])
            named = {key for (key,) in cursor.fetchall()}
    assert world.colleague.pk in named
    assert asking.account.pk not in named
    with being(asking.account.person) as actor:
        reach = own.reach(actor.assurance, at=timezone.now())
        assert actor.reach.circles_open == reach.circles_open == {everyone.pk}
        assert people.reach(actor.assurance, at=timezone.now()).circles_open == {everyone.pk, world.circle.pk}


@pytest.mark.django_db
def test_pages_go_on_where_they_stopped_and_for_nobody_else(world: World, where: Desk) -> None:
    mine, other = machine(world, 2), machine(world, 2)
    laid(where)
    key = mine.collections()["SENSITIVE"]
    assert other.collections()["SENSITIVE"] == key
    whole = [each["id"] for each in mine.objects("SENSITIVE")]
    page = mine.asks(f"api/collections/{key}/objects/?limit=2")
    walked = []
    while True:
        found = page.json()
        walked += [each["id"] for each in found["objects"]]
        assert found.get("more", False) is ("next" in found)
        if "next" not in found:
            break
        cursor = found["next"]
        assert other.asks(f"api/collections/{key}/objects/?next={cursor}").status_code == 400
        page = mine.asks(f"api/collections/{key}/objects/?limit=2&next={cursor}")
    assert walked == whole
    # Few that match among many: looked for past the first ones, and nothing more is promised than there is.
    few = mine.asks(f"api/collections/{key}/objects/?limit=1&match[type]=threat-actor").json()
    assert [each["name"] for each in few["objects"]] == [WORDS[1]]
    assert "more" not in few
    assert mine.objects("SENSITIVE", f"?limit=1&match[id]={whole[-1]}")[0]["id"] == whole[-1]
    by_time, after = [], "2000-01-01T00:00:00Z"
    for _each in whole:
        one = mine.asks(f"api/collections/{key}/objects/?limit=1&added_after={after}")
        by_time += [each["id"] for each in one.json()["objects"]]
        after = one["X-TAXII-Date-Added-Last"]
    assert by_time == whole
    for bad in ("limit=0", "limit=x", "added_after=yesterday", "next=x", "match[version]=soon"):
        assert mine.asks(f"api/collections/{key}/objects/?{bad}").status_code == 400


@pytest.mark.django_db
def test_a_correction_is_a_newer_version_of_what_it_changed_alone(world: World, where: Desk) -> None:
    asking, lower = machine(world, 2), machine(world, 1)
    briefing = laid(where)
    before, seen_lower = {each["id"]: each for each in asking.objects("HI//SEMICON")}, lower.everything()
    with as_owner():
        old = portions_of(briefing)[2]
        old.body = "在庫は三週間分になりました。"
        old.more = {**old.more, "named": []}
        old.save()
        laying.published(briefing, [])
    after = {each["id"]: each for each in asking.objects("HI//SEMICON")}
    gone = set(before) - set(after)
    assert [before[each]["type"] for each in gone] == ["threat-actor"]
    (changed,) = [each for each in after if after[each] != before[each]]
    assert after[changed]["modified"] > before[changed]["modified"]
    assert after[changed]["created"] == before[changed]["created"]
    assert lower.everything() == seen_lower
    key = asking.collections()["HI//SEMICON"]
    assert len(asking.asks(f"api/collections/{key}/objects/{changed}/versions/").json()["versions"]) == 2
    for version, expected in (("first", before), ("last", after)):
        found = asking.objects("HI//SEMICON", f"?match[id]={changed}&match[version]={version}")
        assert found == [expected[changed]]
    assert asking.asks(f"api/collections/{key}/objects/{next(iter(gone))}/").status_code == 404


@pytest.mark.django_db
def test_what_is_asked_wrongly_is_answered_in_the_words_of_taxii(world: World, where: Desk) -> None:
    lower, higher = machine(world, 0), machine(world, 2)
    laid(where)
    secret_place = f"api/collections/{higher.collections()['HI//SEMICON']}/objects/"
    nowhere = f"api/collections/{UUID(int=1)}/objects/"
    hidden, absent = lower.asks(secret_place), lower.asks(nowhere)
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content) == (404, absent.content)
    assert lower.asks("", headers={"Accept": "text/html"}).status_code == 406
    assert lower.asks("", headers={"Accept": "application/taxii+json;version=2.0"}).status_code == 406
    assert lower.asks("elsewhere/").status_code == 404
    assert lower.asks("", "post").status_code == 405
    for answer in (hidden, lower.asks(""), lower.asks("api/"), Client().get("/taxii2/")):
        assert answer["Content-Type"] == MEDIA
    refused = Client().get("/taxii2/")
    assert refused.status_code == 401
    assert refused.json()["http_status"] == "401"
    assert "Basic" in refused["WWW-Authenticate"]
    head = lower.asks(f"api/collections/{lower.collections()['PUBLIC']}/objects/", "head")
    assert (head.status_code, head.content) == (200, b"")
    with as_owner():
        assert Event.objects.filter(act="feed.refused", person_id=lower.account.pk).exists()


@pytest.mark.django_db
def test_a_token_opens_the_feed_alone_and_a_session_does_not_open_it(
    world: World, where: Desk, client_for: Any
) -> None:
    asking = machine(world, 2)
    assert client_for(world.official).get("/taxii2/", headers={"Accept": MEDIA}).status_code == 401
    page = Client().get("/documents/", headers={"Authorization": f"Bearer {asking.secret}"})
    assert page.status_code == 302
    basic = base64.b64encode(f"{asking.account.pk}:{asking.secret}".encode()).decode()
    assert Client().get("/taxii2/", headers={"Accept": MEDIA, "Authorization": f"Basic {basic}"}).status_code == 200
    wrong = base64.b64encode(f"{world.official.pk}:{asking.secret}".encode()).decode()
    assert Client().get("/taxii2/", headers={"Accept": MEDIA, "Authorization": f"Basic {wrong}"}).status_code == 401
    made = Client().get("/taxii2/", headers={"Authorization": f"Bearer {asking.secret}"})
    assert not made.cookies


@pytest.mark.django_db
def test_failures_are_counted_and_lock_nobody_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = machine(world, 0)
    monkeypatch.setattr("briefings.taxii.door.FAILURES", 2)
    monkeypatch.setattr("briefings.taxii.door.A_MINUTE", 3)
    guess = base64.b64encode(f"{asking.account.pk}:entaku_{'A' * 43}".encode()).decode()
    answers = [Client().get("/taxii2/", headers={"Authorization": f"Basic {guess}"}).status_code for _n in range(4)]
    assert answers == [401, 401, 429, 429]
    assert [asking.asks("").status_code for _n in range(5)] == [200, 200, 200, 429, 429]


@pytest.mark.django_db
def test_made_up_names_do_not_fill_the_log(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("briefings.taxii.door.ALL_FAILURES", 3)
    asking = machine(world, 0)
    refusals = Event.objects.filter(act="feed.refused").order_by("pk")
    names = [asking.account.pk, world.official.pk, *(uuid4() for _number in range(4))]
    guesses = [base64.b64encode(f"{name}:nonsense".encode()).decode() for name in names]
    answers = [Client().get("/taxii2/", headers={"Authorization": f"Basic {each}"}).status_code for each in guesses]
    assert answers == [401, 401, 401, 429, 429, 429]
    assert asking.asks("").status_code == 200, "who has a token is let in"
    with as_owner():
        noted = [(each.target_id, each.detail) for each in refusals]
    assert noted == [(str(asking.account.pk), {}), ("", {}), ("", {}), ("", {"more_than": 3})]


@pytest.mark.django_db
def test_what_is_no_id_matches_nothing(world: World, where: Desk) -> None:
    asking = machine(world, 0, scopes=READ_AND_WRITE)
    laid(where, levels=LEVELS[:1])
    place = f"api/collections/{asking.collections()['PUBLIC']}/objects/"
    for path, method in (("%00/", "get"), ("%00/versions/", "get"), ("%00/", "delete")):
        assert asking.asks(place + path, method).status_code == 404
    for query in ("match[id]=%00", "match[type]=%00", "match[id]=%00&match[version]=all"):
        answer = asking.asks(f"{place}?{query}")
        assert (answer.status_code, answer.json()) == (200, {})
    (report,) = asking.objects("PUBLIC", "?match[type]=report")
    assert asking.objects("PUBLIC", f"?match[id]=%00,{report['id']}") == [report]


@pytest.mark.django_db
def test_polling_again_notes_nothing_anew(world: World, where: Desk) -> None:
    asking = machine(world, 2)
    laid(where)
    asking.everything()
    with as_owner():
        before = list(Arrival.objects.order_by("pk").values_list("pk", "released"))
    asking.everything()
    with as_owner():
        assert list(Arrival.objects.order_by("pk").values_list("pk", "released")) == before


@pytest.mark.django_db
def test_what_expires_and_who_is_suspended_is_gone_at_the_next_poll(world: World, where: Desk) -> None:
    asking = machine(world, 2)
    briefing = laid(where)
    assert any(each["type"] == "report" for each in asking.objects("PUBLIC"))
    with as_owner():
        StixObject.objects.filter(briefing=briefing).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not any(each["type"] == "report" for each in asking.objects("PUBLIC"))
    with as_owner():
        Person.objects.filter(pk=asking.account.pk).update(is_active=False)
    assert asking.asks("").status_code == 401


@pytest.mark.django_db
def test_a_machine_is_bounded_by_a_figure_of_its_own(world: World, where: Desk, settings: Any) -> None:
    asking = machine(world, 2)
    laid(where)
    number = len(asking.objects("PUBLIC"))
    settings.KEY_LIMIT, settings.MACHINE_KEY_LIMIT = 1, 2 * number
    place = f"api/collections/{asking.collections()['PUBLIC']}/objects/"
    refused = asking.asks(f"{place}?match[version]=all")
    assert refused.status_code == 200, "a person's figure is not a machine's"
    refused = asking.asks(place)
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")
    with as_owner():
        assert Event.objects.filter(act="limit.reached", target_id=str(asking.account.pk)).count() == 1
    with being(world.clearance_officer):
        ((key, _counted),) = limits.near(today())
        (line,) = limits.lines([(key, _counted)], today=today())
    assert (key, line.limit, line.reached) == (asking.account.pk, 2 * number, True)


@pytest.fixture(autouse=True)
def _fresh_counts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()
