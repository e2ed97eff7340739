"""Documents put under another marking through the product's services: keys wrapped anew, each change in the log.

Each document by itself, as its own page does it (the peer), and all of a room by one act.
"""

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
from documents.services.relabelling import MOST_AT_ONCE, relabel, relabel_alike

# Each may be passed on less far than the one before: nobody new is let in, nobody shut out.
STRICTER = ("GREEN", "AMBER", "AMBER+STRICT", "RED")


def run(size: int = MOST_AT_ONCE) -> None:
    alone = size / median(changed(size, one_by_one))
    together = size / median(changed(size, by_one_act))
    note(
        "relabel", ours=together, peer=alone, ratio=together / alone, goal=">= 1000 a second", holds=together >= 1000,
        unit="a second",
    )  # fmt: skip


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


def changed(size: int, change: Callable[[Actor, Marking, list[Document]], None]) -> list[float]:
    """Seconds for all documents of a new room, for each change of their marking."""
    here = host()
    fill(here, size)
    taken = []
    for tlp in STRICTER:
        with acting(person=here.person.pk, assurance=prepare.assurance()) as actor:
            to = marking(1, tlp=tlp)
            found = list(Document.objects.filter(circle_id=here.room.circle_id))
            assert len(found) == size
            began = time.perf_counter()
            change(actor, to, found)
            taken.append(time.perf_counter() - began)
    return taken


def one_by_one(actor: Actor, to: Marking, documents: list[Document]) -> None:
    for document in documents:
        relabel(actor=actor, document=document, marking=to)


def by_one_act(actor: Actor, to: Marking, documents: list[Document]) -> None:
    assert relabel_alike(actor=actor, document=documents[0], marking=to) == len(documents)
