"""The feed for machines, as any page: what an account gets at every address holds no canary it may not know, and is
byte for byte the same whether or not there is anything that it may not read."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from briefings.models import Arrival, Briefing, ServiceToken, StixObject, Submission
from briefings.services import machines as services
from briefings.taxii.answers import MEDIA, stamp
from briefings.taxii.feed import collection_id
from clearance.markings import from_text, key_of
from clearance.models import Authorisation, Suspension
from tests.briefings.desk import Desk, content, published
from tests.briefings.feeds import READ_AND_WRITE, Machine, client, lay, machine, sent_in
from tests.harness.press import Press, open_press
from tests.harness.routes import routes
from tests.harness.scene import WORDS
from tests.world import World, as_owner, being

pytestmark = pytest.mark.django_db

PUBLIC, SENSITIVE, SECRET = "PUBLIC", "SENSITIVE", "HI//SEMICON"
SENT = "qzx-sent-canary"
CANARIES = {**WORDS, "sent": SENT, "marking": SECRET}
# Which of them an account may come across: the head's title under SENSITIVE, what lies under HI//SEMICON.
HEAD, WHOLE = {"briefing"}, {"briefing", "section", "marking"}
NOTHING = set[str]()
KNOWN = {"none": NOTHING, "sensitive": HEAD, "another compartment": HEAD, "all of it": WHOLE, "suspended": NOTHING}
BLIND = ("none", "sensitive", "another compartment")
SHUT = ("revoked token", "revoked account", "expired")
CURSOR = re.compile(r'"next":"([^:"]+)[^"]*"')
Answers = dict[str, str]


@pytest.fixture(autouse=True)
def _fresh_counts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


class Feed:
    """The scene's briefing, one for everybody and one for the highest alone; and what another machine sent in."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.press: Press = open_press(world, WORDS)
        desk = Desk(world, self.press.bureau, self.press.audience)
        self.heads: list[Briefing] = [
            self.press.briefing,
            published(desk, content((PUBLIC,), title="みなさまへ")),
            published(desk, content((SECRET,), title=WORDS["section"])),
        ]
        for head in self.heads:
            lay(head)
        other = machine(world, 1, scopes=READ_AND_WRITE)
        self.status = other.sends(SENSITIVE, sent_in(SENT)).json()["id"]
        with as_owner():
            reports = StixObject.objects.filter(type="report").order_by("level", "created", "id")
            self.reports = [row.stix_id for row in reports]

    def keys(self) -> dict[str, list[Any]]:
        """For each parameter of an address: what is there, of the lowest marking and of the highest."""
        markings = [collection_id(key_of(text)) for text in (PUBLIC, SENSITIVE, SECRET)]
        return {
            "collection": markings,
            "stix_id": [self.reports[0], self.reports[-1]],
            "status": [self.status],
        }

    def account(self, name: str) -> Machine:
        """Of each sort; what it may read, the registers say."""
        level = {"none": 0, "sensitive": 1}.get(name, 2)
        codes = ("BATTERY",) if name == "another compartment" else ()
        made = machine(self.world, level, *codes, scopes=READ_AND_WRITE)
        if name == "suspended":
            with as_owner():
                held = Authorisation.objects.get(person=made.account.pk)
                Suspension.objects.create(entitlement_id=held.pk, reason="調査中", by=self.world.clearance_officer)
        with being(self.world.official) as actor:
            if name == "revoked token":
                services.revoke_token(actor=actor, token=made.token)
            if name == "revoked account":
                services.revoke_account(actor=actor, account=made.account)
        if name == "expired":
            with as_owner():
                now = timezone.now()
                ServiceToken.objects.filter(pk=made.token.pk).update(
                    since=now - timedelta(days=2), expires_at=now - timedelta(seconds=1)
                )
        return made

    def erase(self, account: Machine) -> int:
        """Make it so that what the account may not read never was; how many objects those are."""
        with being(account.account.person):
            mine = list(StixObject.objects.values_list("pk", flat=True))
        with as_owner():
            self.press.erase(head=False)
            Submission.objects.all().delete()
            return StixObject.objects.exclude(pk__in=mine).delete()[0]


def walk(account: Machine, keys: Mapping[str, Sequence[Any]]) -> Answers:
    """Every address of the server with every key; each collection page by page and moment by moment as well."""
    answers: Answers = {}

    def ask(name: str, address: str, method: str = "get") -> Any:
        headers = {"Accept": MEDIA, "Authorization": f"Bearer {account.secret}"}
        response = getattr(client(), method)(address, headers=headers)
        answers[f"{method} {name}"] = f"{response.status_code}\n{sorted(response.items())}\n{response.content.decode()}"
        return response

    for route in (each for each in routes() if each.name.startswith("taxii:")):
        for chosen in product(*(keys[parameter] for parameter in route.parameters)):
            named = dict(zip(route.parameters, chosen, strict=True))
            ask(f"{route.name} {chosen}", route.url(named))
    ask("elsewhere", "/taxii2/elsewhere/")
    for collection in keys["collection"]:
        place = f"/taxii2/api/collections/{collection}"
        ask(f"{collection} hidden", f"{place}/objects/{keys['stix_id'][-1]}/", "delete")
        query, number = "?limit=1", 0
        while query:
            response = ask(f"{collection} page {number}", f"{place}/objects/{query}")
            following = response.json().get("next", "")
            query, number = following and f"?limit=1&next={following}", number + 1
        first = answers[f"get {collection} page 0"]
        if found := re.search(r"'X-TAXII-Date-Added-First', '([^']+)'", first):
            ask(f"{collection} after its first", f"{place}/manifest/?match[version]=all&added_after={found[1]}")
    return answers


def evened(answers: Answers, account: Machine) -> Answers:
    """With each moment of arrival as so long after the account's first one: when a walk was taken differs, and with it
    the cursor, which is such a moment and when it was given out."""
    with as_owner():
        arrivals = Arrival.objects.filter(account=account.account).order_by("released")
        moments = list(arrivals.values_list("released", flat=True))

    def since(at: datetime) -> str:
        return f"arrived {(at - moments[0]) / timedelta(microseconds=1):.0f} later"

    def cursor(found: re.Match[str]) -> str:
        at = urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode().strip('"')
        return f'"next":"{since(datetime.fromisoformat(at))}"'

    for name, told in answers.items():
        told = CURSOR.sub(cursor, told)
        for at in moments:
            told = told.replace(stamp(at), since(at))
        answers[name] = told
    return answers


def known(answers: Answers) -> set[str]:
    told = "".join(answers.values())
    return {name for name, word in CANARIES.items() if word in told}


def test_an_account_gets_what_it_may_know_and_cannot_tell_what_else_there_is(world: World) -> None:
    feed = Feed(world)
    keys, seen = feed.keys(), dict[str, Answers]()
    for name in KNOWN:
        account = feed.account(name)
        with transaction.atomic():
            seen[name] = evened(walk(account, keys), account)
            transaction.set_rollback(True)
        assert known(seen[name]) == KNOWN[name], name
        if name in BLIND:
            with transaction.atomic():
                assert feed.erase(account), "there is something to hide"
                without = evened(walk(account, keys), account)
                transaction.set_rollback(True)
            differing = {each for each in seen[name] | without if seen[name].get(each) != without.get(each)}
            assert not differing, (name, differing)
    assert seen["none"] == seen["suspended"], "one whose authorisation is suspended is as one without"
    assert len(seen["all of it"]) > len(seen["sensitive"]) > len(seen["none"]), "there is more to walk through"


def test_a_token_that_ended_opens_no_address_and_says_no_more_than_none(world: World) -> None:
    feed = Feed(world)
    keys = {name: each[:1] for name, each in feed.keys().items()}
    nobody = Machine(feed.account("none").account, feed.press.token, f"entaku_{uuid4().hex}")
    expected = walk(nobody, keys)
    assert {told.partition("\n")[0] for told in expected.values()} == {"401"}
    for name in SHUT:
        cache.clear()
        assert walk(feed.account(name), keys) == expected, name


def test_what_comes_and_goes_out_of_sight_changes_no_byte_for_whoever_has_polled(world: World) -> None:
    desk_of = Feed(world)
    account = desk_of.account("sensitive")
    before = account.everything()
    desk = Desk(world, desk_of.press.bureau, desk_of.press.audience)
    with as_owner():
        from_text("HI//SEMICON//TLP:RED")
    lay(published(desk, content((SECRET, "HI//SEMICON//TLP:RED"), title="あとから")))
    assert account.everything() == before
    with as_owner():
        StixObject.objects.filter(level=2).update(withdrawn=True)
    assert account.everything() == before
