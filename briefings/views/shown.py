"""What the pages of a draft show of it: opened, rendered, and held against what is stored or published."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Organisation
from accounts.sectors import Sector
from clearance.access import Actor
from clearance.clock import last_day
from clearance.markings import draft as drafted
from clearance.markings import overall, parse
from dialogues.models.opening import opened
from dialogues.prose import render as prose
from vault import Unreadable

from ..content import Action, Concerns, Content, Named, Section, Source
from ..differences import Piece, compared
from ..forms.typed import Typed, TypedSection, picked
from ..kinds import Confidence, Kind, Likelihood, Severity, Thing
from ..models import Audience, Briefing, Bureau, Draft
from ..queries.drafts import attachable, published
from ..queries.editions import words_of
from ..services.checking import at_least

__all__ = ["opened"]


@dataclass(frozen=True)
class Rendered:
    """A section as readers see it."""

    heading: str
    body: Any
    marking: str
    section: Section
    documents: tuple[str, ...] = ()

    @property
    def named(self) -> list[tuple[Any, Named]]:
        return [(Thing(each.thing).label, each) for each in self.section.named]

    @property
    def actions(self) -> list[tuple[Action, date | None]]:
        """What to do, and by when as a day."""
        return [(each, _day(each.by)) for each in self.section.actions]

    @property
    def sources(self) -> tuple[Source, ...]:
        return self.section.sources


@dataclass(frozen=True)
class Change:
    """One section or field of two versions, word by word."""

    heading: str
    pieces: tuple[Piece, ...]
    marking: str = ""
    theirs: str = ""


def content(draft: Draft) -> Content:
    """What a draft holds."""
    return Content.read(draft.content)


def title(draft: Draft) -> str:
    """The title in a list; what is said instead where there is none yet, or it does not open."""
    try:
        return content(draft).title or _("（題名はまだありません）")
    except Unreadable:
        return opened(draft, "content")


def named(of: Bureau | Audience) -> tuple[Any, str]:
    return of, opened(of, "name")


def sections(
    of: Content, only: Collection[str] | None = None, *, attached: Mapping[str, str] | None = None
) -> list[Rendered]:
    """Every section, or those under one of the markings, as its readers see it; `attached` are titles of documents."""
    titles = attached or {}
    return [
        Rendered(
            each.heading, prose(each.body), each.marking, each,
            tuple(titles[key] for key in each.documents if key in titles),
        )
        for each in of.sections
        if only is None or each.marking in only
    ]  # fmt: skip


def attached(actor: Actor, draft: Draft, of: Content) -> dict[str, str]:
    """The titles of what is attached to its sections, as far as the actor may read it."""
    kept = [key for section in of.sections for key in section.documents if is_key(key)]
    found = attachable(actor, draft.audience, kept) if kept else {}
    return {key: title for key, (title, _marking) in found.items()}


def typed(of: Typed) -> list[Rendered]:
    """What is typed at the moment, rendered."""
    texts = markings(of)
    return [
        Rendered(_one(each.fields, "heading"), prose(_one(each.fields, "body")), marking, _rows(each))
        for each, marking in zip(of.sections, texts, strict=True)
    ]


def markings(of: Typed) -> list[str]:
    """Each section's marking as it is typed; empty for what is none."""
    whole = picked(of.about)
    return [_sound(picked(each.fields) if of.by_section else whole) for each in of.sections]


def concerns(of: Content) -> list[tuple[str, str]]:
    """What it is about and how heavy it weighs, in words."""
    steps = dict(Organisation.Step.choices)
    said = [
        (_("リスクの種類"), Kind(of.kind).label),
        (_("影響の大きさ"), Severity(of.severity).label),
        (_("起きる見込み"), Likelihood(of.likelihood).label),
        (_("評価の確かさ"), Confidence(of.confidence).label),
        (_("関係する業種"), _several(str(Sector(each).label) for each in of.concerns.sectors)),
        (_("供給網での段階"), _several(str(steps.get(each, each)) for each in of.concerns.steps)),
        (_("関係する品目"), _several(of.concerns.commodities)),
        (_("関係する技術"), _several(of.concerns.technologies)),
        (_("関係する国・地域"), _several(of.concerns.regions)),
    ]
    return [(label, str(value)) for label, value in said if value]


def as_reader(of: Content, wanted: Collection[str], attached: Mapping[str, str]) -> dict[str, Any]:
    """The sections as somebody sees them who may handle these of its markings; all of it where none is wanted."""
    kinds = readers(of)
    held = [text for text in wanted if text in kinds]
    shown = sections(of, read_with(of, held) if held else kinds, attached=attached)
    return {
        "kinds": [(text, text in (held or kinds)) for text in kinds],
        "whole": len(shown) == len(of.sections),
        "hidden": len(of.sections) - len(shown),
        "sections": shown,
        "marking": overall([each.marking for each in shown] or [of.head.marking]),
    }


def readers(of: Content) -> list[str]:
    """The markings that tell readers apart, lowest first."""
    found = list(dict.fromkeys(section.marking for section in of.sections))
    return sorted(found, key=lambda text: (parse(text).level, text))


def read_with(of: Content, held: Collection[str]) -> list[str]:
    """The markings that somebody reads who may read these: each that lies under one of them."""
    having = [drafted(parse(text)) for text in held]
    return [text for text in readers(of) if any(at_least(each, drafted(parse(text))) for each in having)]


def changes(actor: Actor, draft: Draft, now: Content) -> list[Change]:
    """What a correction changes of what is published, as far as the actor reads that."""
    if draft.corrects is None:
        return []
    before = {str(each.slot): each for each in published(actor, draft)}
    found = [replace(each, theirs="") for each in _differing(_heading(draft.corrects), now)]
    for each in now.sections:
        then = before.pop(each.slot, None)
        pieces = compared(words_of(then) if then else "", _words(each))
        if any(piece.kind for piece in pieces):
            found.append(Change(each.heading, pieces, each.marking))
    found += [Change(gone.heading, compared(words_of(gone), ""), gone.seal_label.text) for gone in before.values()]
    return found


def beside(stored: Content, mine: Content) -> list[Change]:
    """Where what another has saved meanwhile is not what one has typed: theirs as taken out, one's own as put in."""
    found = _differing(stored, mine)
    own_sections = {each.slot: each for each in mine.sections}
    for each in stored.sections:
        own = own_sections.pop(each.slot, None)
        if own != each:
            found.append(_overtaken(each, own))
    found += [Change(each.heading, compared("", _words(each)), each.marking) for each in own_sections.values()]
    return found


def _differing(then: Content, now: Content) -> list[Change]:
    """What is said of the whole, where it is not the same."""
    return [
        Change(label, compared(before, after), theirs=before)
        for (label, before), (_label, after) in zip(_about(then), _about(now), strict=True)
        if before != after
    ]


def _heading(of: Briefing) -> Content:
    """What is published of the whole, without its sections."""
    return Content(
        title=of.title, kind=of.kind, severity=of.severity, likelihood=of.likelihood, confidence=of.confidence,
        concerns=Concerns.read(of.concerns), acknowledge_by=str(of.acknowledge_by or ""),
        expires_on=str(last_day(of.expires_at) or ""),
    )  # fmt: skip


def _overtaken(theirs: Section, own: Section | None) -> Change:
    text = _words(theirs)
    return Change(theirs.heading, compared(text, _words(own) if own else ""), theirs.marking, theirs=text)


def is_key(text: str) -> bool:
    """Whether a text is an id at all."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _about(of: Content) -> list[tuple[str, str]]:
    lists, steps = of.concerns, dict(Organisation.Step.choices)
    return [
        (_("題名"), of.title),
        (_("リスクの種類"), str(Kind(of.kind).label)),
        (_("影響の大きさ"), str(Severity(of.severity).label)),
        (_("起きる見込み"), str(Likelihood(of.likelihood).label)),
        (_("評価の確かさ"), str(Confidence(of.confidence).label)),
        (_("関係する業種"), _several(str(Sector(each).label) for each in lists.sectors)),
        (_("供給網での段階"), _several(str(steps.get(each, each)) for each in lists.steps)),
        (_("関係する品目"), _several(lists.commodities)),
        (_("関係する技術"), _several(lists.technologies)),
        (_("関係する国・地域"), _several(lists.regions)),
        (_("確認の期限"), of.acknowledge_by),
        (_("閲覧期限"), of.expires_on),
    ]


def _words(section: Section) -> str:
    lines = [section.heading, section.body]
    lines += ["・" + " / ".join(filter(None, (each.what, each.who, each.by))) for each in section.actions]
    lines += ["・" + " / ".join(filter(None, (each.name, each.about))) for each in section.named]
    lines += ["・" + " / ".join(filter(None, (each.what, each.reliability))) for each in section.sources]
    return "\n".join(filter(None, lines))


def _rows(of: TypedSection) -> Section:
    """The lists of a section as they are typed: a row that says what it is about counts."""

    def rows(kind: str, *names: str) -> list[dict[str, str]]:
        found = [{name: _one(row, name).strip() for name in names} for row in of.rows[kind]]
        return [row for row in found if row.get("what") or row.get("name")]

    return Section(
        actions=tuple(Action(**row) for row in rows("a", "what", "who", "by")),
        named=tuple(Named(**row) for row in rows("n", "thing", "name", "about") if row["thing"] in Thing.values),
        sources=tuple(Source(**row) for row in rows("r", "what", "reliability")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _several(values: Any) -> str:
    return _("、").join(values)


def _one(values: dict[str, list[str]], name: str) -> str:
    return (values.get(name) or [""])[-1]


def _sound(text: str) -> str:
    try:
        return overall([text]) if text else ""
    except ValidationError:
        return ""
