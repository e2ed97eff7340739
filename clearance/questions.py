"""Questions under the access decision that are put into SQL once (accounts.statements), whoever asks them.

What is kept is the statement, one for each shape of reader. All that differs from asking to asking (whom it is for, a
key, the moment) stands in it as a `Given` and is filled in anew each time, so nothing of one reader's is ever asked for
another. What was written with one access decision is not asked under another: the decision is part of what a statement
is kept under.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast

from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.statements import Given, Statement

from .actor import Actor
from .masks import NOT_HELD
from .reach import LEVELS, Reach

__all__ = ["NOW", "Given", "Known", "OfReader", "Question", "known"]

Row = TypeVar("Row")
M = TypeVar("M", bound=Model)

ACTOR = "asking"  # the name under which a statement is given whom it is asked for
SETS = ("circles", "circles_open", "writers", "items")


class OfReader(Given):
    """Where something of the reader's goes; with `part`, one of several."""

    def __init__(self, get: Callable[[Actor], Any], part: int | None = None) -> None:
        super().__init__("", part)
        self.get = get

    def value(self, values: dict[str, Any]) -> Any:
        found = self.get(values[ACTOR])
        found = found if self.part is None else found[self.part]
        return sorted(found) if isinstance(found, frozenset) else found

    def __sub__(self, other: Any) -> Any:
        """As sets have it: the circles of one kind that are not of another."""
        return OfReader(lambda actor: self.get(actor) - (other.get(actor) if isinstance(other, OfReader) else other))

    def __or__(self, other: Any) -> Any:
        """As sets have it: both."""
        return OfReader(lambda actor: self.get(actor) | (other.get(actor) if isinstance(other, OfReader) else other))

    __ror__ = __or__


# The moment of asking, as `at` of the access decision.
NOW = cast(datetime, OfReader(lambda _actor: timezone.now()))


def shape(reach: Reach) -> Hashable:
    """All of a reach that a statement's form depends on: which levels are held and share a mask, what is empty."""
    held = tuple(NOT_HELD if mask == NOT_HELD else reach.inverse.index(mask) for mask in reach.inverse)
    return held, reach.broad, *(bool(getattr(reach, name)) for name in SETS)


def any_reader(like: Reach) -> Actor:
    """Whom a statement is written for: everyone of the same shape. Where they differ stands a `Given`."""
    masks = [OfReader(attrgetter("reach.inverse"), level) for level in range(LEVELS)]
    inverse: Any = tuple(NOT_HELD if mask == NOT_HELD else masks[like.inverse.index(mask)] for mask in like.inverse)
    sets: dict[str, Any] = {
        name: OfReader(attrgetter(f"reach.{name}")) if getattr(like, name) else frozenset() for name in SETS
    }
    release: Any = OfReader(attrgetter("reach.release"))
    reach = Reach(inverse=inverse, release=release, broad=like.broad, **sets)
    return cast(Actor, _AnyReader(reach, OfReader(attrgetter("person_id"))))


@dataclass(frozen=True, slots=True)
class _AnyReader:
    """No more of an actor than a statement may depend on."""

    reach: Reach
    person_id: OfReader


class Question(Generic[Row]):
    """What `write` would ask of the database for an actor, as its rows.

    `write` is called once for each shape of reader, with a stand-in; values it is asked with are its `Given`s by name.

    A decorator of functions that give a queryset.
    """

    def __init__(self, write: Callable[[Actor], QuerySet[Any, Row]]) -> None:
        self._write = write
        self._written: dict[Hashable, Statement] = {}

    def __call__(self, actor: Actor, **values: Any) -> list[Row]:
        from . import access

        key = (access.readable, access.eligible, shape(actor.reach))
        statement = self._written.get(key)
        if statement is None:
            statement = self._written[key] = Statement(self._write(any_reader(actor.reach)))
        return list(statement.rows({ACTOR: actor, **values}))

    def first(self, actor: Actor, **values: Any) -> Row | None:
        """The one row it is about; None where there is none for this actor."""
        found = self(actor, **values)
        return found[0] if found else None


class Known(Generic[M]):
    """A queryset that need not be made where it is known already as SQL: `make` of `values`.

    To whoever wants a queryset it is that queryset; `clearance.access.newest` asks it as a question.
    """

    def __init__(self, make: Callable[..., QuerySet[M]], values: dict[str, Any], questions: dict[Any, Any]) -> None:
        self.make, self.values, self._questions = make, values, questions

    def __getattr__(self, name: str) -> Any:
        return getattr(self.make(**self.values), name)

    def given(self) -> QuerySet[M]:
        """The queryset with the places of its values."""
        return self.make(**{name: Given(name) for name in self.values})

    def question(self, name: Hashable, write: Callable[[Actor], QuerySet[M]]) -> Question[M]:
        """The question of that name about it, made when it is first asked."""
        found: Question[M] = self._questions.get(name) or self._questions.setdefault(name, Question(write))
        return found


def known(make: Callable[..., QuerySet[M]]) -> Callable[..., Known[M]]:
    """A decorator of functions that give a queryset of the values they are called with, by name."""
    questions: dict[Any, Any] = {}

    @wraps(make)
    def told(**values: Any) -> Known[M]:
        return Known(make, values, questions)

    return told
