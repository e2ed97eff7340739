"""What the screens of documents share."""

from __future__ import annotations

from clearance.access import Actor
from clearance.forms.telling import ToldOn
from clearance.screens import Request, page, screens

from ..models import Document
from ..places import Place, places
from ..queries.listing import waiting_level

__all__ = ["Request", "ToldOn", "page", "place_of", "screen"]

screen = screens(
    step_up="documents/step_up.html", unreadable="documents/unreadable.html", home="documents:index",
    waiting=waiting_level,
)  # fmt: skip


def place_of(actor: Actor, document: Document) -> Place | None:
    """Where a document lies, as the actor knows it."""
    return places(actor, {document.circle_id}).get(document.circle_id)
