"""Briefings: for whom, in the making, as published, and what their readers did."""

from .audiences import Audience, Bureau
from .briefings import Briefing, Portion
from .drafts import Draft, Review, State
from .readers import Acknowledgement, Notice, Opening, Reply

__all__ = [
    "Acknowledgement",
    "Audience",
    "Briefing",
    "Bureau",
    "Draft",
    "Notice",
    "Opening",
    "Portion",
    "Reply",
    "Review",
    "State",
]
