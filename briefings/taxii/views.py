"""The endpoints of TAXII 2.1, sections 4 and 5."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from audit.acts import Act
from audit.services import record

from .. import machines
from ..models import Arrival, Submission, Submitted
from ..services import submitting
from . import feed, incoming
from .answers import LONGEST, MEDIA, STIX_MEDIA, Refused, missing, resource, stamp, written
from .door import Asker, asked

READS = ("GET", "HEAD")


@asked(*READS)
def discovery(asker: Asker) -> HttpResponse:
    _note(asker, Act.FEED_DISCOVER)
    root = asker.request.build_absolute_uri(reverse("taxii:api_root"))
    return resource({"title": "円卓 Entaku", "default": root, "api_roots": [root]})


@asked(*READS)
def api_root(asker: Asker) -> HttpResponse:
    _note(asker, Act.FEED_DISCOVER)
    return resource({"title": "円卓 Entaku", "versions": [MEDIA], "max_content_length": LONGEST})


@asked(*READS)
def collections(asker: Asker) -> HttpResponse:
    machines.take_in(asker.actor)
    _note(asker, Act.FEED_LIST)
    found = [_described(asker, each) for each in feed.collections(asker.actor, asker.token)]
    return resource({"collections": found} if found else {})


@asked(*READS)
def collection(asker: Asker, collection: UUID) -> HttpResponse:
    found = _collection(asker, collection)
    _note(asker, Act.FEED_LIST, found)
    return resource(_described(asker, found))


@asked(*READS, "POST")
def objects(asker: Asker, collection: UUID) -> HttpResponse:
    found = _collection(asker, collection)
    if asker.request.method == "POST":
        return _add(asker, found)
    return _page(asker, found, _envelope)


@asked(*READS, "DELETE")
def object_(asker: Asker, collection: UUID, stix_id: str) -> HttpResponse:
    found = _collection(asker, collection)
    if asker.request.method == "DELETE":
        return _delete(asker, found, stix_id)
    return _page(asker, found, _envelope, stix_id=stix_id)


@asked(*READS)
def versions(asker: Asker, collection: UUID, stix_id: str) -> HttpResponse:
    found = _collection(asker, collection)
    return _page(asker, found, _versions, stix_id=stix_id, all_versions=True)


@asked(*READS)
def manifest(asker: Asker, collection: UUID) -> HttpResponse:
    found = _collection(asker, collection)
    return _page(asker, found, _manifest)


@asked(*READS)
def status(asker: Asker, status: UUID) -> HttpResponse:
    """Pending until officials have looked at each object. Of one's own submissions alone."""
    found = Submission.objects.filter(pk=status, account_id=asker.actor.person_id).first()
    if found is None:
        raise missing()
    _note(asker, Act.FEED_LIST)
    return resource(_status(found, list(found.objects_sent.all())))


@asked("GET", "HEAD", "POST", "DELETE")
def nothing(asker: Asker) -> HttpResponse:
    raise missing()


def _collection(asker: Asker, wanted: UUID) -> feed.Collection:
    """Raises Refused (404) for what is not there and what may not be seen."""
    machines.take_in(asker.actor)
    for each in feed.collections(asker.actor, asker.token):
        if each.id == wanted:
            return each
    raise missing()


def _page(
    asker: Asker,
    collection: feed.Collection,
    told: Callable[[list[Arrival], str], str],
    *,
    stix_id: str = "",
    all_versions: bool = False,
) -> HttpResponse:
    """With `stix_id`, of that object alone. Raises Refused (403, 404, 400)."""
    if not asker.reads:
        raise Refused(403, "Forbidden", "This token is not for reading.")
    query = asker.request.GET.copy()
    if stix_id:
        if not feed.there(asker.actor, collection, stix_id):
            raise missing()
        query["match[id]"] = stix_id
    if all_versions:
        query["match[version]"] = "all"
    page = feed.page(asker.actor, collection, feed.Asked.of(query, asker.actor, collection))
    _note(asker, Act.FEED_READ, collection, count=len(page.rows))
    response = written(told(page.rows, page.next))
    if page.rows:
        response["X-TAXII-Date-Added-First"] = stamp(page.rows[0].released)
        response["X-TAXII-Date-Added-Last"] = stamp(page.rows[-1].released)
    return response


def _envelope(rows: list[Arrival], following: str) -> str:
    """The objects as they were laid: JSON already."""
    return _paged("objects", [row.object.body for row in rows], following)


def _manifest(rows: list[Arrival], following: str) -> str:
    each = [
        {
            "id": row.object.stix_id,
            "date_added": stamp(row.released),
            "version": stamp(row.object.version),
            "media_type": STIX_MEDIA,
        }
        for row in rows
    ]
    return _paged("objects", [json.dumps(one) for one in each], following)


def _versions(rows: list[Arrival], following: str) -> str:
    newest_first = sorted({row.object.version for row in rows}, reverse=True)
    return _paged("versions", [json.dumps(stamp(each)) for each in newest_first], following)


def _paged(name: str, values: list[str], following: str) -> str:
    more = f'"more":true,"next":{json.dumps(following)},' if following else ""
    return f'{{{more}"{name}":[{",".join(values)}]}}' if values else "{}"


def _described(asker: Asker, collection: feed.Collection) -> dict[str, Any]:
    return {
        "id": str(collection.id),
        "title": collection.marking.text,
        "can_read": asker.reads,
        "can_write": asker.writes,
        "media_types": [STIX_MEDIA],
    }


def _add(asker: Asker, collection: feed.Collection) -> HttpResponse:
    if not asker.writes:
        raise Refused(403, "Forbidden", "This token is not for sending in.")
    taken, failed = incoming.read(asker.request)
    if not taken:
        raise Refused(422, "Unprocessable entity", "None of the objects can be taken.")
    try:
        made = submitting.submit(actor=asker.actor, marking=collection.marking, objects=taken)
    except submitting.TooManyWaiting:
        most = f"At most {submitting.MOST_WAITING} objects of an account wait for an answer."
        raise Refused(429, "Too many requests", most, Retry_After="3600") from None
    return resource(_status(made, list(made.objects_sent.all()), failed), 202)


def _delete(asker: Asker, collection: feed.Collection, stix_id: str) -> HttpResponse:
    """Of what one sent in oneself. What officials published is not for anybody here to delete."""
    if not asker.writes:
        raise Refused(403, "Forbidden", "This token is not for sending in.")
    if not incoming.ID.fullmatch(stix_id):
        raise missing()
    if submitting.take_back(actor=asker.actor, marking=collection.marking, stix_id=stix_id):
        return resource({})
    if submitting.sent(actor=asker.actor, marking=collection.marking, stix_id=stix_id):
        raise Refused(403, "Forbidden", "It has been answered: what officials have seen to is not deleted.")
    if asker.reads and feed.there(asker.actor, collection, stix_id):
        raise Refused(403, "Forbidden", "Only what was sent in by this account can be deleted.")
    raise missing()


def _status(
    submission: Submission, sent: list[Submitted], failed: list[incoming.Failed] | None = None
) -> dict[str, Any]:
    by_state: dict[str, list[dict[str, str]]] = {state: [] for state in Submitted.State.values}
    for each in sent:
        by_state[each.state].append({"id": each.stix_id, "version": stamp(each.version)})
    refused = [{**each, "message": "not taken"} for each in by_state[Submitted.State.REFUSED]]
    refused += [{"id": each.id, "version": each.version, "message": each.message} for each in failed or ()]
    told: dict[str, Any] = {
        "id": str(submission.pk),
        "status": "pending" if by_state[Submitted.State.WAITING] else "complete",
        "request_timestamp": stamp(submission.created),
        "total_count": len(sent) + len(failed or ()),
        "success_count": len(by_state[Submitted.State.TAKEN]),
        "failure_count": len(refused),
        "pending_count": len(by_state[Submitted.State.WAITING]),
    }
    lists = {
        "successes": by_state[Submitted.State.TAKEN],
        "failures": refused,
        "pendings": by_state[Submitted.State.WAITING],
    }
    return told | {name: values for name, values in lists.items() if values}


def _note(asker: Asker, act: Act, collection: feed.Collection | None = None, **detail: int) -> None:
    marking = collection.marking if collection else None
    record(
        actor=asker.actor,
        act=act,
        target_type="collection" if collection else "",
        target_id=collection.id if collection else "",
        label=marking.text if marking else "",
        level=marking.level if marking else 0,
        detail=detail,
    )
