"""How long a case is kept: taken in, dated by their last movement, destroyed after their day, with a noted consent."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery

from audit.acts import Act
from audit.services import SYSTEM, Happening, record_each
from clearance.clock import today
from intake.models import Case, Entry
from vault import blobs

from . import case_database as database
from .models.cases import CaseFile

TARGET = "intake.case"
A_BATCH = 200
# What the sender said on the last day may lie in the intake's spool for up to a day before it is carried in: nothing
# goes before it must have come (sql/cases.sql has the same two days).
LATEST = timedelta(days=2)


@transaction.atomic
def take_in() -> int:
    """Open a file for each case without one; how many. Run twice at once, one of the two finds them there."""
    new = list(Case.objects.filter(file=None).values_list("pk", "received_on")[:A_BATCH])
    known = set(CaseFile.objects.filter(pk__in=[key for key, _on in new]).values_list("pk", flat=True))
    files = [CaseFile(case_id=key, destroy_on=kept_until(on)) for key, on in new if key not in known]
    CaseFile.objects.bulk_create(files, ignore_conflicts=True)
    acts = [Happening(act=Act.CONSULTATION_TAKE_IN, target_type=TARGET, target_id=file.pk) for file in files]
    record_each(actor=SYSTEM, happenings=acts)
    return len(files)


def kept_until(last_movement: date) -> date:
    """When a case that nobody takes up is destroyed: so many days after the last thing said in it."""
    return last_movement + timedelta(days=settings.CONSULTATION_KEPT_DAYS)


@transaction.atomic
def move_dates() -> int:
    """Whatever was said since in a case moves its date on, and takes back warnings and consent; how many moved."""
    last = Entry.objects.filter(case=OuterRef("case"), shared=True).order_by("-place").values("day")[:1]
    dated = CaseFile.objects.filter(destroy_on__isnull=False).annotate(moved=Subquery(last))
    # Asked for early: only what was said after the asking counts.
    due = dated.filter(Q(destroy_asked_on=None) | Q(moved__gt=F("destroy_asked_on")))
    count = 0
    for file in due.filter(moved__isnull=False).select_for_update(of=("self",)):
        until = kept_until(file.moved)
        if file.destroy_on is None or until > file.destroy_on:
            changed = {
                "destroy_on": until, "destroy_asked_on": None, "warned_first_on": None, "warned_last_on": None,
                "consent_reference": "", "consent_by": None, "consent_on": None,
            }  # fmt: skip
            count += CaseFile.objects.filter(pk=file.pk).update(**changed)
    return count


def destroy_due() -> int:
    """Destroy what was due, warned of and consented to; how many. Each in a transaction of its own."""
    on = today() - LATEST
    due = CaseFile.objects.filter(destroy_on__lte=on, warned_last_on__isnull=False, taken_up_on=None)
    return sum(_destroy(case) for case in due.exclude(consent_reference="").values_list("pk", flat=True)[:A_BATCH])


@transaction.atomic
def _destroy(case: UUID) -> bool:
    """Its files go once its rows are gone for good; those a crash leaves behind belong to nobody, and are swept."""
    names = database.destroy(case)
    if names is None:
        return False
    act = Happening(act=Act.CONSULTATION_DESTROY, target_type=TARGET, target_id=case, detail={"files": len(names)})
    record_each(actor=SYSTEM, happenings=[act])
    transaction.on_commit(lambda: _remove(names))
    return True


def _remove(names: list[str]) -> None:
    for name in names:
        blobs.delete(name)
