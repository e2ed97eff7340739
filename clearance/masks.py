"""Compartments and releasability as bits of a bigint, so that one comparison decides (docs/adr/0013).

Bits 0–61 are codes. Bit 62 is never a code:
- every marked row carries it in `comp_mask`, so that the mask of a level which is not held (all ones) blocks even a
  row without compartments;
- every reader carries it in `release`, so that a row without restriction (all ones, −1) is open to each country.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models

CODES = 62
RESERVED = 1 << 62
ALL_CODES = RESERVED - 1
NOT_HELD = -1
UNRESTRICTED = -1


def union(bits: Iterable[int]) -> int:
    """The mask that has each of the given bit numbers set."""
    mask = 0
    for bit in bits:
        mask |= 1 << bit
    return mask


def inverse(held: int) -> int:
    """What a level's holder does not hold: a row with any of these bits is closed to them."""
    return ALL_CODES & ~held


class BitMask(models.BigIntegerField):  # type: ignore[type-arg]
    """A bigint compared bit by bit. `<= 0` and `<> 0`, never `= 0`: that one makes the planner sort whole rooms."""


class _InCommon(models.Lookup):
    """Compares the bits a column has in common with a mask."""

    comparison: str

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        rhs, rhs_params = self.process_rhs(compiler, connection)
        return f"({lhs} & {rhs}::bigint {self.comparison})", [*lhs_params, *rhs_params]


@BitMask.register_lookup
class NoneOf(_InCommon):
    """`mask__none_of=other`: no bit in common."""

    lookup_name, comparison = "none_of", "<= 0"


@BitMask.register_lookup
class AnyOf(_InCommon):
    """`mask__any_of=other`: at least one bit in common."""

    lookup_name, comparison = "any_of", "<> 0"


@models.ForeignKey.register_lookup
@models.Field.register_lookup
class AmongArray(models.Lookup):
    """
    `field__among=…`: equals one of a list or set that travels as a single array, however long it is.

    Or one of an array that an expression makes, which the database works out once and before it looks for rows.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.db_type(connection)
        kind = {"bigserial": "bigint", "serial": "integer"}.get(kind, kind)
        worked_out = hasattr(self.rhs, "as_sql")
        rhs, rhs_params = compiler.compile(self.rhs) if worked_out else ("%s", [sorted(self.rhs)])
        return f"({lhs} = ANY({rhs}::{kind}[]))", [*lhs_params, *rhs_params]
