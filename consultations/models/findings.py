"""A finding: what several cases say together, written so that none of them is exposed.

Its text is sealed as a case is: under a fresh key, wrapped to each officer who may read all the cases it is drawn from.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from intake.models import Case


class Finding(models.Model):
    """A draft until somebody else than its author has approved it, and released into a room after that."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("下書き")
        ASKED = "ASKED", _("確認待ち")
        APPROVED = "APPROVED", _("確認済み")
        RELEASED = "RELEASED", _("公開済み")
        DROPPED = "DROPPED", _("取りやめ")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    state = models.CharField(_("状態"), max_length=8, choices=State.choices, default=State.DRAFT)
    sealed = models.BinaryField()
    revision = models.PositiveIntegerField(default=1)
    drafted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    drafted_on = models.DateField()
    approved_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)
    approved_on = models.DateField(null=True, blank=True)
    released_on = models.DateField(null=True, blank=True)
    released_as = models.CharField(max_length=8, blank=True)

    class Meta:
        verbose_name = _("知見")
        verbose_name_plural = _("知見")
        ordering: ClassVar = ["-drafted_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(approved_by=None, approved_on=None, state__in=["DRAFT", "ASKED", "DROPPED"])
                | Q(approved_by__isnull=False, approved_on__isnull=False, state__in=["APPROVED", "RELEASED", "DROPPED"])
                & ~Q(approved_by=models.F("drafted_by")),
                name="finding_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="RELEASED", released_on__isnull=False) | ~Q(state="RELEASED") & Q(released_on=None),
                name="finding_released_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class FindingEnvelope(models.Model):
    """The key of a finding, sealed to one officer's public key."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    finding = models.ForeignKey(Finding, models.CASCADE, related_name="envelopes")
    key_id = models.UUIDField()
    wrapped = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["finding", "key_id"], name="findingenvelope_once_a_reader")
        ]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.key_id}"


class FindingSource(models.Model):
    """One of the cases a finding is drawn from. It names the case to whoever may read both alone."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    finding = models.ForeignKey(Finding, models.CASCADE, related_name="sources")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["finding", "case"], name="findingsource_once")]

    def __str__(self) -> str:
        return f"{self.finding_id} {self.case_id}"
