"""What a row holds in place of a sealed value: a cell that opens when it is first read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, NoReturn

from django.core.exceptions import FieldError
from django.db import models

if TYPE_CHECKING:
    from vault.fields import SealedField

_CLOSED: Final = object()
_moving: ContextVar[bool] = ContextVar("moving", default=False)


class Sealed:
    """
    A value as it lies in the database, with its plain form once that was asked for; new values have no blob yet.

    Outside its row (`values()`, an annotation) it has no key and refuses to be shown, compared or tested. Pickled, it
    keeps the blob alone.
    """

    __slots__ = ("_plain", "blob")

    def __init__(self, blob: bytes | None = None, plain: object = _CLOSED) -> None:
        self.blob, self._plain = blob, plain

    @property
    def is_open(self) -> bool:
        return self._plain is not _CLOSED

    def plain(self, field: SealedField[Any, Any], row: models.Model) -> Any:
        if not self.is_open and self.blob is not None:
            self._plain = field.open(self.blob, row)
        return self._plain

    def __repr__(self) -> str:
        return f"<Sealed, {'not saved yet' if self.blob is None else f'{len(self.blob)} bytes'}>"

    def _refuse(self, *_args: object) -> NoReturn:
        raise FieldError("a sealed value is read from its row: fetch the row, not values() of it")

    __str__ = __format__ = __bool__ = __len__ = __iter__ = __eq__ = __lt__ = _refuse
    __hash__ = object.__hash__

    def __copy__(self) -> Sealed:
        return Sealed(self.blob, self._plain)

    def __deepcopy__(self, memo: dict[int, Any]) -> Sealed:
        return Sealed(self.blob, self._plain)

    def __reduce__(self) -> tuple[Any, ...]:
        if self.blob is None:
            raise TypeError("a row with a sealed value that was not saved yet cannot be pickled")
        return Sealed, (self.blob,)


class SealedAttribute:
    """Reads and writes a sealed field of a row. Having `__set__`, it is asked before the row's own dictionary."""

    def __init__(self, field: SealedField[Any, Any]) -> None:
        self.field = field

    def __get__(self, row: models.Model | None, model: type[models.Model] | None = None) -> Any:
        if row is None:
            return self
        name = self.field.attname
        if name not in row.__dict__:  # deferred
            rows = type(row)._base_manager.using(row._state.db).filter(pk=row.pk)
            row.__dict__[name] = rows.values_list(name, flat=True).get()
        cell = row.__dict__[name]
        return cell if cell is None or _moving.get() else cell.plain(self.field, row)

    def __set__(self, row: models.Model, value: Any) -> None:
        row.__dict__[self.field.attname] = value if value is None or isinstance(value, Sealed) else Sealed(plain=value)


@contextmanager
def _unopened() -> Iterator[None]:
    """Inside, reading a sealed attribute gives the cell itself, so that it can be moved without being opened."""
    token = _moving.set(True)
    try:
        yield
    finally:
        _moving.reset(token)


def move_cells_on_refresh(model: type[models.Model]) -> None:
    """
    Let `refresh_from_db` carry sealed cells over as they are.

    Django reads each attribute of a fresh row and assigns it here, which would open every value, and mark it changed.
    """
    refresh = model.refresh_from_db
    if getattr(refresh, "moves_cells", False):
        return

    @wraps(refresh)
    def refresh_from_db(self: models.Model, *args: Any, **kwargs: Any) -> None:
        with _unopened():
            refresh(self, *args, **kwargs)

    refresh_from_db.moves_cells = True  # type: ignore[attr-defined]
    model.refresh_from_db = refresh_from_db  # type: ignore[method-assign]
