"""Organisations, the people in them, and the duties they are appointed to."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


def corporate_number_check_digit(twelve: str) -> int:
    """The check digit of a 13-digit 法人番号 from its last twelve digits (国税庁告示: 9 − (Σ Pn×Qn mod 9))."""
    weighted = sum(int(digit) * (1 if n % 2 else 2) for n, digit in enumerate(reversed(twelve), start=1))
    return 9 - weighted % 9


def validate_corporate_number(value: str) -> None:
    """Raise unless `value` is 13 digits whose first is the check digit of the other twelve."""
    if len(value) != 13 or not value.isascii() or not value.isdigit():
        raise ValidationError(_("法人番号は13桁の数字で入力してください。"), code="format")
    if int(value[0]) != corporate_number_check_digit(value[1:]):
        raise ValidationError(_("法人番号の検査数字が合いません。入力した番号をご確認ください。"), code="check_digit")


class Organisation(models.Model):
    """組織: a ministry, an association, a company, a research institute."""

    class Kind(models.TextChoices):
        MINISTRY = "MINISTRY", _("府省庁")
        ASSOCIATION = "ASSOCIATION", _("業界団体")
        COMPANY = "COMPANY", _("企業")
        RESEARCH = "RESEARCH", _("研究機関")

    class Step(models.TextChoices):
        """Where in a supply chain the organisation stands."""

        NONE = "", _("該当なし")
        MATERIALS = "MATERIALS", _("素材")
        PARTS = "PARTS", _("部品")
        EQUIPMENT = "EQUIPMENT", _("製造装置")
        ASSEMBLY = "ASSEMBLY", _("組立・完成品")
        DISTRIBUTION = "DISTRIBUTION", _("流通・物流")
        USER = "USER", _("利用者")

    class Size(models.TextChoices):
        NONE = "", _("該当なし")
        SMALL = "SMALL", _("中小企業")
        MEDIUM = "MEDIUM", _("中堅企業")
        LARGE = "LARGE", _("大企業")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("種別"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("名称"), max_length=200)
    name_en = models.CharField(_("英語名称"), max_length=200, blank=True)
    corporate_number = models.CharField(
        _("法人番号"), max_length=13, unique=True, null=True, blank=True, validators=[validate_corporate_number]
    )
    sectors = models.JSONField(_("業種"), default=list, blank=True)
    step = models.CharField(_("供給網での段階"), max_length=12, choices=Step.choices, blank=True)
    region = models.CharField(_("地域"), max_length=40, blank=True)
    size = models.CharField(_("規模"), max_length=8, choices=Size.choices, blank=True)
    country = models.CharField(_("国"), max_length=2, default="JP", help_text=_("ISO 3166-1の2文字の国コード"))
    associations = models.ManyToManyField("self", symmetrical=False, related_name="members", blank=True)
    active = models.BooleanField(_("有効"), default=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("組織")
        verbose_name_plural = _("組織")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="organisation_country_code"),
            models.CheckConstraint(
                condition=Q(corporate_number__isnull=True) | Q(corporate_number__regex=r"^[0-9]{13}$"),
                name="organisation_corporate_number_digits",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ministry(self) -> bool:
        return self.kind == self.Kind.MINISTRY


class PersonManager(BaseUserManager["Person"]):
    """Creates people; there is no superuser in this portal."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> Person:
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """利用者: one human being, who acts for one organisation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("メールアドレス"), unique=True)
    name = models.CharField(_("氏名"), max_length=100)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people", verbose_name=_("組織"))
    title = models.CharField(_("役職"), max_length=100, blank=True)
    language = models.CharField(_("表示言語"), max_length=5, default="ja")
    is_active = models.BooleanField(_("有効"), default=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[PersonManager] = PersonManager()

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

    def __str__(self) -> str:
        return self.name


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

    def __str__(self) -> str:
        return self.get_duty_display()
