"""Documents put under another marking through the product's service: keys wrapped anew, each change in the log."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench import prepare
from bench.figures import median, note
from bench.people import Host, host
from clearance.access import Actor
from clearance.context import acting
from clearance.markings import marking
from clearance.models import Marking
from documents.models import Document
from documents.services.relabelling import relabel

SIZE = 1_000
ROUNDS = 5


def run(size: int = SIZE) -> None:
    here = host()
    fill(here, size)
    by_turns = [marking(1, tlp=tlp) for tlp in ("GREEN", "AMBER", "AMBER+STRICT", "RED")]
    each = [changed(here, to, one_by_one) for to in by_turns]
    speed = size / median(each)
    note("relabel-one-by-one", ours=speed, goal=">= 1000 a second", holds=speed >= 1000, unit="a second")


def fill(here: Host, size: int) -> None:
    """Documents in the host's room, of the host's organisation."""
    Document.objects.using("owner").bulk_create(
        [
            Document(
                circle_id=here.room.circle_id, marking=here.room.marking, title=f"計測用の文書 {number}", kind="TEXT",
                originator_id=here.person.organisation_id, handed_over_by=here.person, record_file="",
            )
            for number in range(size)
        ]
    )  # fmt: skip


def changed(here: Host, to: Marking, change: Callable[[Actor, Marking, list[Document]], None]) -> float:
    """Seconds for all of the room's documents."""
    with acting(person=here.person.pk, assurance=prepare.assurance()) as actor:
        found = list(Document.objects.filter(circle_id=here.room.circle_id).order_by("id"))
        began = time.perf_counter()
        change(actor, to, found)
        return time.perf_counter() - began


def one_by_one(actor: Actor, to: Marking, documents: list[Document]) -> None:
    for document in documents:
        relabel(actor=actor, document=document, marking=to)
