"""What was typed into a draft's page, section by section, as it came: it is kept whatever it is worth, and what the
buttons without script do (add, remove, move) is done to it before anything is judged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.http import QueryDict

from clearance.forms.markings import OTHER
from clearance.markings import overall, parse, parts

from ..content import Content
from ..services.checking import MOST_SECTIONS

MOST_ROWS = 20
# The lists of a section, by the letter that their fields begin with.
ROWS = {"a": "actions", "n": "named", "r": "sources"}
FIELD = re.compile(r"s(?P<section>\d{1,2})-(?:(?P<kind>[anr])(?P<row>\d{1,2})-)?(?P<name>[a-z_]+)")
DEED = re.compile(r"(?P<what>add|remove|up|down|row|by_section|as_one)(?:-(?P<section>\d{1,2}))?(?:-(?P<kind>[anr]))?")

# The fields by which a marking is typed.
MARKED = ("marking", "marking_text", "tlp")

Values = dict[str, list[str]]


@dataclass
class TypedSection:
    """The fields of one section and the rows of its lists, by letter."""

    fields: Values = field(default_factory=dict)
    rows: dict[str, list[Values]] = field(default_factory=lambda: {kind: [] for kind in ROWS})

    @classmethod
    def new(cls, like: Values) -> Self:
        """A blank one, marked as what is given."""
        marked = {name: values for name, values in like.items() if name in MARKED}
        return cls({"key": [uuid4().hex], **marked})


@dataclass
class Typed:
    """All of it. `about` is what is said of the whole."""

    about: Values
    sections: list[TypedSection]

    @classmethod
    def posted(cls, data: QueryDict) -> Self:
        """From what a browser sent; unknown names are left where they are."""
        found: dict[int, TypedSection] = {}
        rows: dict[tuple[int, str], dict[int, Values]] = {}
        about: Values = {}
        for name, values in data.lists():
            kept = [str(value) for value in values]
            match = FIELD.fullmatch(name)
            if match is None:
                about[name] = kept
                continue
            section = int(match["section"])
            into = found.setdefault(section, TypedSection()).fields
            if match["kind"]:
                into = rows.setdefault((section, match["kind"]), {}).setdefault(int(match["row"]), {})
            into[match["name"]] = kept
        for (section, kind), each in rows.items():
            found[section].rows[kind] = [each[number] for number in sorted(each)][:MOST_ROWS]
        return cls(about, [found[number] for number in sorted(found)][:MOST_SECTIONS])

    @classmethod
    def written(cls, content: Content) -> Self:
        """From what the draft holds."""
        markings = {section.marking for section in content.sections}
        about = {
            "title": content.title, "kind": content.kind, "severity": content.severity,
            "likelihood": content.likelihood, "confidence": content.confidence,
            **{name: list(values) for name, values in asdict(content.concerns).items()},
            "acknowledge_by": content.acknowledge_by, "expires_on": content.expires_on,
            **_marked(content.sections[0].marking if content.sections else ""),
            "by_section": "1" if len(markings) > 1 else "",
        }  # fmt: skip
        for name in ("commodities", "technologies", "regions"):
            about[name] = "\n".join(getattr(content.concerns, name))
        sections = []
        for section in content.sections:
            own = {
                "key": section.slot, "heading": section.heading, "body": section.body, **_marked(section.marking),
                "documents": list(section.documents), "ask_again": "on" if section.ask_again else "",
            }  # fmt: skip
            rows = {kind: [_values(asdict(row)) for row in getattr(section, name)] for kind, name in ROWS.items()}
            sections.append(TypedSection(_values(own), rows))
        return cls(_values(about), sections)

    @property
    def by_section(self) -> bool:
        return self.one("by_section") == "1"

    def one(self, name: str) -> str:
        """The last value of a field of the whole."""
        return (self.about.get(name) or [""])[-1]

    def do(self, deed: str) -> bool:
        """What a button asks for: `add`, `remove-2`, `up-2`, `down-2`, `row-2-a`, `by_section`, `as_one`. Whether it is
        one of those. The first section stays the first: it is what every reader sees."""
        match = DEED.fullmatch(deed)
        if match is None:
            return False
        what, at = match["what"], int(match["section"] or 0)
        if what in ("by_section", "as_one"):
            self._mark_by(what == "by_section")
        elif what == "add":
            if len(self.sections) < MOST_SECTIONS:
                above = self.sections[-1].fields if self.sections else {}
                self.sections.append(TypedSection.new(above if self.by_section else self.about))
        elif at >= len(self.sections):
            return False
        elif what == "row" and match["kind"]:
            self.sections[at].rows[match["kind"]].append({})
        elif what == "remove" and at:
            del self.sections[at]
        elif what == "up" and at > 1:
            self._swap(at, at - 1)
        elif what == "down" and 0 < at < len(self.sections) - 1:
            self._swap(at, at + 1)
        return True

    def data(self) -> QueryDict:
        """As a browser would send it."""
        made = QueryDict(mutable=True)
        for name, values in self.about.items():
            made.setlist(name, values)
        for number, section in enumerate(self.sections):
            for name, values in section.fields.items():
                made.setlist(f"s{number}-{name}", values)
            for kind, rows in section.rows.items():
                for row, each in enumerate(rows):
                    for name, values in each.items():
                        made.setlist(f"s{number}-{kind}{row}-{name}", values)
        return made

    def _mark_by(self, section: bool) -> None:
        """Section by section each begins with that of the whole; the whole as high as all of them together."""
        self.about["by_section"] = ["1" if section else ""]
        if section:
            for each in self.sections:
                each.fields.update({name: [self.one(name)] for name in MARKED})
            return
        try:
            self.about |= _values(_marked(overall(picked(each.fields) for each in self.sections)))
        except ValidationError:  # one of them is misspelt, or none is chosen yet: the whole is chosen anew
            self.about.pop("marking", None)

    def _swap(self, one: int, other: int) -> None:
        self.sections[one], self.sections[other] = self.sections[other], self.sections[one]


def picked(fields: Mapping[str, list[str]]) -> str:
    """The marking that these fields come to: what was chosen, or typed beside 「その他」, with the TLP of its own
    field; whatever it is worth."""
    one = {name: (fields.get(name) or [""])[-1] for name in MARKED}
    text = one["marking_text"] if one["marking"] == OTHER else one["marking"]
    return with_tlp(text, one["tlp"])


def with_tlp(text: str, tlp: str) -> str:
    """A marking's text with another TLP; as it is without one, or where it is no marking."""
    try:
        found = parse(text) if tlp else None
        return text if found is None else parts(found.level, found.compartments, found.releasability, tlp).text
    except (ValidationError, ValueError):
        return text


def _marked(text: str) -> dict[str, str]:
    """The fields that a marking is shown in: its TLP has one of its own."""
    if not text:
        return {"marking": ""}
    found = parse(text)
    return {"marking": parts(found.level, found.compartments, found.releasability).text, "tlp": str(found.tlp.value)}


def _values(given: Mapping[str, Any]) -> Values:
    return {name: [str(each) for each in _each(value)] for name, value in given.items()}


def _each(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else [value]
