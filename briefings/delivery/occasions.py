"""What there is to tell: noted in the transaction that publishes or retracts, given out to whom it concerns by the
worker.

Whether somebody is told depends on nothing but what they may read themselves, at that moment and again at each try.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.assurance import Assurance
from clearance.access import Actor, visible_to
from clearance.clock import moment, today
from clearance.context import acting
from dialogues.queries import me

from .. import database
from ..models import Briefing, Delivery, Hook, MailWish, Notice, Occasion, Portion, Told
from ..queries import feed
from . import hooks_on, mail_on
from .waiting import digest_after

Kind = Occasion.Kind
Wish = MailWish.Wish
AT_A_TIME = 20  # occasions a run of the worker gives out

# By which choice of a hook's owner each is told.
TOLD_AS: dict[str, str] = {
    Kind.NEW: Told.NEW,
    Kind.CORRECTED: Told.CORRECTED,
    Kind.RETRACTED: Told.RETRACTED,
    Kind.REMINDER: Told.REMINDER,
    Kind.OVERDUE: Told.REMINDER,
}


def published(briefing: Briefing, portions: Sequence[Portion]) -> None:
    """A briefing was published, or some of its sections came and went."""
    if portions and portions[0].created == briefing.created:
        note(Kind.NEW, briefing.pk, briefing.created)
        return
    # Of a correction that brought no section: when some last ended, or what is said of the whole was last corrected.
    ended = [portions[0].created] if portions else [_last_end(briefing), briefing.changed_at]
    if at := max((each for each in ended if each), default=None):
        note(Kind.CORRECTED, briefing.pk, at)


def retracted(briefing: UUID) -> None:
    note(Kind.RETRACTED, briefing, moment())


def note(kind: str, about: UUID, at: datetime) -> None:
    """Noted once, however often it is said."""
    if hooks_on() or mail_on():
        Occasion.objects.bulk_create([Occasion(kind=kind, about=about, at=at)], ignore_conflicts=True)


def spread_due() -> int:
    """Lay a delivery for each hook and letter that each occasion calls for; how many occasions were given out.

    May run any number of times, anywhere at once: an occasion is in the hands of one.
    """
    _tell_late_readers()
    waiting = Occasion.objects.filter(spread_at__isnull=True).order_by("at", "id")
    return sum(_spread(key) for key in waiting.values_list("pk", flat=True)[:AT_A_TIME])


@transaction.atomic
def _tell_late_readers() -> None:
    """Whoever was being shown a briefing while it was retracted is told as well, after the others if need be."""
    if late := database.tell_readers():
        Occasion.objects.filter(kind=Kind.RETRACTED, about__in=late).update(spread_at=None)


@transaction.atomic
def _spread(key: UUID) -> bool:
    rows = Occasion.objects.select_for_update(skip_locked=True)
    occasion = rows.filter(pk=key, spread_at__isnull=True).first()
    if occasion is None:
        return False
    for person in database.whom(key):
        with as_reader(person) as actor:
            if concerns(actor, occasion):
                _lay(person, occasion)
    Occasion.objects.filter(pk=key).update(spread_at=timezone.now())
    return True


@contextmanager
def as_reader(person: UUID) -> Iterator[Actor]:
    """In the person's own context, as far as they could read with their second factor."""
    now = timezone.now()
    with acting(person=person, assurance=Assurance(now, now, None)) as actor:
        yield actor


def concerns(actor: Actor, occasion: Occasion) -> bool:
    """Whether it is something of what the person may read at this moment."""
    if not actor.signed_in:  # gone meanwhile, or their organisation
        return False
    if occasion.kind == Kind.RETRACTED:
        return Notice.objects.filter(person_id=me(actor), about=occasion.about, seen_at__isnull=True).exists()
    found = feed.visible(actor).filter(pk=occasion.about).first()
    if found is None:
        return False
    if occasion.kind == Kind.NEW:
        return True
    if occasion.kind == Kind.CORRECTED:
        if found.changed_at == occasion.at:  # what is said of the whole, every reader of it sees
            return True
        moved = Portion.objects.filter(Q(created=occasion.at) | Q(until=occasion.at), briefing=found)
        return visible_to(actor, moved).exists()
    return _owes(actor, found, overdue=occasion.kind == Kind.OVERDUE)


def still_news(actor: Actor, occasion: Occasion) -> bool:
    """For a letter: whether the person has not looked since by themselves. A hook's machine fetches by itself and is
    told whatever its owner has looked at."""
    if occasion.kind not in {Kind.NEW, Kind.CORRECTED}:
        return True
    found = feed.visible(actor).filter(pk=occasion.about).first()
    last = feed.standing(actor, [found])[found.pk].last if found else None
    return last is None or last < occasion.at


def _owes(actor: Actor, briefing: Briefing, *, overdue: bool) -> bool:
    by = briefing.acknowledge_by
    if by is None or (by < today()) is not overdue:
        return False
    return feed.standing(actor, [briefing])[briefing.pk].outstanding


def _last_end(briefing: Briefing) -> datetime | None:
    """When sections last ended: of a correction that only took some out."""
    found: datetime | None = Portion.objects.filter(briefing=briefing).aggregate(last=Max("until"))["last"]
    return found


def _lay(person: UUID, occasion: Occasion) -> None:
    now, kind = timezone.now(), Delivery.Kind(occasion.kind)
    given = {"person_id": person, "occasion": occasion, "kind": kind}
    rows = []
    if hooks_on():
        hooks = Hook.objects.filter(
            person_id=person, state=Hook.State.ACTIVE, kinds__contains=[TOLD_AS[occasion.kind]]
        )  # fmt: skip
        rows += [Delivery(hook=hook, next_attempt=now, **given) for hook in hooks.order_by("pk")]
    wish = wish_of(person)
    if mail_on() and (wish != Wish.NONE or occasion.kind == Kind.OVERDUE):
        rows.append(Delivery(next_attempt=digest_after(now) if wish == Wish.DAILY else now, **given))
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def wish_of(person: UUID) -> str:
    """How the person wants letters; at once where they chose nothing."""
    return MailWish.objects.filter(pk=person).values_list("wish", flat=True).first() or Wish.AT_ONCE
