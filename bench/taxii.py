"""Objects a second through the TAXII server; medallion's memory backend in the same run, asked through its own test
client as ours is through Django's. Then the middle and the last page against the first, and how long a new account
waits for its first one, in which all there is to read is noted as having arrived.

A page's cost is the time of its statements and this process's own time of the processor: whatever else runs on the
machine says less by it. Statistics of the tables are up to date, as they are some minutes after in a real one.

Medallion holds a thousand objects: it compares each with each, so that its first page took minutes at 10,000, and
what it brings in a second falls with every object more. Measured so, it is given more than is due to it.

Ours decides who may read each object and deciphers it; medallion knows neither. What is timed is the whole way from the
request to the bytes of the answer, in one process.
"""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from bench.figures import median, note
from bench.people import host
from bench.prepare import assurance
from briefings.models import StixObject
from briefings.services import machines
from briefings.taxii import door
from briefings.taxii.answers import MEDIA
from clearance.context import acting
from clearance.markings import from_text
from clearance.models import Authorisation, CircleMember

A_PAGE = 1000
SIZES = (10_000, 100_000)
PEERS = 1000
GOAL = 5.0
FLAT = 1.2
FILL = 0.2  # ms an object: 100,000 within the time that a request may take
ROUNDS = 15
PATIENCE = 90  # seconds for a walk: what was brought by then counts
BASIC = base64.b64encode(b"bench:bench").decode()
Get = Callable[[str], dict[str, Any]]


def run() -> None:
    for size in SIZES:
        bodies = list(objects(size))
        with mock.patch.object(door, "A_MINUTE", 10**9):
            ours = ours_of(bodies)
            mine = walk(ours.get, most=size)
            pages = weigh(ours.get, mine)
        theirs = walk(medallions(bodies[:PEERS]), most=PEERS)
        speed, peer = sum(mine.counts) / sum(mine.seconds), sum(theirs.counts) / sum(theirs.seconds)
        name = f"taxii {size // 1000}k"
        note(
            f"{name} objects", ours=speed, peer=peer, ratio=speed / peer, goal=f">= {GOAL:g} x",
            holds=speed >= GOAL * peer, unit="a second", detail=f"peer holds {PEERS:,}",
        )  # fmt: skip
        for place in ("middle", "last"):
            first, other = pages["first"], pages[place]
            note(
                f"{name} {place} page", ours=other, peer=first, ratio=other / first,
                goal=f"<= {FLAT:g} x the first", holds=other <= FLAT * first, detail=f"of {len(mine.counts)}",
            )  # fmt: skip
        each = ours.fill / size
        note(
            f"{name} first fill", ours=ours.fill, goal=f"<= {FILL:g} ms an object", holds=each <= FILL,
            detail=f"{each * 1000:.0f} µs an object; all fetched {ours.fill / 1000 + sum(mine.seconds):.0f} s after",
        )  # fmt: skip


class Walk:
    """How long each page took, and how many objects it brought."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.counts: list[int] = []
        self.queries: list[str] = []


def walk(get: Get, *, most: int) -> Walk:
    """Page by page, as a client does; the first request, in which everything is new, is not among them."""
    walked, query = Walk(), f"?limit={A_PAGE}"
    while True:
        began = time.perf_counter()
        found = get(query)
        walked.seconds.append(time.perf_counter() - began)
        walked.counts.append(len(found["objects"]))
        walked.queries.append(query)
        if not found.get("more") or sum(walked.counts) >= most or sum(walked.seconds) > PATIENCE:
            return walked
        query = f"?limit={A_PAGE}&next={found['next']}"


def weigh(get: Get, walked: Walk) -> dict[str, float]:
    """The median cost of the first, a middle and the last full page; asked for in turns."""
    full = [query for query, count in zip(walked.queries, walked.counts, strict=True) if count == A_PAGE]
    places = {"first": full[0], "middle": full[len(full) // 2], "last": full[-1]}
    taken: dict[str, list[float]] = {place: [] for place in places}
    for _round in range(ROUNDS):
        for place, query in places.items():
            taken[place].append(weighed(partial(get, query)))
    return {place: median(each) for place, each in taken.items()}


def weighed(ask: Callable[[], object]) -> float:
    """What a request costs, in ms."""
    statements: list[float] = []

    def timed(execute: Any, *asked: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*asked)
        finally:
            statements.append(time.perf_counter() - begun)

    with connection.execute_wrapper(timed):
        begun = time.process_time()
        ask()
        return (time.process_time() - begun + sum(statements)) * 1000


def objects(size: int) -> Iterator[dict[str, Any]]:
    """Reports of some 600 bytes, a second apart."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(size):
        at = f"{begun + timedelta(seconds=number):%Y-%m-%dT%H:%M:%S}.000Z"
        yield {
            "type": "campaign",
            "spec_version": "2.1",
            "id": f"campaign--{uuid4()}",
            "created": at,
            "modified": at,
            "name": f"計測用の活動 {number}",
            "description": "感光材の供給が細るおそれ。" * 10,
        }


@dataclass(frozen=True)
class Ours:
    """A way to ask, and what the first answer cost, in ms."""

    get: Get
    fill: float


def ours_of(bodies: list[dict[str, Any]]) -> Ours:
    """A machine of its own in a circle of its own, with these objects in it."""
    here = host()
    with acting(person=here.person.pk, assurance=assurance()) as actor:
        account = machines.make_account(
            actor=actor, organisation=here.person.organisation, name="計測の機械", purpose="計測"
        )
        _token, secret = machines.issue_token(actor=actor, account=account, days=1, scopes=["read"])
        marking = from_text("SENSITIVE")
    long_ago = timezone.now() - timedelta(days=10)
    owner = "owner"
    Authorisation.objects.using(owner).create(person_id=account.pk, basis="OFFICIAL", highest=2, since=long_ago)
    CircleMember.objects.using(owner).create(circle_id=here.room.circle_id, person_id=account.pk)
    for start in range(0, len(bodies), 2000):
        StixObject.objects.using(owner).bulk_create(
            [
                StixObject(
                    circle_id=here.room.circle_id, marking=marking, stix_id=each["id"], type=each["type"],
                    version=datetime.fromisoformat(each["modified"]), source=UUID(each["id"].partition("--")[2]),
                    body=json.dumps(each, ensure_ascii=False), created=datetime.fromisoformat(each["modified"]),
                )
                for each in bodies[start : start + 2000]
            ]
        )  # fmt: skip
    with connections[owner].cursor() as cursor:
        cursor.execute("ANALYZE briefings_stixobject")
    client, headers = Client(), {"Accept": MEDIA, "Authorization": f"Bearer {secret}"}
    fill = weighed(lambda: client.get("/taxii2/api/collections/", headers=headers))
    found = client.get("/taxii2/api/collections/", headers=headers).json()["collections"]
    with connections[owner].cursor() as cursor:
        cursor.execute("ANALYZE briefings_arrival")
    (key,) = [each["id"] for each in found if each["title"] == "SENSITIVE"]

    def get(query: str) -> dict[str, Any]:
        answer = client.get(f"/taxii2/api/collections/{key}/objects/{query}", headers=headers)
        assert answer.status_code == 200, answer.content
        return answer.json()  # type: ignore[no-any-return]

    return Ours(get, fill)


def medallions(bodies: list[dict[str, Any]]) -> Get:
    """The reference server, with the same objects in its memory."""
    import medallion
    from medallion.backends.memory_backend import MemoryBackend

    logging.getLogger("medallion").setLevel(logging.ERROR)
    key = str(uuid4())
    manifest = [
        {"date_added": each["modified"], "id": each["id"], "media_type": "application/stix+json;version=2.1",
         "version": each["modified"]}
        for each in bodies
    ]  # fmt: skip
    data = {
        "/discovery": {"title": "bench", "default": "http://localhost/api/", "api_roots": ["http://localhost/api/"]},
        "api": {
            "information": {"title": "bench", "versions": [MEDIA], "max_content_length": 10**7},
            "status": [],
            "collections": [
                {"id": key, "title": "bench", "can_read": True, "can_write": False, "media_types": [],
                 "objects": [{**each, "_date_added": each["modified"]} for each in bodies], "manifest": manifest},
            ],
        },
    }  # fmt: skip
    app = medallion.application_instance
    if not app.blueprints:
        medallion.register_blueprints(app)
    app.users_backend, app.taxii_config = {"bench": "bench"}, {"max_page_size": A_PAGE}
    app.medallion_backend = MemoryBackend(session_timeout=3600, check_interval=3600)
    app.medallion_backend.data = data
    client = app.test_client()

    def get(query: str) -> dict[str, Any]:
        answer = client.get(
            f"/api/collections/{key}/objects/{query}", headers={"Accept": MEDIA, "Authorization": f"Basic {BASIC}"}
        )
        assert answer.status_code == 200, answer.data
        return json.loads(answer.data)  # type: ignore[no-any-return]

    return get
