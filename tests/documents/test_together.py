"""Several at once: two approvals, two first requests of one reader, two versions, two workers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.http import Http404

from clearance.markings import marking
from documents.models import Document, Processing, Reading, RelabelRequest, Rendition, Version
from documents.processing import run
from documents.services.reading import open_download
from documents.services.receiving import add_version
from documents.services.relabelling import approve, propose, relabel
from documents.uploads import sealed
from tests.documents.acting import TEXT, as_worker, hand_over
from tests.world import World, as_owner, authorise, being, join, person

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """Let all begin at the same moment, each on a connection of its own; what each gave back or raised."""
    start = Barrier(len(doings))

    def run_one(doing: Callable[[], Any]) -> Any:
        try:
            start.wait()
            return doing()
        except (ValidationError, Http404) as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(run_one, doings))


def third_official(world: World) -> Any:
    with as_owner():
        made = person(world.ministry, "官 三郎", "OFFICIAL")
        authorise(made, 2, "SEMICON", "BATTERY", basis="OFFICIAL")
        join(world.circle, made)
    return made


def test_of_two_approvals_one_happens(world: World) -> None:
    document, third = hand_over(world, world.official), third_official(world)
    with being(world.official) as actor:
        wider = marking(1, ["SEMICON"])
        request = propose(actor=actor, document=document, marking=wider, reason="公表のため")

    def approving(official: Any) -> Callable[[], Document]:
        def do() -> Document:
            with being(official) as actor:
                mine = RelabelRequest.objects.select_related("document").get(pk=request.pk)
                return approve(actor=actor, request=mine)

        return do

    outcomes = at_once(approving(world.second_official), approving(third))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Document", "ValidationError"]
    with as_owner():
        assert RelabelRequest.objects.get().answer == "APPROVED"
        assert Document.objects.get().level == 1
        assert Document.objects.get().title == "在庫の見通し"


def test_an_approval_and_another_change_do_not_both_happen(world: World) -> None:
    document = hand_over(world, world.official)
    with being(world.official) as actor:
        request = propose(actor=actor, document=document, marking=marking(1, ["SEMICON"]), reason="公表のため")
        stricter = marking(2, ["SEMICON"], tlp="RED")

    def approving() -> Document:
        with being(world.second_official) as actor:
            mine = RelabelRequest.objects.select_related("document").get(pk=request.pk)
            return approve(actor=actor, request=mine)

    def narrowing() -> Document:
        with being(world.official) as actor:
            return relabel(actor=actor, document=Document.objects.get(pk=document.pk), marking=stricter)

    outcomes = at_once(approving, narrowing)
    with as_owner():
        after = Document.objects.select_related("marking").get()
        assert after.title == "在庫の見通し"
        answer = RelabelRequest.objects.get().answer
    if answer == "APPROVED":  # it came first; the other then narrowed what had been widened
        assert all(isinstance(outcome, Document) for outcome in outcomes)
    else:
        assert (answer, after.marking.text) == ("OVERTAKEN", "HI//SEMICON//TLP:RED")


def test_the_first_ranges_of_one_download_are_one_sitting(world: World) -> None:
    document = hand_over(world, world.official)

    def taking() -> None:
        with being(world.engineer) as actor:
            mine = Document.objects.get(pk=document.pk)
            open_download(actor=actor, document=mine, version=mine.versions.get())

    at_once(*[taking] * 6)
    with as_owner():
        assert Reading.objects.get().sitting == 1


def test_versions_handed_over_at_once_get_numbers_of_their_own(world: World) -> None:
    document = hand_over(world, world.official)

    def adding() -> int:
        with being(world.official) as actor:
            mine = Document.objects.get(pk=document.pk)
            return add_version(actor=actor, document=mine, upload=sealed("a.txt", [TEXT]), change="直し").number

    assert sorted(at_once(*[adding] * 3)) == [2, 3, 4]


def test_two_workers_do_one_work_once(world: World) -> None:
    document = hand_over(world, world.official, worked=False)
    with as_owner():
        version = Version.objects.get(document=document).pk

    def working() -> None:
        with as_worker():
            run.run(version)

    at_once(*[working] * 3)
    with as_owner():
        assert Processing.objects.get().attempts == 1
        assert Rendition.objects.count() == 1
