"""The Range header (RFC 9110, section 14): one range of bytes, or none."""

from __future__ import annotations

import re
from dataclasses import dataclass

ONE_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII | re.IGNORECASE)


class Unsatisfiable(ValueError):
    """The range begins where the file has ended: 416."""


@dataclass(frozen=True)
class ByteRange:
    """From `start` up to, not including, `stop`."""

    start: int
    stop: int

    def content_range(self, size: int) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{size}"


def parse(header: str, size: int) -> ByteRange | None:
    """The one range asked for of a file of `size` bytes; None for the whole file.

    A header that is no single range of bytes is ignored, as the RFC allows. Raises Unsatisfiable.
    """
    match = ONE_RANGE.fullmatch(header.strip())
    if not match or not (match[1] or match[2]):
        return None
    if not match[1]:
        length = min(int(match[2]), size)
        if not length:
            raise Unsatisfiable
        return ByteRange(size - length, size)
    start = int(match[1])
    if match[2] and int(match[2]) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return ByteRange(start, min(size, int(match[2]) + 1) if match[2] else size)
