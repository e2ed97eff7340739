"""People, the duties they are appointed to, and the invitations that brought them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts import passwords

from .organisations import Organisation

MACHINES = "@machine.invalid"  # the addresses of machines, which sign in nowhere


class Person(AbstractBaseUser):
    """利用者: one human being, who acts for one organisation.

    E-mail address and organisation never change: whoever moves is invited anew, as somebody else. So an invitation
    cannot end up with another identity, and the web role holds no right to write these columns (accounts.tables).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("メールアドレス"), unique=True)
    password = models.CharField(_("パスワード"), max_length=400)  # sealed: longer than a bare hash
    name = models.CharField(_("氏名"), max_length=100)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people", verbose_name=_("組織"))
    title = models.CharField(_("役職"), max_length=100, blank=True)
    language = models.CharField(_("表示言語"), max_length=5, choices=settings.LANGUAGES, default="ja")
    is_active = models.BooleanField(_("有効"), default=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar = BaseUserManager["Person"]()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    # Required by third-party code written for Django's own user; nobody holds such power here.
    is_staff = False
    is_superuser = False

    class Meta:
        verbose_name = _("利用者")
        verbose_name_plural = _("利用者")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="person_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def person_id(self) -> UUID:
        """A person is the actor of their own sign-in, before there is any context (audit.services.Actor)."""
        return self.id

    @property
    def is_machine(self) -> bool:
        """Whether this is the account of a machine (briefings.models.ServiceAccount)."""
        return self.email.endswith(MACHINES)

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password = passwords.seal(self.id, self.password)

    def check_password(self, raw_password: str | None) -> bool:
        def upgrade(raw: str) -> None:
            self.set_password(raw)
            self._password = None  # keeps save() from announcing a password change
            self.save(update_fields=["password"])

        return passwords.matches(self.id, raw_password, self.password, upgrade)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        held = passwords.under_seal(self.id, self.password)
        return salted_hmac("accounts.person.session", held, secret=secret, algorithm="sha256").hexdigest()


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def in_force(self, at: datetime) -> AppointmentQuerySet:
        return self.filter(since__lte=at).filter(Q(until__isnull=True) | Q(until__gt=at))


class Appointment(models.Model):
    """A duty in the portal that a person is appointed to, with its dates. Written by the operator's command alone."""

    class Duty(models.TextChoices):
        OFFICIAL = "OFFICIAL", _("行政官")
        CLEARANCE_OFFICER = "CLEARANCE_OFFICER", _("保全責任者")
        AUDITOR = "AUDITOR", _("監査担当者")
        SECRETARY = "SECRETARY", _("団体事務局")
        DESK_MANAGER = "DESK_MANAGER", _("相談窓口責任者")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="appointments")
    duty = models.CharField(max_length=20, choices=Duty.choices)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("職務")
        verbose_name_plural = _("職務")
        ordering: ClassVar = ["person_id", "duty", "since"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="appointment_dates"),
        ]

    def __str__(self) -> str:
        return self.get_duty_display()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, at: datetime) -> InvitationQuerySet:
        return self.filter(used__isnull=True, withdrawn__isnull=True, expires__gt=at)


class Invitation(models.Model):
    """招待: the one time a person may set their first password, for this address and this organisation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    sent = models.DateTimeField(null=True)
    used = models.DateTimeField(null=True)
    withdrawn = models.DateTimeField(null=True)

    objects: ClassVar = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("招待")
        verbose_name_plural = _("招待")
        ordering: ClassVar = ["-created", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(expires__gt=F("created")), name="invitation_dates"),
            models.CheckConstraint(
                condition=Q(used__isnull=True) | Q(withdrawn__isnull=True), name="invitation_used_or_withdrawn"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
