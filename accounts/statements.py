"""Querysets that are put into SQL once: the ORM takes ten times longer to write one than to send it (measured).

What is kept is the statement and where values go in it. Every value that differs from asking to asking is a `Given` and
is filled in anew each time; a statement that would keep one is refused when it is written.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Generic, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, QuerySet

Row = TypeVar("Row")


class Given(Expression):
    """Where a value goes that is named when the question is asked; with `part`, one of several under that name."""

    def __init__(self, name: str, part: int | None = None) -> None:
        super().__init__()
        self.name, self.part = name, part

    def value(self, values: dict[str, Any]) -> Any:
        return values[self.name] if self.part is None else values[self.name][self.part]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class BakedIn(TypeError):
    """A statement would ask each time for what belongs to one asking."""


class Statement:
    """A queryset as SQL, and the places of what is given in it."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self._queryset, self._using = queryset, queryset.db
        self._compiler: Any = queryset.query.get_compiler(using=self._using)
        self.sql = ""
        try:
            self.sql, params = self._compiler.as_sql()
        except EmptyResultSet:
            params = ()
        self._params = tuple(params)
        for param in self._params:
            if param != [] and not isinstance(param, Given | str | int | timedelta | None):
                raise BakedIn(type(param).__name__)

    def params(self, values: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(param.value(values) if isinstance(param, Given) else param for param in self._params)

    def rows(self, values: dict[str, Any]) -> Iterator[Any]:
        """The rows as the queryset would give them: objects, or the values it asks for."""
        if not self.sql:
            return iter(())
        asked = _Asked(self._queryset, self._compiler_for(self.params(values)))
        iterable: Any = self._queryset._iterable_class
        return cast(Iterator[Any], iter(iterable(asked)))

    def _compiler_for(self, params: tuple[Any, ...]) -> Any:
        """What Django reads rows with, on this thread's connection; it has its SQL already."""
        compiler = copy.copy(self._compiler)
        compiler.connection = connections[self._using]
        compiler.as_sql = lambda: (self.sql, params)
        return compiler


class _Asked:
    """What Django's iterables want of a queryset, without one being made: the compiler, and whose rows these are."""

    _known_related_objects: dict[Any, Any] = {}

    def __init__(self, queryset: QuerySet[Any, Any], compiler: Any) -> None:
        self.db, self.model, self.query, self._compiler = queryset.db, queryset.model, self, compiler

    def get_compiler(self, using: str) -> Any:
        return self._compiler


class Once(Generic[Row]):
    """A decorator of functions that give a queryset with the places of its values: called with these, its rows."""

    def __init__(self, write: Callable[[], QuerySet[Any, Row]]) -> None:
        self._write = write
        self._statement: Statement | None = None

    def __call__(self, **values: Any) -> list[Row]:
        if self._statement is None:
            self._statement = Statement(self._write())
        return list(self._statement.rows(values))

    def first(self, **values: Any) -> Row | None:
        found = self(**values)
        return found[0] if found else None
