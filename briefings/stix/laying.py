"""Keeping the objects of a briefing in step with it: laid when it is published, a new version where a correction
changed something, out of the feed what a correction left out. Retraction is the database's (briefings_retract)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from clearance.models import Marking

from ..models import Briefing, Portion, StixObject
from .definitions import FIXED, Object, definitions
from .identifiers import cut, new_id, stamp
from .objects import Made, fixed, report, report_source, things


def published(briefing: Briefing, portions: Sequence[Portion]) -> None:
    """Lay what is new, a version of what changed. A hook of publishing: in its transaction, under its context."""
    running = Portion.objects.filter(briefing=briefing, until__isnull=True, withdrawn=False)
    groups: dict[Marking, list[Portion]] = {briefing.marking: []}
    for portion in running.select_related("marking").order_by("place", "id"):
        groups.setdefault(portion.marking, []).append(portion)
    laid = {row.source: row for row in StixObject.objects.filter(briefing=briefing, until__isnull=True, gone=False)}
    layer = _Layer(briefing, laid)
    head = layer.identifier(_report(briefing.marking.text, briefing))
    for marking, sections in groups.items():
        if sections:
            layer.group(marking, sections, head if marking.pk != briefing.marking_id else "")
    every = StixObject.objects.filter(briefing=briefing)
    every.exclude(source__in=layer.kept).update(gone=True)
    every.exclude(expires_at=briefing.expires_at).update(expires_at=briefing.expires_at)


def _report(marking: str, briefing: Briefing) -> Made:
    return Made("report", report_source(briefing, marking), {})


class _Layer:
    """One pass over one briefing."""

    def __init__(self, briefing: Briefing, laid: dict[UUID, StixObject]) -> None:
        self.briefing, self.laid = briefing, laid
        self.kept: set[UUID] = set()
        self.now = cut(timezone.now())

    def identifier(self, made: Made) -> str:
        """From before, whatever key made it."""
        row = self.laid.get(made.source)
        return row.stix_id if row else new_id(made.kind, made.source)

    def group(self, marking: Marking, sections: list[Portion], head: str) -> None:
        refs: Object = {
            "created_by_ref": self._fixed(marking),
            "lang": "ja",
            "object_marking_refs": [each["id"] for each in definitions(marking.text)],
        }
        named = things(self.briefing, marking.text, sections, refs=refs)
        object_refs = [self.identifier(made) for made in named] + ([head] if head else [])
        whole = report(
            self.briefing,
            marking.text,
            sections,
            head=not head,
            object_refs=object_refs or [refs["created_by_ref"]],
            refs=refs,
        )
        for made in [*named, whole]:
            self._lay(marking, made)

    def _fixed(self, marking: Marking) -> str:
        """Once a circle and marking; the id of the ministry there."""
        each = fixed(self.briefing.originator, marking.text)
        there = set(
            StixObject.objects.filter(
                circle_id=self.briefing.circle_id, marking=marking, source__in=[source for source, _body in each]
            ).values_list("source", flat=True)
        )
        for source, body in each:
            if source not in there:
                version = datetime.fromisoformat(str(body.get("modified") or body["created"]))
                self._save(marking, source, body, version, created=FIXED, briefing=None)
        return str(each[-1][1]["id"])

    def _lay(self, marking: Marking, made: Made) -> None:
        self.kept.add(made.source)
        before = self.laid.get(made.source)
        if before is None:
            body = made.named(new_id(made.kind, made.source), stamp(self.now), stamp(self.now))
            self._save(marking, made.source, body, self.now, created=None, briefing=self.briefing)
            return
        stood: dict[str, Any] = json.loads(before.body)
        if made.named(stood["id"], stood["created"], stood["modified"]) == stood:
            return
        body = made.named(stood["id"], stood["created"], stamp(self.now))
        StixObject.objects.filter(pk=before.pk).update(until=self.now)
        self._save(marking, made.source, body, self.now, created=None, briefing=self.briefing, first=False)

    def _save(
        self,
        marking: Marking,
        source: UUID,
        body: Object,
        version: datetime,
        *,
        created: datetime | None,
        briefing: Briefing | None,
        first: bool = True,
    ) -> None:
        StixObject(
            marking=marking,
            circle_id=self.briefing.circle_id,
            expires_at=self.briefing.expires_at if briefing else None,
            briefing=briefing,
            stix_id=body["id"],
            type=body["type"],
            version=version.astimezone(UTC),
            first=first,
            source=source,
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        ).save(force_insert=True)
