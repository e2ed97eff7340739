"""The objects of one briefing under one marking: what its sections under that marking say, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import Organisation

from ..kinds import Kind, Likelihood, Severity, Thing
from ..models import Briefing, Portion
from .definitions import FIXED, Object, definitions
from .identifiers import new_id, source_of, stamp
from .places import where

# In one order, however they were stored: another order would be another version, of what nobody changed.
CONCERNS = ("sectors", "steps", "commodities", "technologies", "regions")
# What an object of each sort has to have besides its name. Nobody is asked for more, so nothing more is claimed.
EXTRA: dict[str, dict[str, Any]] = {
    Thing.THREAT_ACTOR: {"threat_actor_types": ["unknown"]},
    Thing.INFRASTRUCTURE: {"infrastructure_types": ["unknown"]},
    Thing.CAMPAIGN: {},
}


@dataclass(frozen=True)
class Made:
    """An object without `id`, `created` and `modified`, and what it was made of. The id may be known from before."""

    kind: str
    source: UUID
    content: Object

    def named(self, identifier: str, created: str, modified: str) -> Object:
        return {
            "type": self.kind,
            "spec_version": "2.1",
            "id": identifier,
            "created": created,
            "modified": modified,
            **self.content,
        }


def fixed(organisation: Organisation, marking: str) -> list[tuple[UUID, Object]]:
    """What every object under the marking refers to: the ministry, the statement, the TLP. The same for all."""
    refs = [each["id"] for each in definitions(marking)]
    source = source_of("identity", organisation.pk, marking)
    identity = {
        "type": "identity",
        "spec_version": "2.1",
        "id": new_id("identity", source),
        "created": stamp(FIXED),
        "modified": stamp(FIXED),
        "name": organisation.name,
        "identity_class": "organization",
        **({"sectors": ["government"]} if organisation.is_ministry else {}),
        "lang": "ja",
        "object_marking_refs": refs,
    }
    made = [(source_of("definition", each["id"]), each) for each in definitions(marking)]
    return [*made, (source, identity)]


def things(briefing: Briefing, marking: str, portions: Iterable[Portion], *, refs: Object) -> list[Made]:
    """What the sections name and advise. The same thing named twice under one marking is one object."""
    made: dict[UUID, Made] = {}
    for portion in portions:
        more = portion.more
        for named in more.get("named", ()):
            source = source_of(briefing.pk, marking, named["thing"], named["name"])
            extra = where(named["name"]) if named["thing"] == Thing.LOCATION else EXTRA[named["thing"]]
            content = {**_told(named["name"], named.get("about", "")), **extra, **refs}
            made.setdefault(source, Made(named["thing"], source, content))
        for action in more.get("actions", ()):
            source = source_of(briefing.pk, marking, "course-of-action", portion.slot, action["what"])
            by = [
                *([f"実施者：{action['who']}"] if action.get("who") else []),
                *([f"期限：{action['by']}"] if action.get("by") else []),
            ]
            made.setdefault(source, Made("course-of-action", source, {**_told(action["what"], "\n".join(by)), **refs}))
    return list(made.values())


def report(
    briefing: Briefing, marking: str, portions: Sequence[Portion], *, head: bool, object_refs: list[str], refs: Object
) -> Made:
    """The sections under the marking as one report. What stands on the head is told where the head is alone."""
    told = [f"{portion.heading}\n\n{portion.body}".strip() for portion in portions]
    sources = [
        _source(source) for portion in portions for source in portion.more.get("sources", ()) if source.get("what")
    ]
    content: Object = {
        "name": briefing.title,
        "description": "\n\n".join(told),
        "report_types": ["threat-report"],
        "published": stamp(min(portion.created for portion in portions)),
        "object_refs": object_refs,
        "confidence": int(briefing.confidence),
        **refs,
    }
    if sources:
        content["external_references"] = sources
    if head:
        content["labels"] = [
            f"kind:{Kind(briefing.kind).value.lower()}",
            f"severity:{Severity(briefing.severity).name.lower()}",
            f"likelihood:{Likelihood(briefing.likelihood).name.lower()}",
            *(f"{name}:{value}" for name in CONCERNS for value in briefing.concerns.get(name, ())),
        ]
    return Made("report", report_source(briefing, marking), content)


def report_source(briefing: Briefing, marking: str) -> UUID:
    return source_of(briefing.pk, marking, "report")


def _told(name: str, about: str) -> Object:
    return {"name": name, **({"description": about} if about else {})}


def _source(source: dict[str, str]) -> Object:
    # STIX asks for one property besides the name of a source.
    return {"source_name": source["what"], "description": source.get("reliability") or source["what"]}
