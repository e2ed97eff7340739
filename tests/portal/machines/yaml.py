"""Reads the part of YAML 1.2 that the deployment's example is written in, and refuses all the rest.

Mappings and lists by indentation, flow lists as JSON writes them, literal blocks (`|`), anchors, aliases and `<<`. No
YAML reader is among the packages, and a file that needs more of YAML than this is harder to read than it should be.
"""

from __future__ import annotations

import json
import re
from typing import Any

KEY = re.compile(r'("?[\w./<-]+?"?):(?: +(.*))?$')


def read(text: str) -> Any:
    """The document. Raises ValueError with the line that is not understood."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1)]
    reader = _Reader(lines)
    found = reader.block(0)
    if reader.rest:
        raise ValueError(f"line {reader.rest[0][0]}: {reader.rest[0][1]}")
    return found


class _Reader:
    def __init__(self, lines: list[tuple[int, str]]) -> None:
        self.rest, self.anchors = lines, dict[str, Any]()
        self._skip()

    def _skip(self) -> None:
        while self.rest and (not self.rest[0][1].strip() or self.rest[0][1].lstrip().startswith("#")):
            self.rest.pop(0)

    @property
    def depth(self) -> int:
        return len(self.rest[0][1]) - len(self.rest[0][1].lstrip()) if self.rest else -1

    def block(self, depth: int) -> Any:
        if self.depth != depth:
            raise ValueError(f"line {self.rest[0][0] if self.rest else 'last'}: not indented by {depth}")
        return self._list(depth) if self.rest[0][1].lstrip().startswith("- ") else self._mapping(depth)

    def _list(self, depth: int) -> list[Any]:
        found = []
        while self.depth == depth and self.rest[0][1].lstrip().startswith("- "):
            number, line = self.rest.pop(0)
            item = line.strip()[2:]
            if KEY.fullmatch(item) and not item.startswith('"') and ": " in item:  # a mapping begins on the line itself
                self.rest.insert(0, (number, " " * (depth + 2) + item))
                found.append(self.block(depth + 2))
            else:
                found.append(self._scalar(number, item))
                self._skip()
        return found

    def _mapping(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        inherited: dict[str, Any] = {}
        while self.depth == depth:
            number, line = self.rest.pop(0)
            match = KEY.fullmatch(_bare(line.strip()))
            if not match:
                raise ValueError(f"line {number}: {line}")
            name, rest = match[1].strip('"'), match[2] or ""
            if name in found:
                raise ValueError(f"line {number}: {name} stands twice")
            anchor, rest = (rest[1:].partition(" ")[::2]) if rest.startswith("&") else ("", rest)
            self._skip_unless(rest)
            value = self._value(number, rest, depth)
            if anchor:
                self.anchors[anchor] = value
            if name == "<<":
                inherited = value
            else:
                found[name] = value
        return {**inherited, **found}

    def _skip_unless(self, rest: str) -> None:
        if rest != "|":
            self._skip()

    def _value(self, number: int, rest: str, depth: int) -> Any:
        if rest == "|":
            return self._literal(depth)
        if rest:
            return self._scalar(number, rest)
        return self.block(self.depth) if self.depth > depth else None

    def _literal(self, depth: int) -> str:
        taken = []
        while self.rest and (not self.rest[0][1].strip() or self.depth > depth):
            taken.append(self.rest.pop(0)[1])
        inner = min(len(line) - len(line.lstrip()) for line in taken if line.strip())
        while taken and not taken[-1].strip():
            taken.pop()
        return "".join(f"{line[inner:]}\n" for line in taken)

    def _scalar(self, number: int, text: str) -> Any:
        text = _bare(text)
        if text.startswith("*"):
            return self.anchors[text[1:]]
        if text[0] in "['\"{":
            try:
                return json.loads(text)  # quoted scalars and flow lists as JSON writes them, which is YAML too
            except ValueError:
                raise ValueError(f"line {number}: {text}") from None
        if text[0] in "&!>%@`|" or ": " in text:
            raise ValueError(f"line {number}: {text}")
        if text in ("true", "false"):
            return text == "true"
        return int(text) if re.fullmatch(r"\d+", text) else text


def _bare(text: str) -> str:
    """Without the remark at its end; inside quotes there is none."""
    return text if text[-1:] in '"]}' else re.sub(r"\s+#.*$", "", text)
