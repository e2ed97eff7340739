"""Briefings: for whom, in the making, as published, and what their readers did."""

from .audiences import Audience, Bureau
from .briefings import Briefing, Former, Portion
from .drafts import Draft, Review, State
from .feeds import Arrival, FeedState, ServiceAccount, ServiceToken, StixObject, Submission, Submitted
from .hooks import Delivery, Hook, MailWish, Occasion, Told
from .interests import Interests
from .readers import Acknowledgement, Notice, Opening, Reply

__all__ = [
    "Acknowledgement",
    "Arrival",
    "Audience",
    "Briefing",
    "Bureau",
    "Delivery",
    "Draft",
    "FeedState",
    "Former",
    "Hook",
    "Interests",
    "MailWish",
    "Notice",
    "Occasion",
    "Opening",
    "Portion",
    "Reply",
    "Review",
    "ServiceAccount",
    "ServiceToken",
    "State",
    "StixObject",
    "Submission",
    "Submitted",
    "Told",
]
