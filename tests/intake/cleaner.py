"""Files put through the cleaner, and what it makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.cleaning import Kind, Reason, Trace, Uncleanable, clean, kind_of, mat2


def pieces(data: bytes, size: int = 10_007) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def cleaned(data: bytes, name: str = "x") -> tuple[bytes, tuple[Trace, ...]]:
    work = clean(pieces(data), kind_of(data[:4096], name))
    return b"".join(work), work.found


def refused(data: bytes, kind: Kind | None, seconds: int = 60) -> Reason:
    with pytest.raises(Uncleanable) as caught:
        b"".join(clean(pieces(data), kind, seconds=seconds))
    return caught.value.reason


def left() -> list[Path]:
    return list(mat2.MEMORY_BACKED.glob(f"{mat2.PREFIX}*"))
