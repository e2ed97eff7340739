"""Objects a second through the TAXII server, the last page against the first; medallion's memory backend in the same
run, asked through its own test client as ours is through Django's.

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
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from django.db import connections
from django.test import Client
from django.utils import timezone

from bench.figures import note
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
FLAT = 2.0
PATIENCE = 90  # seconds for a walk: what was brought by then counts
BASIC = base64.b64encode(b"bench:bench").decode()
Get = Callable[[str], dict[str, Any]]


def run() -> None:
    for size in SIZES:
        bodies = list(objects(size))
        ours = ours_of(bodies)
        with mock.patch.object(door, "A_MINUTE", 10**9):
            mine = walk(ours, most=size)
        theirs = walk(medallions(bodies[:PEERS]), most=PEERS)
        speed, peer = sum(mine.counts) / sum(mine.seconds), sum(theirs.counts) / sum(theirs.seconds)
        note(
            f"taxii {size // 1000}k objects", ours=speed, peer=peer, ratio=speed / peer, goal=f">= {GOAL:g} x",
            holds=speed >= GOAL * peer, unit="a second", detail=f"peer holds {PEERS:,}",
        )  # fmt: skip
        first, last = mine.seconds[0] * 1000, mine.seconds[-1] * 1000
        note(
            f"taxii {size // 1000}k last page", ours=last, peer=first, ratio=last / first,
            goal=f"<= {FLAT:g} x the first", holds=last <= FLAT * first,
            detail=f"slowest of {len(mine.seconds)}: {max(mine.seconds) * 1000:.0f} ms",
        )  # fmt: skip


class Walk:
    """How long each page took, and how many objects it brought."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.counts: list[int] = []


def walk(get: Get, *, most: int) -> Walk:
    """Page by page, as a client does; the first request, in which everything is new, is not among them."""
    walked, query = Walk(), f"?limit={A_PAGE}"
    while True:
        began = time.perf_counter()
        found = get(query)
        walked.seconds.append(time.perf_counter() - began)
        walked.counts.append(len(found["objects"]))
        if not found.get("more") or sum(walked.counts) >= most or sum(walked.seconds) > PATIENCE:
            return walked
        query = f"?limit={A_PAGE}&next={found['next']}"


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


def ours_of(bodies: list[dict[str, Any]]) -> Get:
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
    found = client.get("/taxii2/api/collections/", headers=headers).json()["collections"]
    (key,) = [each["id"] for each in found if each["title"] == "SENSITIVE"]
    with connections[owner].cursor() as cursor:
        cursor.execute("ANALYZE briefings_arrival")

    def get(query: str) -> dict[str, Any]:
        answer = client.get(f"/taxii2/api/collections/{key}/objects/{query}", headers=headers)
        assert answer.status_code == 200, answer.content
        return answer.json()  # type: ignore[no-any-return]

    return get


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
