"""What was told of a dataset."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Sum

from disclosure.models import Dataset, Figure, Release, Source
from disclosure.packing import unpack
from disclosure.pseudonyms import LENGTH
from disclosure.tabling import Earlier


@dataclass(frozen=True, slots=True)
class Past:
    """What was told once: `told` is the number of figures (0: all were withheld). No sources."""

    release: UUID
    number: int
    day: date
    kind: str
    cost: int
    told: int


def history(dataset: str) -> list[Past]:
    """What was told of the dataset, newest first."""
    told = Release.objects.filter(dataset__label=dataset).annotate(told=Count("figures")).order_by("-number")
    return [Past(*row) for row in told.values_list("pk", "number", "day", "kind", "cost", "told")]


def find(label: str) -> Dataset | None:
    return Dataset.objects.filter(label=label).first()


def releases(dataset: Dataset) -> int:
    """How many there were."""
    return Release.objects.filter(dataset=dataset).count()


def drawn(dataset: Dataset) -> int:
    """How much of its budget was used."""
    return Release.objects.filter(dataset=dataset).aggregate(drawn=Sum("cost"))["drawn"] or 0


def same(dataset: Dataset, digest: bytes) -> Release | None:
    """The release of exactly this, if it was told before."""
    return Release.objects.filter(dataset=dataset, digest=digest).first()


def marks(release: Release) -> set[bytes]:
    """The places of the figures that were told."""
    return {bytes(mark) for mark in Figure.objects.filter(release=release).values_list("mark", flat=True)}


def numbers(dataset: Dataset) -> dict[bytes, int]:
    """Each source's number by its pseudonym."""
    known = Source.objects.filter(dataset=dataset).values_list("pseudonym", "number")
    return {bytes(pseudonym): number for pseudonym, number in known}


def tables_told(dataset: Dataset) -> list[Earlier]:
    """Every table that was told, as the rule looks at it."""
    told = Release.objects.filter(dataset=dataset, kind=Release.Kind.TABLE).order_by("number")
    figures: defaultdict[UUID, dict[bytes, frozenset[int]]] = defaultdict(dict)
    known: dict[bytes, frozenset[int]] = {}  # the same sets come again and again
    rows = Figure.objects.filter(release__in=told.order_by()).values_list("release_id", "mark", "members")
    for release, mark, members in rows:
        packed = bytes(members)
        if packed not in known:
            known[packed] = frozenset(unpack(packed))
        figures[release][bytes(mark)] = known[packed]
    return [
        Earlier(
            frozenset(unpack(release.universe)), figures[release.pk], release.measure,
            dict(zip(unpack(release.stamped), _cut(bytes(release.stamps)), strict=True)),
        )
        for release in told
    ]  # fmt: skip


def _cut(stamps: bytes) -> list[bytes]:
    return [stamps[start : start + LENGTH] for start in range(0, len(stamps), LENGTH)]
