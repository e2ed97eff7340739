"""A row as it once was, put back by somebody with the database: the log's last word is another, so nothing opens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from audit.models import Event, Leaf
from clearance.markings import marking
from documents.models import Document
from documents.services import relabelling, withdrawing
from portal.tasks import seal_audit_log
from tests.documents.acting import TEXT, hand_over
from tests.documents.putting_back import copied, put_back
from tests.world import World, as_owner, as_role, being

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
TITLE = "在庫の見通し"


def raise_marking(world: World, document: Document) -> None:
    with being(world.official) as actor:
        relabelling.relabel(actor=actor, document=Document.objects.get(pk=document.pk), marking=world.hi_semicon)


def opens(client: Client, document: Document) -> list[int]:
    addresses = (
        f"/documents/{document.pk}/",
        *(f"/documents/{document.pk}/versions/1/{end}" for end in ("", "download")),
    )
    found = [client.get(address) for address in addresses]
    if any(answer.status_code != 200 for answer in found):
        for answer in found:
            assert not answer.streaming
            assert TITLE not in answer.content.decode()
            assert TEXT.decode().splitlines()[0] not in answer.content.decode()
    return [answer.status_code for answer in found]


def lists_it(client: Client) -> bool:
    return any(TITLE in client.get(address).content.decode() for address in ("/", "/documents/", "/documents/?q=在庫"))


def unreadable() -> int:
    with as_owner():
        return Event.objects.filter(act="access.unreadable").count()


@pytest.mark.parametrize("sealed", [True, False])
def test_the_marking_of_before_opens_nothing(world: World, client_for: ClientFor, sealed: bool) -> None:
    document = hand_over(world, world.official, marking=marking(1))
    client = client_for(world.foreign)
    assert opens(client, document) == [200, 200, 200]
    assert lists_it(client)
    before = copied(document)
    raise_marking(world, document)
    assert opens(client, document) == [404, 404, 404]
    if sealed:
        with as_role("portal_worker"):
            seal_audit_log()
    noted = unreadable()
    put_back(document, before)
    assert opens(client, document) == [500, 500, 500]
    assert opens(client_for(world.official), document) == [500, 500, 500]
    assert not lists_it(client)
    assert unreadable() == noted + 6


def test_a_document_taken_back_does_not_come_back(world: World, client_for: ClientFor) -> None:
    document = hand_over(world, world.official)
    before = copied(document)
    with being(world.official) as actor:
        withdrawing.withdraw(actor=actor, document=Document.objects.get(pk=document.pk))
    put_back(document, before)
    client = client_for(world.engineer)
    assert opens(client, document) == [500, 500, 500]
    assert not lists_it(client)


def test_the_sealed_order_counts_whatever_the_clocks_said(world: World, client_for: ClientFor) -> None:
    """A clock that was turned back between two changes does not shut out whoever may read."""
    document = hand_over(world, world.official, marking=marking(1))
    with as_role("portal_worker"):
        seal_audit_log()
    raise_marking(world, document)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        Event.objects.filter(act="document.relabel").update(at=timezone.now() - timedelta(days=1))
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")
    assert opens(client_for(world.engineer), document) == [200, 200, 200]
    with as_role("portal_worker"):
        seal_audit_log()
    with as_owner():
        assert Leaf.objects.filter(event_id=Event.objects.get(act="document.relabel").pk).exists()
    assert opens(client_for(world.engineer), document) == [200, 200, 200]


def test_there_and_back_again_opens(world: World, client_for: ClientFor) -> None:
    document = hand_over(world, world.official, marking=marking(1))
    raise_marking(world, document)
    with being(world.official) as actor:
        held = Document.objects.select_related("marking").get(pk=document.pk)
        request = relabelling.propose(actor=actor, document=held, marking=marking(1), reason="公表のため")
    with being(world.second_official) as actor:
        relabelling.approve(actor=actor, request=type(request).objects.get(pk=request.pk))
    assert opens(client_for(world.foreign), document) == [200, 200, 200]
