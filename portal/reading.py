"""The request's access context once more, for a response that reads while it streams."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.http import HttpRequest

from clearance.actor import ANONYMOUS, Actor
from clearance.context import enter_request, leave
from clearance.limits import Tally, tallied
from clearance.services.limits import note_opened


@contextmanager
def again(request: HttpRequest) -> Iterator[Actor]:
    """A transaction of its own in the context of the request's session, as it is at this moment.

    The middleware's transaction is over when a stream begins. The connection is given back each time, so that a slow
    reader holds none; whoever has been signed out meanwhile is anonymous.
    """
    actor, tally = ANONYMOUS, Tally(left=0)
    try:
        with transaction.atomic():
            actor = enter_request(request)
            with tallied(actor) as tally:
                yield actor
        leave()
    finally:  # a reader who leaves is counted as one who stays
        note_opened(actor=actor, tally=tally)
    if not connection.in_atomic_block:
        connection.close()
