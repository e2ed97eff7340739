"""Who reads the desks' cases, with which keys, and who stands in for a forgotten passphrase.

A private key lies here sealed and in no other way: under its owner's passphrase, under a passkey of theirs, and for a
bounded time under a random key which only their browser's cookie holds. The database's policies (consultations/sql)
show each of these rows to the key's owner alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Person, Session
from intake.models import Case, Desk


def _in_force(at: datetime | None) -> Q:
    moment = at or timezone.now()
    return Q(since__lte=moment) & (Q(until__isnull=True) | Q(until__gt=moment))


class DeskOfficerQuerySet(models.QuerySet["DeskOfficer"]):
    def in_force(self, at: datetime | None = None) -> DeskOfficerQuerySet:
        return self.filter(_in_force(at))


class EscrowHolderQuerySet(models.QuerySet["EscrowHolder"]):
    def in_force(self, at: datetime | None = None) -> EscrowHolderQuerySet:
        return self.filter(_in_force(at))


class DeskOfficer(models.Model):
    """担当者: reads what is sent to a desk. Appointed and ended by the desks' manager."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="officers", verbose_name=_("窓口"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("担当者"))
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)
    appointed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)

    objects: ClassVar = DeskOfficerQuerySet.as_manager()

    class Meta:
        verbose_name = _("窓口の担当者")
        verbose_name_plural = _("窓口の担当者")
        ordering: ClassVar = ["desk", "since", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["desk", "person"], condition=Q(until__isnull=True), name="deskofficer_once_a_desk"
            ),
            models.CheckConstraint(condition=~Q(person=F("appointed_by")), name="deskofficer_by_another"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="deskofficer_dates"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class OfficerKey(models.Model):
    """The public half of an officer's or holder's key pair. Its id is the `key_id` of readers and envelopes."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    public = models.BinaryField()
    made = models.DateTimeField(default=timezone.now)
    retired = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("窓口の鍵")
        verbose_name_plural = _("窓口の鍵")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=Q(retired__isnull=True), name="officerkey_one_in_use"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Recovery(models.Model):
    """復旧: whoever forgot their passphrase asks two holders for their shares, sealed to this temporary key."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    key = models.ForeignKey(OfficerKey, models.CASCADE, related_name="+")
    public = models.BinaryField()
    asked = models.DateTimeField(default=timezone.now)
    closed = models.DateTimeField(null=True, blank=True)
    done = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("鍵の復旧")
        verbose_name_plural = _("鍵の復旧")
        ordering: ClassVar = ["asked", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=Q(closed__isnull=True), name="recovery_one_open"),
            models.CheckConstraint(condition=Q(done=False) | Q(closed__isnull=False), name="recovery_done_is_closed"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class KeyWrap(models.Model):
    """A private key, sealed under what its owner alone knows or holds: a passphrase or a passkey.

    It is the officer's key, or the temporary one of a recovery.
    """

    class Way(models.TextChoices):
        PASSPHRASE = "PASSPHRASE", _("パスフレーズ")
        PASSKEY = "PASSKEY", _("パスキー")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    key = models.ForeignKey(OfficerKey, models.CASCADE, related_name="wraps", null=True)
    recovery = models.ForeignKey(Recovery, models.CASCADE, related_name="wraps", null=True)
    way = models.CharField(max_length=10, choices=Way.choices, default=Way.PASSPHRASE)
    credential = models.CharField(max_length=1400, blank=True)  # a credential's id has up to 1,023 bytes (WebAuthn §4)
    name = models.CharField(max_length=100, blank=True)
    wrapped = models.BinaryField()
    made = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["made", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(key__isnull=True, recovery__isnull=False) | Q(key__isnull=False, recovery__isnull=True),
                name="keywrap_of_one_key",
            ),
            models.CheckConstraint(
                condition=Q(way="PASSPHRASE", credential="") | Q(way="PASSKEY", key__isnull=False) & ~Q(credential=""),
                name="keywrap_way",
            ),
            models.UniqueConstraint(fields=["key", "way", "credential"], name="keywrap_once_a_way"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class WrongPassphrase(models.Model):
    """That somebody gave a passphrase that opened nothing: five in a quarter of an hour, and they have to wait."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "at"])]

    def __str__(self) -> str:
        return str(self.pk)


class Unlocking(models.Model):
    """A private key for the time it is unlocked, sealed under the random key in one browser's cookie.

    It ends with its session, whatever ends that: the database's own foreign key deletes it.
    """

    session = models.OneToOneField(Session, models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    key = models.ForeignKey(OfficerKey, models.CASCADE, related_name="+")
    sealed = models.BinaryField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.person_id)


class EscrowHolder(models.Model):
    """支え手: holds a share of each officer's key. Two together restore one; one alone opens nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("復旧を支える方"))
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)
    appointed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)

    objects: ClassVar = EscrowHolderQuerySet.as_manager()

    class Meta:
        verbose_name = _("復旧を支える方")
        verbose_name_plural = _("復旧を支える方")
        ordering: ClassVar = ["since", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person"], condition=Q(until__isnull=True), name="escrowholder_once"),
            models.CheckConstraint(condition=~Q(person=F("appointed_by")), name="escrowholder_by_another"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="escrowholder_dates"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class EscrowShare(models.Model):
    """One holder's share of an officer's private key, sealed to the holder's own key. `split` names the shares that
    belong together."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    key = models.ForeignKey(OfficerKey, models.CASCADE, related_name="shares")
    holder = models.ForeignKey(EscrowHolder, models.CASCADE, related_name="shares")
    holder_key = models.ForeignKey(OfficerKey, models.CASCADE, related_name="+")
    split = models.UUIDField()
    sealed = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key", "holder"], name="escrowshare_once_a_holder"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RecoveryAnswer(models.Model):
    """A holder's share, sealed anew to the temporary key of whoever asked."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    recovery = models.ForeignKey(Recovery, models.CASCADE, related_name="answers")
    holder = models.ForeignKey(EscrowHolder, models.CASCADE, related_name="+")
    split = models.UUIDField()
    sealed = models.BinaryField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recovery", "holder"], name="recoveryanswer_once_a_holder"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Barred(models.Model):
    """That a person stays out of a case for good: they were taken out of it, or took themselves out."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "person"], name="barred_once")]

    def __str__(self) -> str:
        return str(self.pk)


class Rekeying(models.Model):
    """That a case is to have new keys: somebody who had the present ones has left."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="rekeying")
    since = models.DateField()

    def __str__(self) -> str:
        return str(self.pk)
