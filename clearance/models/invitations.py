"""招待: a steward asks somebody to join a circle, in their own right or for their organisation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Organisation, Person

from .circles import Circle, Role

OPEN_FOR = timedelta(days=14)


def two_weeks_from_now() -> datetime:
    return timezone.now() + OPEN_FOR


class CircleInvitationQuerySet(models.QuerySet["CircleInvitation"]):
    def open(self, at: datetime) -> CircleInvitationQuerySet:
        """Those that wait for an answer at the moment `at`."""
        return self.filter(accepted_at__isnull=True, declined_at__isnull=True, withdrawn_at__isnull=True, until__gt=at)


class CircleInvitation(models.Model):
    """One question to one person. With `organisation` they answer for it, and become its first named handler.

    Accepting writes the membership, which the person asked may not do themselves: `clearance_answer_invitation`
    does both (clearance/sql/invitations.sql), and ends whatever grant on `item` let them know what they were
    invited to.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    circle = models.ForeignKey(Circle, models.CASCADE, related_name="invitations")
    person = models.ForeignKey(Person, models.CASCADE, related_name="circle_invitations", verbose_name=_("招待する方"))
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("招待する組織")
    )
    role = models.CharField(_("役割"), max_length=12, choices=Role.choices, default=Role.PARTICIPANT)
    item = models.UUIDField(null=True, blank=True, editable=False)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("招待した方"))
    created = models.DateTimeField(default=timezone.now, editable=False)
    until = models.DateTimeField(_("回答期限"), default=two_weeks_from_now)
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    declined_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar = CircleInvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("共有範囲への招待")
        verbose_name_plural = _("共有範囲への招待")
        ordering: ClassVar = ["-created", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["person", "-created"]),
            models.Index(fields=["circle", "-created"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gt=F("created")), name="circleinvitation_dates"),
            models.CheckConstraint(
                condition=~Q(role="STEWARD", organisation__isnull=False),
                name="circleinvitation_organisation_is_no_steward",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, declined_at__isnull=True)
                | Q(accepted_at__isnull=True, withdrawn_at__isnull=True)
                | Q(declined_at__isnull=True, withdrawn_at__isnull=True),
                name="circleinvitation_one_answer",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
