"""How many other firms see the same, as far as it was told: "5 or more" under the rule, nothing below."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from disclosure.models import Figure, Release
from disclosure.pseudonyms import Pseudonyms
from disclosure.verdicts import Verdict
from disclosure.wording import behind
from vault.keys import derive

from ..models import Briefing, Reply

COUNTED = (Reply.Kind.SEEN, Reply.Kind.NOT_US)


@dataclass(frozen=True)
class Told:
    """What was told on a day: so many firms or more gave that answer."""

    kind: str
    label: str | Promise
    words: str
    on: date


def dataset(briefing: Briefing) -> str:
    """The label of all that is told of a briefing's answers: one dataset each."""
    return f"briefing {briefing.pk}"


def about(briefing: Briefing, kind: Reply.Kind) -> str:
    """The name of one claim: that firms gave this answer."""
    return f"{briefing.pk} {kind.value}"


def told(briefing: Briefing) -> list[Told]:
    """What was told of its answers, the newest of each kind."""
    names = Pseudonyms(derive("disclosure"), dataset(briefing))
    marks = {names.of("statement", about(briefing, kind)): kind for kind in COUNTED}
    figures = Figure.objects.filter(
        release__dataset__label=dataset(briefing), release__kind=Release.Kind.STATEMENT, mark__in=list(marks)
    ).order_by("release__number")
    newest = {
        marks[bytes(mark)]: Told(
            marks[bytes(mark)].value, marks[bytes(mark)].label, behind(Verdict(at_least=enough)), day
        )
        for mark, enough, day in figures.values_list("mark", "release__dataset__k", "release__day")
    }
    return [newest[kind] for kind in COUNTED if kind in newest]
