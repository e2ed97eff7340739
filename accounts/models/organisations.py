"""Organisations, their memberships of associations, and dated facts on who controls them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from uuid_utils.compat import uuid7

from accounts.corporate_number import validate_corporate_number
from accounts.sectors import Region, Sector, country_name, validate_sectors


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
        USER = "USER", pgettext_lazy("supply chain", "利用者")

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
    sectors = models.JSONField(_("業種"), default=list, blank=True, validators=[validate_sectors])
    step = models.CharField(_("供給網での段階"), max_length=12, choices=Step.choices, blank=True)
    region = models.CharField(_("地域"), max_length=40, choices=Region.choices, blank=True)
    size = models.CharField(_("規模"), max_length=8, choices=Size.choices, blank=True)
    country = models.CharField(_("国・地域"), max_length=2, default="JP", help_text=_("ISO 3166-1の2文字の国コード"))
    associations = models.ManyToManyField(
        "self",
        symmetrical=False,
        related_name="members",
        blank=True,
        through="Membership",
        through_fields=("member", "association"),
        verbose_name=_("加入団体"),
    )
    active = models.BooleanField(_("有効"), default=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("組織")
        verbose_name_plural = _("組織")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(country__regex=r"^[A-Z]{2}$"), name="organisation_country_code"),
            models.CheckConstraint(
                condition=Q(corporate_number__isnull=True) | Q(corporate_number__regex=r"^[1-9][0-9]{12}$"),
                name="organisation_corporate_number_digits",
            ),
            models.CheckConstraint(
                condition=Q(corporate_number__isnull=True) | Q(country="JP"),
                name="organisation_corporate_number_is_japanese",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["MINISTRY", "ASSOCIATION", "COMPANY", "RESEARCH"]), name="organisation_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ministry(self) -> bool:
        return self.kind == self.Kind.MINISTRY

    @property
    def sector_names(self) -> list[str]:
        return [str(Sector(code).label) if code in Sector.values else str(code) for code in self.sectors]

    @property
    def country_name(self) -> str:
        return country_name(self.country)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, at: datetime) -> MembershipQuerySet:
        return self.filter(since__lte=at).filter(Q(until__isnull=True) | Q(until__gt=at))


class Membership(models.Model):
    """加入: that an organisation belongs to an association, with its dates."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    association = models.ForeignKey(
        Organisation, models.CASCADE, related_name="memberships_held", verbose_name=_("団体")
    )
    member = models.ForeignKey(Organisation, models.CASCADE, related_name="memberships", verbose_name=_("会員"))
    since = models.DateTimeField(_("加入日"), default=timezone.now)
    until = models.DateTimeField(_("脱退日"), null=True, blank=True)

    objects: ClassVar = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("団体への加入")
        verbose_name_plural = _("団体への加入")
        ordering: ClassVar = ["since", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(association=F("member")), name="membership_not_of_itself"),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="membership_dates"),
            models.UniqueConstraint(
                fields=["association", "member"], condition=Q(until__isnull=True), name="membership_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} → {self.association_id}"


class ForeignControl(models.Model):
    """外国の影響に関する事実: what was known on a day of foreign votes, officers, secondees; never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, related_name="foreign_control", verbose_name=_("組織")
    )
    as_of = models.DateField(_("基準日"))
    voting_share = models.DecimalField(
        _("外国人等の議決権の割合（%）"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    officers = models.PositiveSmallIntegerField(_("外国籍の役員の人数"), null=True, blank=True)
    secondees = models.PositiveSmallIntegerField(_("外国法人等からの出向者の人数"), null=True, blank=True)
    source = models.CharField(_("出典"), max_length=200)
    recorded = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("外国の影響に関する事実")
        verbose_name_plural = _("外国の影響に関する事実")
        ordering: ClassVar = ["-as_of", "-recorded", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(voting_share__isnull=True) | Q(voting_share__gte=0, voting_share__lte=100),
                name="foreigncontrol_share_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(voting_share__isnull=False) | Q(officers__isnull=False) | Q(secondees__isnull=False),
                name="foreigncontrol_says_something",
                violation_error_message=_("議決権、役員、出向者のいずれかを入力してください。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.as_of.isoformat()}"
