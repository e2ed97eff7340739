"""引上げ: how far two officers lifted somebody's daily limit of opened keys (clearance/limits.py)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Person


class LimitLift(models.Model):
    """So many keys more for one person, on the day it was asked: by one officer, answered by another."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("利用者"))
    day = models.DateField(_("日"))
    more = models.PositiveIntegerField(_("引き上げる件数"))
    reason = models.CharField(_("理由"), max_length=200)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    answered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    approved = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("一日の閲覧上限の引上げ")
        verbose_name_plural = _("一日の閲覧上限の引上げ")
        ordering: ClassVar = ["asked_at", "id"]
        indexes: ClassVar = [models.Index(fields=["person", "day"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(more__gt=0, more__lte=100_000_000), name="limitlift_by_something"
            ),
            models.CheckConstraint(
                condition=models.Q(answered_by__isnull=True, answered_at__isnull=True, approved=False)
                | models.Q(answered_by__isnull=False, answered_at__isnull=False),
                name="limitlift_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_by__isnull=True)
                | ~models.Q(answered_by=models.F("asked_by")) & ~models.Q(answered_by=models.F("person")),
                name="limitlift_by_two",
            ),
            models.UniqueConstraint(
                fields=["person", "day"], condition=models.Q(answered_by__isnull=True), name="limitlift_asked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}"
