"""The portal with its access decision switched off in Python: what still holds is row-level security alone."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model, Q, QuerySet

from accounts.models import Appointment
from clearance import access, context, paging, reach
from clearance.access import Action, Actor, Count, Decision, Page
from clearance.pages import cut, place
from dialogues.models import Room
from tests.harness.scene import Scene

OURS = ("accounts", "audit", "clearance", "consultations", "dialogues", "documents", "portal")
# Tables in which a row betrays something of what is under HI//SEMICON. A room is known to more people.
CONTENT = (
    "documents.Document", "documents.Version", "documents.Rendition", "documents.Reading",
    "documents.RelabelRequest", "documents.DocumentGrant", "dialogues.Thread", "dialogues.Message",
    "dialogues.MessageDocument", "dialogues.ReadMark",
)  # fmt: skip


def _visible_to(actor: Actor, queryset: QuerySet[Any], prefix: str = "", *, at: Any = None) -> QuerySet[Any]:
    return queryset


def _all(actor: Actor, prefix: str = "", *, at: Any = None) -> Q:
    return Q()


def _decide(actor: Actor, action: Action, resource: Any, *, at: Any) -> Decision:
    return Decision(action, resource.level, ())


def _require(actor: Actor, action: Action, resource: Any, *, at: Any = None) -> None:
    return None


def _newest(actor: Actor, queryset: QuerySet[Any], *, after: str = "", limit: int = paging.PAGE) -> Page[Any]:
    if position := place(actor, after, order=paging.ORDER):
        queryset = queryset.filter(created__lte=position[0])
    return cut(actor, list(queryset.order_by(*paging.NEWEST)[: limit + 1]), limit, order=paging.ORDER, by="created")


def _count(actor: Actor, queryset: QuerySet[Any], *, cap: int = paging.CAP) -> Count:
    return Count(queryset.count(), False)


SWITCHED_OFF = {
    access.visible_to: _visible_to, access.readable: _all, access.eligible: _all, access.decide: _decide,
    access.require: _require, access.newest: _newest, access.count: _count,
}  # fmt: skip


@contextmanager
def unguarded() -> Iterator[None]:
    """Every module of the portal asks the access decision in vain: it has no objection, filters nothing, counts all."""
    with pytest.MonkeyPatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] not in OURS or module is None:
                continue
            for attribute, value in list(vars(module).items()):
                if callable(value) and (instead := _instead_of(value)):
                    patch.setattr(module, attribute, instead)
        yield


def _instead_of(value: Any) -> Any:
    return next((off for on, off in SWITCHED_OFF.items() if value is on), None)


@contextmanager
def fooled(scene: Scene) -> Iterator[None]:
    """The portal takes whoever is signed in for somebody with every duty who reaches everything; the database does not.

    As if the context had been worked out wrongly on its way into Python.
    """
    real, keys = context._actor, [*scene.world.extra["items"]]
    circles = frozenset({scene.world.circle.pk, scene.world.other_circle.pk})
    held = (0,) * reach.LEVELS

    def everything(row: Any) -> Actor:
        actor = real(row)
        if actor.person_id is None:
            return actor
        wide = reach.Reach(
            cleared=held, inverse=held, release=-1, circles=circles, circles_open=circles, writers=circles,
            stewards=circles, keepers=circles, items=frozenset(keys),
        )  # fmt: skip
        return replace(actor, duties=frozenset(Appointment.Duty.values), reach=wide)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "_actor", everything)
        yield


@contextmanager
def arrivals() -> Iterator[Counter[str]]:
    """Counts, by model, the rows that came out of the database into the portal."""
    seen: Counter[str] = Counter()
    loaded = Model.from_db.__func__  # type: ignore[attr-defined]

    def from_db(model: type[Model], *args: Any) -> Model:
        seen[model._meta.label] += 1
        return loaded(model, *args)  # type: ignore[no-any-return]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Model, "from_db", classmethod(from_db))
        yield seen


def foreign(seen: Counter[str], *, room: bool) -> dict[str, int]:
    """Of the rows that arrived those of content, and of rooms where the room is not known."""
    hidden = CONTENT if room else (*CONTENT, Room._meta.label)
    return {label: seen[label] for label in hidden if seen[label]}


def counted() -> dict[str, int]:
    """How many rows of content there are for whoever the present context is of."""
    found = {}
    with connection.cursor() as cursor:
        for label in (*CONTENT, Room._meta.label):
            cursor.execute(f'SELECT count(*) FROM "{apps.get_model(label)._meta.db_table}"')
            found[label] = cursor.fetchone()[0]
    return found
