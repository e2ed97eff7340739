"""Statements that are kept: the same as would be written anew, with each asking's own values, for its own reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.statements import BakedIn, Statement
from clearance import access
from clearance.access import ANONYMOUS, Actor, newest, visible_to
from clearance.masks import NOT_HELD
from clearance.paging import _page
from clearance.questions import ACTOR, NOW, Given, Known, Question, any_reader, known, shape
from clearance.reach import Reach
from dialogues.queries import rooms
from documents.models import Document
from documents.queries import documents
from documents.queries.listing import all_documents
from tests.dialogues import scenes
from tests.documents.acting import hand_over
from tests.harness.unguarded import unguarded
from tests.world import World, being

MOMENT = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
ITEM = UUID("01900000-0000-7000-8000-000000000001")
MASKS = (
    (NOT_HELD,) * 5,
    (0, NOT_HELD, NOT_HELD, NOT_HELD, NOT_HELD),
    (7, 7, 7, NOT_HELD, NOT_HELD),
    (0, 5, 7, NOT_HELD, NOT_HELD),
    (3, 3, NOT_HELD, 9, NOT_HELD),
    (7, 5, 5, 7, 1),
)


def reaches() -> list[Reach]:
    """Every form a reach has, and each form with other values."""
    return [
        Reach(
            inverse=tuple(mask if mask == NOT_HELD else mask + other for mask in inverse), release=1 + other,
            circles=frozenset({11 + other, 5} if circles else ()), items=frozenset({ITEM} if items else ()),
            circles_open=frozenset({8 + other} if wide else ()), broad=broad,
        )
        for inverse, circles, wide, items, broad, other in product(MASKS, *[(False, True)] * 4, (0, 16))
    ]  # fmt: skip


def actor_of(reach: Reach) -> Actor:
    return replace(ANONYMOUS, reach=reach)


def anew(queryset: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    try:
        sql, params = queryset.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return "", ()
    return bare(sql), tuple(params)


def bare(sql: str) -> str:
    """Without what Django puts around the place of an expression, and not around that of a value."""
    return sql.replace("(%s)", "%s")


def kept(reach: Reach, write: Any, **values: Any) -> tuple[str, tuple[Any, ...]]:
    statement = Statement(write(any_reader(reach)))
    return bare(statement.sql), statement.params({ACTOR: actor_of(reach), **values})


@pytest.mark.django_db
def test_for_every_form_of_reach_it_is_what_would_be_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MOMENT)
    forms: dict[Any, str] = {}
    for reach in reaches():
        actor, everything = actor_of(reach), Document.objects.order_by()
        asked = kept(reach, lambda who: visible_to(who, Document.objects.order_by(), at=NOW))
        assert asked == anew(visible_to(actor, everything, at=MOMENT))
        paged = kept(
            reach, lambda who: _page(who, Document.objects.filter(circle_id=Given("there")), 3, at=NOW), there=5
        )
        assert paged == anew(_page(actor, Document.objects.filter(circle_id=5), 3, at=MOMENT))
        listed = kept(reach, lambda who: rooms.my_rooms(who, at=NOW))
        assert listed == anew(rooms.my_rooms(actor, at=MOMENT))
        assert forms.setdefault(shape(reach), paged[0]) == paged[0], "two forms of statement for one shape"


def test_what_belongs_to_one_asking_is_refused_in_a_statement() -> None:
    own = Reach(inverse=(0, 0, 0, NOT_HELD, NOT_HELD), release=1, circles=frozenset({5}))
    for write in (
        lambda who: visible_to(who, Document.objects.all()),  # the moment it was written at
        lambda who: Document.objects.filter(pk=ITEM),
        lambda who: Document.objects.filter(circle_id__among=[5]),
        lambda who: visible_to(actor_of(own), Document.objects.all(), at=NOW),
    ):
        with pytest.raises(BakedIn):
            Statement(write(any_reader(own)))


@pytest.mark.django_db
def test_readers_of_one_shape_get_each_their_own(world: World) -> None:
    room = scenes.scene(world)
    mine = hand_over(world, world.engineer, circle=room.circle, title="一社限り")
    with being(world.engineer) as actor:
        assert documents.document(actor, mine.pk).title == "一社限り"
        assert [each.pk for each in newest(actor, all_documents())] == [mine.pk]
        first = shape(actor.reach)
    with being(world.outsider) as actor:
        beyond = replace(actor, reach=replace(actor.reach, circles=frozenset({room.circle_id})))
        assert [each.pk for each in newest(actor, all_documents())] == []
        with pytest.raises(documents.Http404):
            documents.document(actor, mine.pk)
        # Row-level security holds even where the reach in Python is wrong.
        assert [each.pk for each in newest(beyond, all_documents())] == []
    with being(world.engineer) as actor:
        assert shape(actor.reach) == first
        assert documents.document(actor, mine.pk).pk == mine.pk


@pytest.mark.django_db
def test_another_decision_is_never_asked_what_this_one_wrote(world: World) -> None:
    @Question
    def everything(actor: Actor) -> QuerySet[Document]:
        return access.visible_to(actor, Document.objects.order_by(), at=NOW)

    with being(world.engineer) as actor:
        everything(actor)
        everything(actor)
        assert len(everything._written) == 1
        with unguarded():
            everything(actor)
        assert len(everything._written) == 2
        written = [statement.sql for statement in everything._written.values()]
    assert ['comp_mask" &' in sql for sql in written] == [True, False]


@pytest.mark.django_db
def test_what_is_known_is_to_others_the_queryset_it_stands_for(world: World) -> None:
    @known
    def lying_in(*, circle: int) -> QuerySet[Document]:
        return Document.objects.filter(circle_id=circle)

    room = scenes.scene(world)
    paper = hand_over(world, world.engineer, circle=room.circle, title="在庫")
    with being(world.engineer) as actor:
        told: Known[Document] = lying_in(circle=room.circle_id)
        assert [each.pk for each in told.order_by("pk")] == [paper.pk]
        for _ in range(2):
            assert [each.pk for each in newest(actor, lying_in(circle=room.circle_id), limit=1)] == [paper.pk]
            assert not newest(actor, lying_in(circle=room.circle_id + 1)).rows
        assert len(told._questions) == 2  # one for each length of page, not one for each circle


@pytest.mark.django_db
def test_further_pages_go_on_where_the_first_ended(world: World) -> None:
    room = scenes.scene(world)
    papers = [hand_over(world, world.engineer, circle=room.circle, title=str(number)).pk for number in range(5)]
    with being(world.engineer) as actor:
        found, after = [], ""
        while True:
            page = newest(actor, all_documents(), after=after, limit=2)
            found += [each.pk for each in page]
            after = page.next
            if not after:
                break
    assert found == papers[::-1]
