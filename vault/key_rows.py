"""The keys that lie in the database, each wrapped under the root key."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class MarkingKey(models.Model):
    """One version of the key under which the item keys of one marking are wrapped. Made on first use."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    marking = models.CharField(max_length=1000)
    version = models.PositiveIntegerField()
    wrapped = models.BinaryField()
    created = models.DateTimeField(default=timezone.now, editable=False)
    retired = models.DateTimeField(null=True, blank=True)  # wraps nothing from then on, and still opens
    destroyed = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("格付の鍵")
        verbose_name_plural = _("格付の鍵")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["marking", "version"], name="marking_key_version"),
            models.CheckConstraint(condition=Q(version__gte=1), name="marking_key_version_from_one"),
            # A destroyed key is gone, not merely marked so.
            models.CheckConstraint(
                condition=Q(destroyed__isnull=True) | Q(wrapped=b""), name="marking_key_destroyed_is_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.marking} v{self.version}"


class SigningKey(models.Model):
    """An Ed25519 key pair: the private part wrapped under the root key, the public part attested by it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveIntegerField(unique=True)
    public = models.BinaryField()
    attestation = models.BinaryField()
    wrapped = models.BinaryField()
    created = models.DateTimeField(default=timezone.now, editable=False)
    retired = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("署名鍵")
        verbose_name_plural = _("署名鍵")

    def __str__(self) -> str:
        return f"Ed25519 {self.number}"
