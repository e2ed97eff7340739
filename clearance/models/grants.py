"""Grants on single items (知る必要性, 取扱者名簿), kept in guardian's direct-foreign-key models."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase
from uuid_utils.compat import uuid7

from accounts.models import Person


class ItemGrant(UserObjectPermissionBase):
    """A person's grant on one item. A concrete model adds `content_object`, a foreign key to the marked model."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True


class HandlerEntry(models.Model):
    """取扱者名簿: one line of an item's register; a line is struck, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item_id = models.UUIDField(db_index=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("取扱者"))
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    until = models.DateTimeField(null=True, blank=True)
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    struck_reason = models.CharField(_("抹消の理由"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("取扱者名簿の記載")
        verbose_name_plural = _("取扱者名簿の記載")
        ordering: ClassVar = ["entered_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item_id", "person"], condition=models.Q(struck_at__isnull=True), name="handlerentry_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.item_id)
