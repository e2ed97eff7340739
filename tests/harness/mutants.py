"""The portal with one rule of the access decision switched off, wherever it is held: for `test_sequences.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q

from clearance import access
from documents.services import relabelling
from tests import world as build

Patch = Callable[[pytest.MonkeyPatch], None]

RULE = "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polname = 'readable' AND polrelid = %s::regclass"
SECOND_FACTOR = "CASE WHEN factor > at - interval '60 minutes' THEN masks[3] ELSE -1 END"


@dataclass(frozen=True)
class Mutant:
    """`off` switches the rule off; `shown_by` are the happenings that come to show it, soon as `seed` draws them."""

    off: Patch
    shown_by: tuple[str, ...]
    seed: int = 0


@contextmanager
def mutated(mutant: Mutant) -> Iterator[None]:
    """The product as `mutant` has it; afterwards as it was, also what happened to it meanwhile."""
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        mutant.off(patch)
        yield
        transaction.set_rollback(True)


def _asked(question: str, *given: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question, given)
        return str(cursor.fetchone()[0])


def _changed(text: str, was: str, becomes: str) -> str:
    assert was in text, f"the rule is told otherwise now: {was}"
    return text.replace(was, becomes)


def in_function(name: str, was: str, becomes: str) -> Patch:
    """The context's own function says something else: every request starts from it."""

    def off(patch: pytest.MonkeyPatch) -> None:
        with build.as_owner(), connection.cursor() as cursor:
            cursor.execute(_changed(_asked("SELECT pg_get_functiondef(%s::regproc)", name), was, becomes))

    return off


def of_rows(was: str, *, withdrawn: bool, expired: bool) -> Patch:
    """The policy of the documents leaves out `was`, and so does the decision in Python."""

    def eligible(actor: access.Actor, prefix: str = "", *, at: Any = None) -> Q:
        reach, q = actor.reach, access._lookups(prefix)
        found = q(release_mask__any_of=reach.release) & access._levels(reach, q)
        if not withdrawn:
            found &= q(withdrawn=False)
        if not expired:
            found &= q(expires_at__isnull=True) | q(expires_at__gt=at or access.timezone.now())
        return found if reach.highest >= 0 else Q(pk__in=[])

    def off(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(access, "eligible", eligible)
        patch.setattr(access, "_living", lambda resource, at: [])
        rule = _changed(_asked(RULE, "documents_document"), was, "true")
        with build.as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER POLICY readable ON documents_document USING ({rule})")

    return off


def relabelling_changes_nothing(patch: pytest.MonkeyPatch) -> None:
    """Whoever could read a document still does, and nobody else."""
    patch.setattr(relabelling, "relabel", lambda **given: None)
    patch.setattr(relabelling, "approve", lambda **given: None)


# Those tried by default; all of them in the thorough form.
ALWAYS = frozenset({
    "a suspended authorisation counts", "whoever has left reads on", "compartments are not compared",
    "a withdrawn document is listed", "an expired document is listed", "relabelling changes nothing",
})  # fmt: skip

MUTANTS: dict[str, Mutant] = {
    "a suspended authorisation counts": Mutant(
        in_function("clearance_in_force", "WHERE s.entitlement_id = entitlement", "WHERE false"), ("suspend",)
    ),
    "a revoked authorisation counts": Mutant(
        in_function("clearance_in_force", "(revoked IS NULL OR revoked > at)", "true"), ("revoke",)
    ),
    "an authorisation that has ended counts": Mutant(
        in_function("clearance_in_force", "(ends IS NULL OR ends > at)", "true"),
        ("grant", "grant", "pass_time", "pass_time"), 7,
    ),
    "the firm's agreement is not asked for": Mutant(
        in_function("clearance_cleared", "ministry OR EXISTS (", "true OR EXISTS ("), ("suspend",)
    ),
    "whoever has left reads on": Mutant(
        in_function("clearance_compute", "(m.until IS NULL OR m.until > at)", "true"), ("leave",)
    ),
    "whoever is named no more reads on": Mutant(
        in_function("clearance_compute", "(h.until IS NULL OR h.until > at)", "true"), ("leave",)
    ),
    "a firm that is out reads on": Mutant(
        in_function("clearance_compute", "(c.until IS NULL OR c.until > at)", "true"), ("firm",)
    ),
    "a grant outlasts its end": Mutant(
        in_function("clearance_granted", "(until IS NULL OR until > at)", "true"),
        ("give", "give", "pass_time", "pass_time"), 6,
    ),
    "countries are not compared": Mutant(
        in_function("clearance_compute", "country = ANY(g.countries)", "true"), ("join", "give")
    ),
    "compartments are not compared": Mutant(
        in_function("clearance_cleared", "4611686018427387903 & ~codes", "0"), ("grant",)
    ),
    "a password opens what takes a second factor": Mutant(
        in_function("clearance_compute", SECOND_FACTOR, "masks[3]"), ("prove",)
    ),
    "a withdrawn document is listed": Mutant(of_rows("(NOT withdrawn)", withdrawn=True, expired=False), ("withdraw",)),
    "an expired document is listed": Mutant(
        of_rows("((expires_at IS NULL) OR (expires_at > now()))", withdrawn=False, expired=True), ("pass_time",)
    ),
    "relabelling changes nothing": Mutant(relabelling_changes_nothing, ("relabel",)),
}  # fmt: skip
