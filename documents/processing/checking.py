"""Looks at what was handed over, all of it: that it is stored as it came, what it is, and how it looks on a screen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from audit.acts import Act
from clearance.noting import note
from vault import Unreadable

from ..encodings import decoded
from ..files import FileMissing
from ..kinds import Kind
from ..models import Document, Problem, Rendition, State, StoredBlob, Version
from ..rendering import pdf, text
from ..rendering.pages import Drawn, NothingToDraw, Page, store
from ..sniffing import Finding, by_content
from .at_hand import AtHand, writing

HEAD = 64 * 1024
VERIFYING = 40  # the share of the work, in per cent, that reading it through is


@dataclass(frozen=True)
class Outcome:
    """What the version is from now on."""

    state: State
    problem: Problem = Problem.NONE
    finding: Finding | None = None
    drawn: Drawn | None = None


ACTS = {State.READY: Act.DOCUMENT_READY, State.QUARANTINED: Act.DOCUMENT_QUARANTINE, State.FAILED: Act.DOCUMENT_FAIL}


def check(held: AtHand) -> None:
    """Find out, and write it down. Raises Gone."""
    outcome = _look(held)
    try:
        with writing(held) as (actor, document, version):
            _settle(document, version, outcome)
            note(actor, ACTS[outcome.state], document, version=version.number, problem=outcome.problem.value)
    finally:
        if outcome.drawn:
            outcome.drawn.blob.discard()  # nothing happens where it was kept


def give_up(held: AtHand) -> None:
    """Nothing came of several attempts."""
    with writing(held) as (actor, document, version):
        if version.pending:
            _settle(document, version, Outcome(State.FAILED, Problem.GAVE_UP))
            note(actor, Act.DOCUMENT_FAIL, document, version=version.number, problem=Problem.GAVE_UP.value)


def _look(held: AtHand) -> Outcome:
    try:
        intact, has_nul = _read_through(held)
        if not intact:
            return Outcome(State.QUARANTINED, Problem.ALTERED)
        finding = by_content(held.name, held.file.read(0, HEAD), held.file.size, held.file.read)
        if finding.kind is Kind.TEXT and has_nul and finding.encoding != "utf-16":
            finding = Finding(Kind.OTHER)  # it only began as a text
        problem, drawn = _draw(held, finding)
    except FileMissing:
        return Outcome(State.FAILED, Problem.MISSING)
    except Unreadable:
        return Outcome(State.QUARANTINED, Problem.ALTERED)
    return Outcome(State.READY, problem, finding, drawn)


def _read_through(held: AtHand) -> tuple[bool, bool]:
    """Whether the file is stored as it came, every byte of it; and whether there is a NUL in it."""
    digest, done, has_nul = hashlib.sha256(), 0, False
    with closing(held.file.open()) as pieces:
        for piece in pieces:
            digest.update(piece)
            has_nul = has_nul or b"\0" in piece
            done += len(piece)
            held.say(VERIFYING * done // held.file.size)
    return digest.hexdigest() == held.digest, has_nul


def _draw(held: AtHand, finding: Finding) -> tuple[Problem, Drawn | None]:
    try:
        match finding.kind:
            case Kind.TEXT:
                with closing(held.file.open()) as pieces:
                    return Problem.NONE, store(_counted(held, text.pages(decoded(pieces, finding.encoding))))
            case Kind.PDF if held.file.size > pdf.LARGEST:
                return Problem.TOO_LARGE, None
            case Kind.PDF:
                with closing(held.file.open()) as pieces:
                    drawing = pdf.pages(pieces, progress=lambda percent: _say_drawn(held, percent))
                    return Problem.NONE, store(drawing, most=pdf.MOST_PAGES)
            case _:
                return Problem.NONE, None
    except (pdf.NotDrawn, NothingToDraw):
        return Problem.NOT_DRAWN, None


def _counted(held: AtHand, pages: Iterator[Page]) -> Iterator[Page]:
    done = 0
    for page in pages:
        yield page
        done += len(page.text.encode("utf-8", "replace"))
        _say_drawn(held, min(100, 100 * done // held.file.size))


def _say_drawn(held: AtHand, percent: int) -> None:
    held.say(VERIFYING + (100 - VERIFYING) * percent // 100)


def _settle(document: Document, version: Version, outcome: Outcome) -> None:
    version.state, version.problem, version.percent = outcome.state, outcome.problem, 100
    if outcome.finding:
        finding = outcome.finding
        version.kind, version.media_type, version.encoding = finding.kind, finding.media_type, finding.encoding
    version.save(update_fields=["state", "problem", "percent", "kind", "media_type", "encoding"])
    newest = document.versions.order_by("-number").values_list("number", flat=True)[0]
    if version.number == newest and document.kind != version.kind:
        document.kind = version.kind
        document.save(update_fields=["kind"])
    if outcome.drawn and not Rendition.objects.filter(version=version).exists():
        _keep(document, version, outcome.drawn)


def _keep(document: Document, version: Version, drawn: Drawn) -> None:
    StoredBlob(name=drawn.blob.name).save(force_insert=True)
    Rendition(
        document=document, version=version, pages=len(drawn.index), cut=drawn.cut, index=drawn.index,
        size=drawn.size, file_key=drawn.key, blob_id=drawn.blob.name,
    ).save(force_insert=True)  # fmt: skip
    drawn.blob.keep()
