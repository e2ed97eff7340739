"""The office's side of a case: whose it is, what it is classed as, and what becomes of it.

Nothing here says what a case is about: whatever the office writes of that is a sealed entry beside the sender's.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from documents.models import Disposal, Retention
from intake.models import Case, Desk


class Classed(models.TextChoices):
    """What a case is in law: it decides which rules the officer is shown."""

    CONSULTATION = "CONSULTATION", _("相談")
    SUBCONTRACT = "SUBCONTRACT", _("取適法の申告")
    WHISTLEBLOWING = "WHISTLEBLOWING", _("公益通報")


class Outcome(models.TextChoices):
    """How a case ended, for the office; the sender is told in words."""

    ADVISED = "ADVISED", _("助言・情報提供")
    REFERRED = "REFERRED", _("ほかの機関を案内")
    ACTED = "ACTED", _("行政上の対応")
    NOTHING = "NOTHING", _("対応なし")
    WITHDRAWN = "WITHDRAWN", _("相談者による取下げ")
    MERGED = "MERGED", _("ほかの事案に統合")


def person(**options: object) -> models.ForeignKey[Person | None, Person | None]:
    """An officer that a column names, or nobody."""
    return models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True, **options)  # type: ignore[arg-type]


class CaseFile(models.Model):
    """The office's side of one case, made by the worker for each new one.

    `closed_place` is the place of the last shared entry when it was closed: whatever the sender says after it opens the
    case again. What `destroy_on` says holds only while nothing was taken up into the record.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="file")
    classed = models.CharField(_("区分"), max_length=14, choices=Classed.choices, default=Classed.CONSULTATION)
    triaged_on = models.DateField(null=True, blank=True)
    triaged_by = person()
    assignee = person()
    closed_on = models.DateField(null=True, blank=True)
    closed_by = person()
    closed_place = models.PositiveIntegerField(null=True, blank=True)
    outcome = models.CharField(_("結果"), max_length=9, choices=Outcome.choices, blank=True)
    merged_into = models.ForeignKey(Case, models.SET_NULL, related_name="+", null=True, blank=True)
    repeat_of = models.ForeignKey(Case, models.SET_NULL, related_name="+", null=True, blank=True)

    # The record data of a public document (行政文書); the name of its file is sealed, in a note of the case.
    taken_up_on = models.DateField(null=True, blank=True)
    taken_up_by = person()
    record_retention = models.CharField(_("保存期間"), max_length=3, choices=Retention.choices, blank=True)
    record_disposal = models.CharField(_("満了時の措置"), max_length=8, choices=Disposal.choices, blank=True)

    destroy_on = models.DateField(null=True, blank=True)
    destroy_asked_on = models.DateField(null=True, blank=True)
    warned_first_on = models.DateField(null=True, blank=True)
    warned_last_on = models.DateField(null=True, blank=True)
    consent_reference = models.CharField(_("廃棄の同意の文書番号"), max_length=100, blank=True)
    consent_by = person()
    consent_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("事案")
        verbose_name_plural = _("事案")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(classed__in=Classed.values), name="casefile_classed"),
            models.CheckConstraint(
                condition=Q(closed_on=None, closed_by=None, closed_place=None, outcome="")
                | Q(closed_on__isnull=False, closed_by__isnull=False, outcome__in=Outcome.values),
                name="casefile_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(taken_up_on=None, taken_up_by=None, record_retention="", record_disposal="")
                | Q(
                    taken_up_on__isnull=False,
                    taken_up_by__isnull=False,
                    record_retention__in=[value for value in Retention.values if value],
                    record_disposal__in=[value for value in Disposal.values if value],
                    destroy_on=None,
                ),
                name="casefile_taken_up_stays",
            ),
            models.CheckConstraint(
                condition=Q(consent_reference="", consent_by=None, consent_on=None)
                | Q(consent_on__isnull=False, consent_by__isnull=False, destroy_on__isnull=False)
                & ~Q(consent_reference=""),
                name="casefile_consent_whole",
            ),
            models.CheckConstraint(condition=~Q(merged_into=models.F("case")), name="casefile_merged_elsewhere"),
            models.CheckConstraint(condition=~Q(repeat_of=models.F("case")), name="casefile_repeats_another"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Tombstone(models.Model):
    """What stays of a destroyed case: that there was one, of what class, and by whose consent it went."""

    id = models.UUIDField(primary_key=True, editable=False)
    classed = models.CharField(max_length=14, choices=Classed.choices)
    received_on = models.DateField()
    destroyed_on = models.DateField()
    consent_reference = models.CharField(max_length=100)
    consent_on = models.DateField()

    class Meta:
        ordering: ClassVar = ["-destroyed_on", "id"]

    def __str__(self) -> str:
        return str(self.pk)


class AnswerTemplate(models.Model):
    """A desk's own wording for what is often answered. The office's text, without anything of a case."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    desk = models.ForeignKey(Desk, models.CASCADE, related_name="+", verbose_name=_("窓口"))
    title = models.CharField(_("題名"), max_length=80)
    body_ja = models.TextField(_("日本語の本文"), max_length=4000)
    body_en = models.TextField(_("英語の本文"), max_length=4000, blank=True)

    class Meta:
        verbose_name = _("ひな形")
        verbose_name_plural = _("ひな形")
        ordering: ClassVar = ["title", "id"]

    def __str__(self) -> str:
        return self.title


class Notified(models.Model):
    """That somebody was written to on a day: at most once for all that waits, and once more for what is urgent."""

    class What(models.TextChoices):
        WAITING = "WAITING", _("お知らせ")
        URGENT = "URGENT", _("急ぎのお知らせ")
        OVERDUE = "OVERDUE", _("期限超過のお知らせ")
        DESTROY = "DESTROY", _("廃棄の予告")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    day = models.DateField()
    what = models.CharField(max_length=7, choices=What.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "day", "what"], name="notified_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.what}"
