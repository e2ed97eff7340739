"""Letters that something waits: one to a person for all that is due to them, with nothing in it but that."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import mail
from accounts.models import Person

from ..models import Delivery
from . import mail_on
from .occasions import as_reader, concerns, still_news
from .waiting import begin, spent

Kind, State, Reason = Delivery.Kind, Delivery.State, Delivery.Reason
SECONDS = 30.0

WAITING = _("円卓に、確認していただきたいものがあります。")
DUE = _("円卓に、確認の期限が近いもの、または期限を過ぎたものがあります。")
STOPPED = _("登録された通知先に送れない状態が続いたため、送信を休止しました。")
TOLD: dict[str, Promise] = {Kind.REMINDER: DUE, Kind.OVERDUE: DUE, Kind.STOPPED: STOPPED}


def post_due(at: datetime | None = None) -> int:
    """Send each person the letter that is due to them; how many people there were."""
    if not mail_on():
        return 0
    people, end = 0, time.monotonic() + SECONDS
    seen: set[UUID] = set()
    while time.monotonic() < end and (person := _next(at or timezone.now(), seen)):
        seen.add(person)
        if claimed := _claim(person, at or timezone.now()):
            people += 1
            _post(person, claimed)
    return people


def _next(at: datetime, seen: AbstractSet[UUID]) -> UUID | None:
    due = Delivery.objects.filter(hook__isnull=True, state=State.WAITING, next_attempt__lte=at)
    return due.exclude(person_id__in=seen).order_by("next_attempt", "id").values_list("person_id", flat=True).first()


@transaction.atomic
def _claim(person: UUID, at: datetime) -> list[Delivery]:
    """All of one person's, or none: two workers would else send two letters."""
    rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("occasion")
    due = {"person_id": person, "hook__isnull": True, "state": State.WAITING, "next_attempt__lte": at}
    claimed = list(rows.filter(**due).order_by("id"))
    for each in claimed:
        begin(each, at)
    return claimed


def _post(person: UUID, claimed: Iterable[Delivery]) -> None:
    standing = _standing(person, claimed)
    if not standing:
        return
    to = Person.objects.get(pk=person)
    said = list(dict.fromkeys(TOLD.get(each.kind, WAITING) for each in standing))
    try:
        mail.send("briefings/mail/waiting", to, {"said": said, "url": settings.ORIGIN})
    except (smtplib.SMTPException, OSError):
        _failed(standing)
        return
    keys = [each.pk for each in standing]
    Delivery.objects.filter(pk__in=keys).update(state=State.DELIVERED, reason=Reason.NONE)


def _standing(person: UUID, claimed: Iterable[Delivery]) -> list[Delivery]:
    """What of it still holds. The rest is forgotten: it was retracted, closed to them, or they looked by themselves."""
    standing: list[Delivery] = []
    void: list[Delivery] = []
    with as_reader(person) as actor:
        for each in claimed:
            about = each.occasion
            holds = actor.signed_in and (about is None or (concerns(actor, about) and still_news(actor, about)))
            (standing if holds else void).append(each)
    Delivery.objects.filter(pk__in=[each.pk for each in void]).delete()
    return standing


def _failed(standing: Iterable[Delivery]) -> None:
    for each in standing:
        state = State.DEAD if spent(each.attempts) else State.WAITING
        Delivery.objects.filter(pk=each.pk).update(state=state, reason=Reason.MAIL)
