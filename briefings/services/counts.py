"""Telling all readers of a briefing how many firms gave an answer: by an official who runs it, under the rule."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from audit.acts import Act
from clearance.access import Actor
from clearance.clock import today
from clearance.noting import note
from disclosure import services
from disclosure.asking import Statement
from disclosure.services import Told, Withheld
from vault.keys import derive

from ..models import Briefing, Reply
from ..queries.board import Firm, insist
from ..queries.counts import about, dataset

__all__ = ["Withheld", "tell"]


@transaction.atomic
def tell(*, actor: Actor, briefing: Briefing, kind: str, firms: Iterable[Firm]) -> Told:
    """Tell that so many firms or more gave this answer. The same again draws nothing.

    Raises Http404 for whoever does not run the briefing; Withheld where too few firms, or nearly all, stand behind it;
    disclosure.services.Overtaken.
    """
    insist(actor, briefing)
    chosen, all_of_them = Reply.Kind(kind), list(firms)
    asked = Statement(
        about=about(briefing, chosen),
        sources=sorted(str(firm.organisation.pk) for firm in all_of_them if firm.stance == chosen),
        universe=sorted(str(firm.organisation.pk) for firm in all_of_them),
    )
    told = services.release(dataset=dataset(briefing), asked=asked, key=derive("disclosure"), day=today())
    note(actor, Act.BRIEFING_COUNTS, briefing, kind=chosen.value, release=str(told.release.pk))
    return told
