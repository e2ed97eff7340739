"""Letters to the desks: that something waits. No case, no theme, no time; at most one a day of each kind to anybody."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import mail
from accounts.models import Appointment, Person
from clearance.clock import today
from intake.models import Envelope

from .clocks import clocks
from .clocks import overdue as late
from .models.cases import CaseFile, Notified
from .models.custody import OfficerKey
from .queries.board import Waits, cases

FIRST_WARNING, LAST_WARNING = timedelta(days=30), timedelta(days=7)
What = Notified.What

TOLD: dict[str, Promise] = {
    What.WAITING: _("匿名相談に、窓口の対応を待っているものがあります。"),
    What.URGENT: _("匿名相談に、急いで確認していただきたいものがあります。"),
    What.OVERDUE: _("匿名相談に、期限を過ぎたものがあります。"),
    What.DESTROY: _("匿名相談に、廃棄の予定日が近いものがあります。残す必要があるかどうかを確認してください。"),
}


def tell_urgent() -> None:
    """At once, to whoever reads something urgent that nobody has looked at."""
    _tell(What.URGENT, _readers(cases().filter(waits=Waits.NEW, case__urgent=True).values_list("pk", flat=True)))


def tell_waiting() -> None:
    """To whoever reads something that waits for the office."""
    _tell(What.WAITING, _readers(cases().filter(waits__in=(Waits.NEW, Waits.FOR_US)).values_list("pk", flat=True)))


def tell_overdue() -> None:
    """To the desks' managers, who read no case: how many are past a term."""
    if number := overdue(today()):
        _tell(What.OVERDUE, _managers(), count=number)


def overdue(on: date) -> int:
    """How many open cases are past one of their terms."""
    rows = cases().exclude(waits=Waits.CLOSED)
    found = rows.values_list("case__received_on", "case__urgent", "triaged_on", "answered_on")
    return sum(
        late(clocks(received, urgent=urgent, triaged=triaged, answered=answered), on)
        for received, urgent, triaged, answered in found
    )


@transaction.atomic
def warn() -> None:
    """Thirty days and seven days before a case is destroyed, tell its readers and the managers.

    The day is put off where a warning would come late: nobody has less than thirty days, or seven after the second.
    """
    on = today()
    open_to = CaseFile.objects.filter(taken_up_on=None, destroy_on__isnull=False).select_for_update()
    first = open_to.filter(warned_first_on=None, destroy_on__lte=on + FIRST_WARNING)
    last = open_to.filter(warned_first_on__lt=on, warned_last_on=None, destroy_on__lte=on + LAST_WARNING)
    warned: set[UUID] = set()
    for rows, name, before in ((first, "warned_first_on", FIRST_WARNING), (last, "warned_last_on", LAST_WARNING)):
        for file in rows:
            assert file.destroy_on is not None
            CaseFile.objects.filter(pk=file.pk).update(**{name: on, "destroy_on": max(file.destroy_on, on + before)})
            warned.add(file.pk)
    if warned:
        _tell(What.DESTROY, _readers(warned) | _managers())


def _readers(files: Iterable[UUID]) -> set[UUID]:
    """The people who open any of these cases today."""
    keys = Envelope.objects.filter(case__in=set(files)).values_list("key_id", flat=True)
    held = OfficerKey.objects.filter(pk__in=set(keys), retired__isnull=True)
    return set(held.values_list("person", flat=True))


def _managers() -> set[UUID]:
    duty = Appointment.objects.in_force(timezone.now()).filter(duty=Appointment.Duty.DESK_MANAGER)
    return set(duty.values_list("person", flat=True))


def _tell(what: str, people: Collection[UUID], *, count: int = 0) -> None:
    reachable = Person.objects.filter(pk__in=people, is_active=True, organisation__active=True)
    for person in reachable.order_by("pk"):
        _once(what, person, count)


def _once(what: str, person: Person, count: int) -> None:
    """A letter that cannot be handed on is not noted as sent: the next run sends it."""
    try:
        with transaction.atomic():
            Notified(person=person, day=today(), what=what).save(force_insert=True)
            manager = what == What.OVERDUE
            url = settings.ORIGIN + reverse("consultations:destruction" if manager else "consultations:index")
            mail.send("consultations/mail/waiting", person, {"what": TOLD[what], "count": count, "url": url})
    except IntegrityError:
        return
