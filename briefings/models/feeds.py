"""機械向け配信: what machines fetch, the accounts they fetch it with, when each thing reached each of them, and what
they send in."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Organisation, Person
from clearance.models import Marked, Marking, UnderMarking
from vault.fields import SealedTextField

from .briefings import Briefing
from .drafts import Draft

LONGEST_LIFE = timedelta(days=366)
LONGEST_OBJECT = 400_000


class StixObject(Marked):
    """One version of one STIX object, in the circle of the briefing's audience.

    `source` says what it was made of, so that a correction finds it whatever key made its id. What no briefing hangs on
    (the identity, the marking definitions) is there once a circle and marking. `until` is when a newer version took its
    place; `gone`, that a correction left it out.
    """

    stix_id = models.CharField(max_length=100, db_index=True, editable=False)
    type = models.CharField(max_length=40, editable=False)
    version = models.DateTimeField(editable=False)
    first = models.BooleanField(default=True, editable=False)
    until = models.DateTimeField(null=True, editable=False)
    gone = models.BooleanField(default=False, editable=False)
    source = models.UUIDField(db_index=True, editable=False)
    briefing = models.ForeignKey(Briefing, models.PROTECT, related_name="stix_objects", null=True, editable=False)
    body = SealedTextField(max_plain_length=LONGEST_OBJECT)

    class Meta(Marked.Meta):
        verbose_name = _("配信するオブジェクト")
        verbose_name_plural = _("配信するオブジェクト")

    def __str__(self) -> str:
        return self.stix_id


class ServiceAccount(models.Model):
    """機械用アカウント: a person of its own that is a machine. It signs in nowhere; its tokens open /taxii2/ alone."""

    person = models.OneToOneField(Person, models.PROTECT, primary_key=True, related_name="service_account")
    purpose = models.CharField(_("用途"), max_length=200)
    keeper = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("管理する組織"), db_index=False
    )
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("作成者"), db_index=False)
    created = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("機械用アカウント")
        verbose_name_plural = _("機械用アカウント")
        ordering: ClassVar = ["-created", "-person_id"]

    def __str__(self) -> str:
        return str(self.pk)


class ServiceToken(models.Model):
    """機械用トークン: 256 random bits, shown once and kept as their SHA-256."""

    class Scope(models.TextChoices):
        READ = "read", _("受信")
        WRITE = "write", _("提出")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(ServiceAccount, models.PROTECT, related_name="tokens")
    hash = models.BinaryField(unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=5, choices=Scope.choices))
    collections = ArrayField(models.UUIDField(), default=list, blank=True)  # none named: all
    since = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("有効期限"))
    revoked_at = models.DateTimeField(null=True)
    last_used = models.DateField(null=True)
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("機械用トークン")
        verbose_name_plural = _("機械用トークン")
        ordering: ClassVar = ["-since", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("since"), expires_at__lte=F("since") + LONGEST_LIFE),
                name="servicetoken_for_a_year_at_most",
            ),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=["read", "write"]) & ~Q(scopes=[]), name="servicetoken_scopes"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()


class Arrival(models.Model):
    """That an object became visible to an account, and when: noted at its first poll after that. No two of an account
    arrive at one moment, so that the moment is the place in its feed too."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(ServiceAccount, models.CASCADE, related_name="arrivals", db_index=False)
    object = models.ForeignKey(StixObject, models.CASCADE, related_name="arrivals", db_index=False)
    marking = models.ForeignKey(Marking, models.PROTECT, related_name="+", db_index=False)
    released = models.DateTimeField()

    class Meta:
        verbose_name = _("配信の記録")
        verbose_name_plural = _("配信の記録")
        ordering: ClassVar = ["released"]
        indexes: ClassVar = [
            models.Index(fields=["account", "marking", "released"], include=["object"], name="arrival_of_account"),
        ]
        constraints: ClassVar = [models.UniqueConstraint(fields=["object", "account"], name="arrival_once")]

    def __str__(self) -> str:
        return str(self.pk)


class FeedState(models.Model):
    """How far an account's arrivals were noted, and with which reach (briefings_take_in)."""

    account = models.OneToOneField(ServiceAccount, models.CASCADE, primary_key=True, related_name="+")
    digest = models.BinaryField()
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name = _("配信の状態")
        verbose_name_plural = _("配信の状態")

    def __str__(self) -> str:
        return str(self.pk)


class Submission(UnderMarking):
    """提出: what an account sent in, under the marking of the collection it sent it to. Officials of the organisation
    that keeps the account look at it, as far as they may read that marking; nobody else ever does."""

    account = models.ForeignKey(ServiceAccount, models.PROTECT, related_name="submissions")
    keeper = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    created = models.DateTimeField(default=timezone.now)

    class Meta(UnderMarking.Meta):
        verbose_name = _("提出")
        verbose_name_plural = _("提出")
        ordering: ClassVar = ["-created", "-id"]

    def __str__(self) -> str:
        return str(self.pk)


class Submitted(models.Model):
    """One object of a submission, and what became of it: what was taken is the beginning of a draft of officials'."""

    class State(models.TextChoices):
        WAITING = "WAITING", _("確認待ち")
        TAKEN = "TAKEN", _("受理")
        REFUSED = "REFUSED", _("不受理")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="objects_sent")
    stix_id = models.CharField(max_length=100)
    version = models.DateTimeField()
    body = SealedTextField(via="submission", max_plain_length=LONGEST_OBJECT)
    state = models.CharField(_("状態"), max_length=8, choices=State.choices, default=State.WAITING)
    answered_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, db_index=False)
    answered_at = models.DateTimeField(null=True)
    draft = models.ForeignKey(Draft, models.PROTECT, related_name="+", null=True, editable=False)

    class Meta:
        verbose_name = _("提出されたオブジェクト")
        verbose_name_plural = _("提出されたオブジェクト")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=["WAITING", "TAKEN", "REFUSED"]), name="submitted_state"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
