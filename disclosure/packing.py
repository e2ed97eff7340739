"""Sets of sources as the database keeps them: their numbers, rising, four bytes each."""

from __future__ import annotations

import struct
from collections.abc import Collection


def pack(numbers: Collection[int]) -> bytes:
    return struct.pack(f">{len(numbers)}I", *sorted(numbers))


def unpack(packed: bytes | memoryview) -> tuple[int, ...]:
    return struct.unpack(f">{len(packed) // 4}I", packed)
