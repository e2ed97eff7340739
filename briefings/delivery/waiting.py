"""How long is waited after each try that failed, and when it is enough."""

from __future__ import annotations

import secrets
from datetime import datetime, time, timedelta

from django.utils import timezone

from clearance.clock import start_of

from ..models import Delivery

# After the first try a minute; after the seventh nothing more: a day and a half in all.
PAUSES = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6),
    timedelta(hours=24),
)  # fmt: skip
TRIES = len(PAUSES) + 1
JITTER = 10  # per cent: what failed at one moment does not come back at one moment
DIGEST = time(8, 30)


def after(attempts: int, at: datetime) -> datetime:
    """When to try again after so many tries, the last of them begun at `at`; also the moment until which nobody else
    takes it up."""
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    return at + pause * (1 + secrets.randbelow(JITTER * 100) / 10_000)


def begin(claimed: Delivery, at: datetime) -> None:
    """Count a try of what was claimed, and put the next one off."""
    claimed.attempts += 1
    claimed.next_attempt = after(claimed.attempts, at)
    claimed.save(update_fields=["attempts", "next_attempt"])


def spent(attempts: int) -> bool:
    """Whether there is no further try."""
    return attempts >= TRIES


def digest_after(at: datetime) -> datetime:
    """When the next letter of the day goes out."""
    today = start_of(timezone.localdate(at)) + timedelta(hours=DIGEST.hour, minutes=DIGEST.minute)
    return today if at < today else today + timedelta(days=1)
