"""What a machine sent in, as the beginning of a draft: in the words it came in, and nothing of who sent it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from clearance.markings import overall, parse, parts

from ..content import Action, Content, Named, Section
from ..kinds import Thing
from ..models.briefings import LONGEST_BODY, LONGEST_HEADING, LONGEST_TITLE
from .definitions import TLP

Object = dict[str, Any]

# TLP 1.0, which many still send; WHITE is called CLEAR since.
OLD_TLP = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "CLEAR",
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "GREEN",
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "AMBER",
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "RED",
}
COLOURS = OLD_TLP | {each: colour for colour, each in TLP.items()}
WRITTEN = ("report", "note", "grouping", "incident", "opinion")  # whose words are the text itself
MOST_ROWS, LONGEST_NAME, LONGEST_WHAT, LONGEST_ABOUT = 20, 120, 300, 600  # as the draft's form takes them


def marking_of(submitted: str, objects: Sequence[Object]) -> str:
    """The marking it was sent in under, with the strictest TLP that an object bears."""
    said = parse(submitted)
    colours = {COLOURS[ref] for each in objects for ref in _refs(each) if ref in COLOURS}
    each = [parts(said.level, said.compartments, said.releasability, colour).text for colour in sorted(colours)]
    return overall([submitted, *each])


def _refs(each: Object) -> list[str]:
    """Of the object, and of parts of it: what bears a colour in part goes into one text with the rest."""
    granular = each.get("granular_markings")
    parts_of = [one for one in granular if isinstance(one, dict)] if isinstance(granular, list) else []
    return _texts(each, "object_marking_refs") + [_text(one, "marking_ref") for one in parts_of]


def content_of(objects: Sequence[Object], *, marking: str, kind: str) -> Content:
    """The first section tells what reports say, and names what is named and advised; a second one tells the rest."""
    written = [each for each in objects if each.get("type") in WRITTEN]
    named = [each for each in objects if each.get("type") in Thing.values and _text(each, "name")][:MOST_ROWS]
    advised = [each for each in objects if each.get("type") == "course-of-action" and _text(each, "name")][:MOST_ROWS]
    shown = {id(each) for each in (*written, *named, *advised)}
    rest = [line for each in objects if id(each) not in shown and (line := _line(each))]
    head = Section(
        heading=_("概要"),
        body="\n\n".join(filter(None, map(_paragraphs, written)))[:LONGEST_BODY],
        marking=marking,
        named=tuple(
            Named(each["type"], _text(each, "name")[:LONGEST_NAME], _text(each, "description")[:LONGEST_ABOUT])
            for each in named
        ),
        actions=tuple(Action(_one_line(each)[:LONGEST_WHAT]) for each in advised),
    )
    more = Section(heading=_("技術的な情報")[:LONGEST_HEADING], body="\n".join(rest)[:LONGEST_BODY], marking=marking)
    return Content(title=_title([*written, *named, *objects]), kind=kind, sections=(head, more) if rest else (head,))


def _title(objects: Sequence[Object]) -> str:
    return next((" ".join(name.split())[:LONGEST_TITLE] for each in objects if (name := _text(each, "name"))), "")


def _paragraphs(each: Object) -> str:
    told = (_text(each, name) for name in ("name", "abstract", "description", "content", "explanation"))
    return "\n\n".join(filter(None, told))


def _one_line(each: Object) -> str:
    told = (" ".join(_text(each, name).split()) for name in ("name", "description"))
    return "：".join(filter(None, told))


def _line(each: Object) -> str:
    """Indicators and whatever else there is words of; objects without any, such as relationships, are left out."""
    words = "：".join(filter(None, [_one_line(each), _text(each, "pattern") and f"`{_text(each, 'pattern')}`"]))
    return f"- {words}（{_text(each, 'type')}）" if words else ""


def _text(each: Object, name: str) -> str:
    value = each.get(name)
    return value.strip() if isinstance(value, str) else ""


def _texts(each: Object, name: str) -> list[str]:
    value = each.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
