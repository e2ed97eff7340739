"""共有範囲: who needs to know. A circle knows nothing of the rooms or briefings that are opened on it."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Organisation, Person

from .markings import Marking


def new_circle_id() -> int:
    """A random positive bigint: made by the client, unguessable, and half the width of a UUID in every array of
    circles."""
    return secrets.randbits(62) + 1


class Role(models.TextChoices):
    OBSERVER = "OBSERVER", _("閲覧のみ")
    PARTICIPANT = "PARTICIPANT", _("参加者")
    STEWARD = "STEWARD", _("運営担当")


class Circle(models.Model):
    """The people and organisations with a need to know, and the highest marking that may lie in it.

    A closed circle is read as before; nothing is written in it and nobody let in any more (`clearance_close_circle`).
    """

    id = models.BigIntegerField(primary_key=True, default=new_circle_id, editable=False)
    ceiling = models.ForeignKey(Marking, models.PROTECT, related_name="+", verbose_name=_("取り扱う格付の上限"))
    everyone = models.BooleanField(_("全利用者"), default=False)
    created = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(_("終了日時"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("共有範囲")
        verbose_name_plural = _("共有範囲")
        ordering: ClassVar = ["-created", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(closed_at__isnull=False), name="circle_closed"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["everyone"], condition=Q(everyone=True), name="circle_one_for_everyone"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Membership(models.Model):
    """A dated tie to a circle; it is ended, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering: ClassVar = ["since", "id"]


class CircleMember(Membership):
    """A person in a circle in their own right."""

    circle = models.ForeignKey(Circle, models.CASCADE, related_name="members")
    person = models.ForeignKey(Person, models.CASCADE, related_name="circle_memberships")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.PARTICIPANT)

    class Meta(Membership.Meta):
        verbose_name = _("参加者")
        verbose_name_plural = _("参加者")
        indexes: ClassVar = [models.Index(fields=["person", "circle"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["circle", "person"], condition=Q(until__isnull=True), name="circlemember_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person_id)


class CircleOrganisation(Membership):
    """A whole organisation in a circle: level 0 reaches all of it, from level 1 up only its named handlers."""

    circle = models.ForeignKey(Circle, models.CASCADE, related_name="organisations")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="circle_memberships")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.PARTICIPANT)

    class Meta(Membership.Meta):
        verbose_name = _("参加組織")
        verbose_name_plural = _("参加組織")
        indexes: ClassVar = [models.Index(fields=["organisation", "circle"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["circle", "organisation"], condition=Q(until__isnull=True), name="circleorganisation_once"
            ),
            models.CheckConstraint(condition=~Q(role="STEWARD"), name="circleorganisation_is_no_steward"),
        ]

    def __str__(self) -> str:
        return str(self.organisation_id)


class NamedHandler(Membership):
    """社内の取扱者: whom a member organisation has named for this circle."""

    circle = models.ForeignKey(Circle, models.CASCADE, related_name="handlers")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="named_handlers")
    person = models.ForeignKey(Person, models.CASCADE, related_name="named_for")

    class Meta(Membership.Meta):
        verbose_name = _("社内の取扱者")
        verbose_name_plural = _("社内の取扱者")
        indexes: ClassVar = [models.Index(fields=["person", "circle"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["circle", "person"], condition=Q(until__isnull=True), name="namedhandler_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person_id)
