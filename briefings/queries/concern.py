"""How much a briefing concerns the reader's own firm, and why: by what is registered of it and what it has stated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from accounts.sectors import Sector
from clearance.access import Actor
from clearance.limits import uncounted
from clearance.search import folded
from dialogues.queries import NOBODY
from vault import Unreadable

from ..content import Concerns
from ..models import Interests

Words = str | Promise

# A sector, a commodity and a technology say what a firm makes; a step of the chain and a region are shared by many.
WEIGHTS = {"sectors": 2, "commodities": 2, "technologies": 2, "steps": 1, "regions": 1}
KINDS: dict[str, Words] = {
    "sectors": gettext_lazy("業種"),
    "commodities": gettext_lazy("品目"),
    "technologies": gettext_lazy("技術"),
    "steps": gettext_lazy("工程"),
    "regions": gettext_lazy("地域"),
}
SHORTEST = 2  # characters of a name that is found within another: 感光材 in 半導体用感光材


@dataclass(frozen=True)
class Tie:
    """One thing by which a briefing concerns the firm: the list it stands in, and its name there."""

    kind: str
    name: Words

    @property
    def label(self) -> str:
        """As the feed says why a briefing stands where it does."""
        return f"{KINDS[self.kind]}{_('：')}{self.name}"


@dataclass(frozen=True)
class Firm:
    """The reader's own firm, as far as briefings concern it: sectors and steps by code, the rest in its own words."""

    concerns: Concerns = field(default_factory=Concerns)
    stated: bool = False

    @property
    def filters(self) -> list[tuple[Words, str, str]]:
        """What the firm's own list can be narrowed by at once: name, field of the form, value."""
        steps = dict(Organisation.Step.choices)
        found: list[tuple[Words, str, str]] = [
            (Sector(code).label if code in Sector.values else code, "sector", code) for code in self.concerns.sectors
        ]
        found += [(name, "commodity", name) for name in self.concerns.commodities]
        return found + [(steps.get(code, code), "step", code) for code in self.concerns.steps]

    def ties(self, to: Concerns) -> tuple[Tie, ...]:
        """Everything that the firm and a briefing have in common."""
        return tuple(self._ties(to))

    def _ties(self, to: Concerns) -> Iterator[Tie]:
        steps = dict(Organisation.Step.choices)
        for code in to.sectors:
            if code in self.concerns.sectors:
                yield Tie("sectors", Sector(code).label if code in Sector.values else code)
        for kind in ("commodities", "technologies"):
            yield from (Tie(kind, name) for name in getattr(to, kind) if _named(name, getattr(self.concerns, kind)))
        for code in to.steps:
            if code in self.concerns.steps:
                yield Tie("steps", steps.get(code, code))
        yield from (Tie("regions", name) for name in to.regions if _named(name, self.concerns.regions))


def weight(ties: Iterable[Tie]) -> int:
    """How much it concerns the firm; what it makes counts twice what the same step of the chain does."""
    return sum(WEIGHTS[tie.kind] for tie in ties)


def firm_of(actor: Actor) -> Firm:
    """The reader's firm: registered by the portal, and stated by itself."""
    own = Organisation.objects.filter(pk=actor.organisation_id or NOBODY).select_related("interests").first()
    if own is None:
        return Firm()
    said = stated(own)
    steps = (*([own.step] if own.step else []), *(said.steps if said else ()))
    given = Concerns(
        sectors=tuple(own.sectors), steps=tuple(dict.fromkeys(steps)),
        commodities=said.commodities if said else (), technologies=said.technologies if said else (),
        regions=said.regions if said else (),
    )  # fmt: skip
    return Firm(given, stated=said is not None)


def stated(own: Organisation) -> Concerns | None:
    """What a firm has stated of itself; None where it has not, or where that does not open."""
    interests: Interests | None = getattr(own, "interests", None)
    if interests is None:
        return None
    try:
        with uncounted():  # one's own firm's words, to order a list by
            return Concerns.read(interests.said)
    except Unreadable:
        return None


def _named(name: str, own: Iterable[str]) -> bool:
    """Whether one of the firm's names is the same, or stands within the other."""
    wanted = folded(name)
    for each in map(folded, own):
        shorter, longer = sorted((wanted, each), key=len)
        if wanted == each or (len(shorter) >= SHORTEST and shorter in longer):
            return True
    return False
