"""What the ORM may do with a sealed column: select it, ask whether it is null, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from django.core.exceptions import FieldError
from django.db.models.expressions import Col
from django.db.models.lookups import IsNull

if TYPE_CHECKING:
    from vault.fields import SealedField


def refuse(field: SealedField[Any, Any], what: str) -> NoReturn:
    raise FieldError(f"{field} is sealed and cannot be {what}: the database only holds its ciphertext")


class _Refusal:
    """
    The parameters of a sealed column: whoever adds them to a query's is refused.

    A column that is plainly selected is compiled and then passed to `select_format`, which puts true parameters in
    their place. Whatever else compiles it – ordering, F(), a function, an aggregate – takes these.
    """

    def __init__(self, field: SealedField[Any, Any]) -> None:
        self.field = field

    def _refuse(self, *_args: object) -> NoReturn:
        refuse(self.field, "used in a query's expressions or ordering")

    __iter__ = __len__ = __bool__ = __getitem__ = __add__ = __radd__ = __mul__ = __rmul__ = _refuse


class SealedCol(Col):
    """A sealed column in a query."""

    target: SealedField[Any, Any]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, _ = super().as_sql(compiler, connection)
        return sql, _Refusal(self.target)

    def select_format(self, compiler: Any, sql: str, params: Any) -> Any:
        return super().select_format(compiler, sql, ())


class SealedIsNull(IsNull):
    """`field__isnull`, the one question that ciphertext answers."""

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        sql, _ = compiler.compile(self.lhs)
        return sql, ()
