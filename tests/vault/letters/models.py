"""Rows for the vault's tests: one with an item key, one sealed under its parent's, one under its grandparent's."""

from __future__ import annotations

from django.db import models
from uuid_utils.compat import uuid7

from vault.fields import SealedBytesField, SealedJSONField, SealedTextField
from vault.keys import Label
from vault.models import SealedModel


class Letter(SealedModel):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    marking = models.CharField(max_length=100, default="HI//SEMICON")
    level = models.IntegerField(default=2)
    comp_mask = models.BigIntegerField(default=1)
    release_mask = models.BigIntegerField(default=-1)
    note = models.CharField(max_length=100, blank=True)
    early = SealedTextField(blank=True)
    early.creation_counter = -1000  # written before the key's own columns
    title = SealedTextField(max_plain_length=20)
    body = SealedTextField(max_plain_length=5000, blank=True)
    facts = SealedJSONField(null=True, blank=True)
    file_key = SealedBytesField(null=True, max_plain_length=64)

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def seal_label(self) -> Label:
        return Label(self.marking, self.level, self.comp_mask, self.release_mask)

    @classmethod
    def sealed_under(cls, marking: str) -> models.Q:
        return models.Q(marking=marking)


class Enclosure(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, models.CASCADE, related_name="enclosures")
    name = SealedTextField(via="letter")

    def __str__(self) -> str:
        return str(self.pk)


class Page(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    enclosure = models.ForeignKey(Enclosure, models.CASCADE)
    text = SealedTextField(via="enclosure.letter")

    def __str__(self) -> str:
        return str(self.pk)
