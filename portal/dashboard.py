"""The first page: my rooms, what is new, what waits for me. Each app is asked for its part, whatever else there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect

from audit.acts import Act
from audit.services import record
from briefings.queries import drafts
from briefings.queries.page import unseen
from clearance.access import Actor, newest
from clearance.clock import last_day, moment
from clearance.models import Marked
from clearance.queries import organisations, people
from clearance.screens import Request, page
from consultations.queries import board, custody
from dialogues.queries import invitations, me, rooms
from dialogues.services.rooms import may_open
from documents.models import Document, RelabelRequest
from documents.places import Place, places
from documents.queries import relabelling
from documents.queries.listing import all_documents, title_of, waiting_level

ROOMS_SHOWN = 6
DOCUMENTS_SHOWN = 6
REQUESTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Paper:
    """A new document by its title and where it lies; `title` is None where it does not open."""

    document: Document
    title: str | None
    place: Place | None


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends soon: one's own authorisation, and for the clearance officer how many of the register's."""

    own: date | None = None
    people: int = 0
    organisations: int = 0


def home(request: Request) -> HttpResponse:
    """The dashboard; whoever is not signed in goes to the sign-in page."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    actor = request.actor
    invited, requests = invitations.waiting_for(actor), requests_to_answer(actor)
    listed, papers = rooms.listed(actor, limit=ROOMS_SHOWN), newest_papers(actor)
    shown: list[Marked] = [*(paper.document for paper in papers), *listed, *(each.document for each in requests)]
    note_home(actor=actor, shown=[*shown, *(each.room for each in invited if each.room)])
    return page(
        request,
        "portal/home.html",
        {
            "actor": actor,
            "step_up_to": waiting_level(actor),
            "invited": invited,
            "requests": requests,
            "ending": ending(actor),
            "desks": custody.to_see_to(actor),
            "concerns": board.waiting(actor),
            "reviews": drafts.waiting_for_review(actor),
            "retracted": unseen(actor),
            "rooms": listed,
            "may_open": may_open(actor),
            "papers": papers,
        },
    )


def note_home(*, actor: Actor, shown: Sequence[Marked]) -> None:
    """The first page was shown: a list of titles and names, noted as high as the highest of them."""
    record(
        actor=actor, act=Act.HOME_LIST, level=max((marked.level for marked in shown), default=0),
        detail={"shown": len(shown)},
    )  # fmt: skip


def newest_papers(actor: Actor) -> list[Paper]:
    """The newest documents the actor may read, with the rooms they lie in."""
    found = newest(actor, all_documents(), limit=DOCUMENTS_SHOWN)
    named = places(actor, {document.circle_id for document in found})
    return [Paper(document, title_of(document), named.get(document.circle_id)) for document in found]


def requests_to_answer(actor: Actor) -> list[RelabelRequest]:
    """Requests for a wider marking that wait for this official: another's, in circles they write in."""
    if not actor.official:
        return []
    return relabelling.shown(relabelling.open_requests(actor).exclude(proposed_by=me(actor)), REQUESTS_SHOWN)


def ending(actor: Actor) -> Ending:
    """What ends within the next weeks (clearance.queries.states.SOON)."""
    own = last_day(people.ending_of(actor))
    if not actor.clearance_officer:
        return Ending(own)
    at = moment()
    return Ending(own, people.ending(at=at).count(), organisations.ending(at=at).count())
