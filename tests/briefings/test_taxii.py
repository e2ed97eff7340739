"""The TAXII server, asked by the clients that are really used: each account gets exactly what it may read."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cytaxii2.cytaxii2 import cytaxii2
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from stix2 import TAXIICollectionSource
from taxii2client.v21 import ApiRoot, Server, as_pages

from accounts.models import Person
from audit.models import Event
from briefings import database
from briefings.content import Named
from briefings.models import Arrival, Briefing, ServiceAccount, StixObject, Submission, Submitted
from briefings.services import machines as services
from briefings.services import submitting
from briefings.stix import laying
from briefings.taxii.answers import MEDIA
from clearance.models import CircleMember
from tests.briefings.desk import Desk, content, desk, portions_of, published
from tests.world import World, as_owner, authorise, being, join

LEVELS = ("PUBLIC", "SENSITIVE", "HI//SEMICON")
WORDS = ("ひとつめの行為者", "ふたつめの行為者", "みっつめの行為者")


@dataclass(frozen=True)
class Machine:
    """An account of one level, its token, and the way it asks."""

    account: ServiceAccount
    secret: str

    def asks(self, path: str, method: str = "get", **more: Any) -> Any:
        headers = {"Accept": MEDIA, "Authorization": f"Bearer {self.secret}"} | more.pop("headers", {})
        return getattr(Client(), method)(f"/taxii2/{path}", headers=headers, **more)

    def collections(self) -> dict[str, str]:
        found = self.asks("api/collections/").json()
        return {each["title"]: each["id"] for each in found.get("collections", [])}

    def objects(self, title: str, query: str = "") -> list[dict[str, Any]]:
        return self.asks(f"api/collections/{self.collections()[title]}/objects/{query}").json().get("objects", [])

    def everything(self) -> str:
        return "".join(
            self.asks(f"api/collections/{each}/{what}/").content.decode()
            for each in self.collections().values()
            for what in ("objects", "manifest")
        )


def machine(world: World, level: int, *, scopes: tuple[str, ...] = ("read",), inside: bool = True) -> Machine:
    """Of the maker, named in the world's circle, cleared for the level."""
    with being(world.official) as actor:
        made = services.make_account(actor=actor, organisation=world.maker, name=f"機械{level}", purpose="配信")
        _token, secret = services.issue_token(actor=actor, account=made, days=30, scopes=scopes)
    with as_owner():
        if inside:
            join(world.circle, made.person)
        if level:
            authorise(made.person, level, "SEMICON")
    return Machine(made, secret)


def laid(where: Desk, *, levels: tuple[str, ...] = LEVELS, title: str = "", **fields: Any) -> Briefing:
    """A published briefing with an actor of its own named in each section, and its objects."""
    written = content(levels, **({"title": title} if title else {}), **fields)
    sections = tuple(
        replace(each, named=(Named("threat-actor", WORDS[number % 3]),)) for number, each in enumerate(written.sections)
    )
    made = published(where, replace(written, sections=sections))
    with as_owner():
        laying.published(made, portions_of(made))
    return made


@pytest.fixture
def where(world: World) -> Desk:
    return desk(world)


def fetched(collection: Any) -> list[dict[str, Any]]:
    return [each for page in as_pages(collection.get_objects, per_request=2) for each in page.get("objects", [])]


def retract(world: World, briefing: Briefing) -> None:
    with being(world.official):
        assert database.retract(Briefing.objects.get(pk=briefing.pk))


@pytest.mark.django_db(transaction=True)
def test_three_machines_get_exactly_theirs_by_each_client_before_and_after_a_retraction(
    world: World, where: Desk, live_server: LiveServer
) -> None:
    briefing = laid(where)
    url = f"{live_server.url}/taxii2/"
    for level in (0, 1, 2):
        asking = machine(world, level)
        user, secret = str(asking.account.pk), asking.secret
        server = Server(url, user=user, password=secret)
        root: ApiRoot = server.default
        assert [each.title for each in root.collections] == list(LEVELS[: level + 1])
        named = {each["name"] for one in root.collections for each in fetched(one) if each["type"] == "threat-actor"}
        assert named == set(WORDS[: level + 1])
        for each in root.collections:
            reports = TAXIICollectionSource(each).query([]) or []
            assert len([one for one in reports if one.type == "report"]) == 1
        other = cytaxii2(discovery_url=url, username=user, password=secret, version=2.1)
        told = other.poll_request(collection_id=root.collections[0].id)
        assert told["status"] is True
        assert {each["id"] for each in told["response"]["objects"]} == {
            each["id"] for each in fetched(root.collections[0])
        }
        server.close()
    retract(world, briefing)
    with as_owner():
        accounts = list(ServiceAccount.objects.order_by("created"))
    for account in accounts:
        with being(world.official) as actor:
            _token, secret = services.issue_token(actor=actor, account=account, days=1, scopes=["read"])
        root = Server(url, user=str(account.pk), password=secret).default
        left = [each["type"] for one in root.collections for each in fetched(one)]
        assert set(left) <= {"identity", "marking-definition"}


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
    laid(where)
    assert set(asking.collections()) == {"PUBLIC"}  # to which the whole firm comes
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
    assert set(asking.collections()) == {"PUBLIC"}  # to which the whole firm comes
    with as_owner():
        join(world.circle, asking.account.person)
    assert len(asking.objects("SENSITIVE", f"?added_after={last}")) == len(first)


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


def sent_in(name: str = "提出した行為者") -> dict[str, Any]:
    return {
        "type": "threat-actor",
        "spec_version": "2.1",
        "id": "threat-actor--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z",
        "name": name,
    }


@pytest.mark.django_db
def test_what_is_sent_in_waits_for_an_official_and_is_seen_by_nobody_else(world: World, where: Desk) -> None:
    sender, other, reader = machine(world, 2, scopes=("read", "write")), machine(world, 2), machine(world, 2)
    laid(where)
    place = f"api/collections/{sender.collections()['SENSITIVE']}/objects/"
    body = json.dumps({"objects": [sent_in(), {"type": "nothing"}]})
    answer = sender.asks(place, "post", data=body, content_type=MEDIA)
    assert answer.status_code == 202
    told = answer.json()
    assert (told["status"], told["pending_count"], told["failure_count"], told["total_count"]) == ("pending", 1, 1, 2)
    assert sender.asks(f"api/status/{told['id']}/").json()["pending_count"] == 1
    assert other.asks(f"api/status/{told['id']}/").status_code == 404
    for each in (sender, other, reader):
        assert "提出した行為者" not in each.everything()
    assert other.asks(place, "post", data=body, content_type=MEDIA).status_code == 403
    assert sender.asks(place, "post", data=body, content_type="application/json").status_code == 415
    assert sender.asks(place, "post", data="{", content_type=MEDIA).status_code == 400
    assert sender.asks(place, "post", data="x" * (1024 * 1024 + 1), content_type=MEDIA).status_code == 413
    with being(world.engineer):
        assert not Submission.objects.exists()
    with being(world.official) as actor:
        (waiting,) = Submitted.objects.select_related("submission__marking")
        assert "提出した行為者" in waiting.body
        submitting.answer(actor=actor, submitted=waiting, take=True)
    done = sender.asks(f"api/status/{told['id']}/").json()
    assert (done["status"], done["success_count"]) == ("complete", 1)
    one = f"{place}{sent_in()['id']}/"
    assert other.asks(one, "delete").status_code == 403
    assert sender.asks(one, "delete").status_code == 200
    assert sender.asks(one, "delete").status_code == 404
    report = next(each["id"] for each in sender.objects("SENSITIVE") if each["type"] == "report")
    assert sender.asks(f"{place}{report}/", "delete").status_code == 403


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


@pytest.fixture(autouse=True)
def _fresh_counts() -> Iterator[None]:
    from django.core.cache import cache

    cache.clear()
    yield
    cache.clear()
