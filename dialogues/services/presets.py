"""The few markings that writers of a room choose from, made from its kind and ceiling when it is opened."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from clearance.access import Actor
from clearance.choosing import Choice, choices_for
from clearance.markings import Parts, of, parse
from clearance.models import Circle, Level, Marking, MarkingPreset, Tlp
from clearance.services.presets import Named

from ..models import Room
from ..models.rooms import HIGHEST_SPOKEN

# Stored with each room, in both languages: its stewards may name them anew.
AMONG = {
    Room.Kind.INDUSTRY: ("会員企業限り", "Member companies only"),
    Room.Kind.SUPPLY_CHAIN: ("この企業群限り", "This group of companies only"),
    Room.Kind.TECHNOLOGY: ("この企業群限り", "This group of companies only"),
    Room.Kind.FIRM: ("この企業と担当府省庁限り", "This company and the ministry in charge only"),
    Room.Kind.REGION: ("この地域の参加者限り", "Participants of this region only"),
    Room.Kind.COUNCIL: ("協議会の構成員限り", "Members of the council only"),
}

# From level 3 up being in the room is not enough: each document has its handler register.
BY_REGISTER = {
    Level.CESI: ("重要経済安保情報・取扱者名簿の方限り", "Critical economic security, register only"),
    Level.SDS: ("特定秘密・取扱者名簿の方限り", "Specially designated secret, register only"),
}


def suggested(kind: str, ceiling: Marking) -> list[Named]:
    """A new room's choices, lowest first, at most six, none above the ceiling."""
    return [named for named in _wanted(kind, ceiling) if ceiling.admits(named.marking)][: MarkingPreset.MOST]


def offered(actor: Actor, *, circle: Circle, under: Marking | None = None) -> list[Choice]:
    """What the actor may choose for something to be said; for an answer nothing below `under`."""
    choices = [choice for choice in choices_for(actor, circle) if fits(choice.marking, under)]
    if under is not None and under.pk not in {choice.marking.pk for choice in choices}:
        choices.insert(0, Choice(under, _("話題と同じ")))
    return choices


def fits(marking: Marking, under: Marking | None) -> bool:
    """Whether what is said may carry this marking at all, in a thread marked `under`.

    Whoever reads a message reads its thread's title, so a message lies no lower than its thread.
    """
    return marking.level <= HIGHEST_SPOKEN and (under is None or marking.admits(under))


def _wanted(kind: str, ceiling: Marking) -> Iterator[Named]:
    top = parse(ceiling.text)
    yield Named("公開", "Public", of(Parts(Level.PUBLIC)))
    if top.level >= Level.SENSITIVE:
        yield Named(*AMONG[Room.Kind(kind)], of(Parts(Level.SENSITIVE, (), top.releasability)))
        yield Named(
            "この場の参加者本人限り（ほかの方に伝えないでください）",
            "Participants of this room in person (tell nobody else)",
            of(Parts(Level.SENSITIVE, (), top.releasability, Tlp.RED)),
        )
    if top.level >= Level.SENSITIVE and top.compartments:
        yield Named(
            "取扱分野の有資格者限り",
            "Those authorised for the compartment only",
            of(Parts(Level.SENSITIVE, top.compartments, top.releasability)),
        )
    if top.level >= Level.HI:
        yield Named(
            "秘文書・この場限り",
            "Secret, this room only",
            of(Parts(Level.HI, top.compartments, top.releasability)),
        )
    if top.level in BY_REGISTER:
        yield Named(*BY_REGISTER[top.level], ceiling)
