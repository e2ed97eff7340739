"""The index of the search kept up; and letters about daily limits, which name nobody and nothing."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import mail
from accounts.models import Appointment, Person

from .search.laying import drop_common, lay_all

MOST_LAID = 5_000  # in one run, so that other work has its turn

TO_OFFICERS: dict[str, Promise] = {
    "reached": _("一日に閲覧できる件数の上限に達した利用者がいます。心当たりのない利用でないか、確認してください。"),
    "asked": _(
        "一日に閲覧できる件数の上限について、引上げの申請がありました。申請した方とは別の保全責任者の回答が必要です。"
    ),
}
LIFTED = _("本日閲覧できる件数の上限が引き上げられました。続けてご利用いただけます。")


@shared_task
def tell_officers(what: str) -> None:
    """Write to every clearance officer. `what`: a key of TO_OFFICERS."""
    officers = Appointment.objects.in_force(timezone.now()).filter(duty=Appointment.Duty.CLEARANCE_OFFICER)
    for officer in _reachable().filter(pk__in=officers.values("person")):
        _write(officer, TO_OFFICERS[what], reverse("clearance:limits"))


@shared_task
def tell_lifted(person_id: str) -> None:
    """Tell a person that they may open more today."""
    if person := _reachable().filter(pk=UUID(person_id)).first():
        _write(person, LIFTED, "/")


def _reachable() -> QuerySet[Person]:
    return Person.objects.filter(is_active=True, organisation__active=True)


def _write(person: Person, what: Promise, path: str) -> None:
    mail.send("clearance/mail/limit", person, {"what": what, "url": settings.ORIGIN + path})


@shared_task(ignore_result=True)
def lay_tokens() -> None:
    """Lay the tokens of what is new or changed. What one run leaves the next one finds."""
    lay_all(most=MOST_LAID)


@shared_task(ignore_result=True)
def drop_common_tokens() -> None:
    """Find the grams that nearly everything has, and take them out of the index."""
    drop_common()
