"""取扱資格: what entitles people to levels, and what their organisations are under agreement or certified for.

Of a statutory assessment only result, scope, dates and status are kept: never anything of an investigation.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Organisation, Person

from ..clock import last_day
from ..masks import RESERVED, BitMask
from .markings import STATUTORY, Level

JAPAN = ZoneInfo("Asia/Tokyo")


class YearsAfter(models.Func):
    """The end of the day that many years after a date, in Japan: a term runs from the day after the notice
    (民法140条)."""

    output_field = models.DateTimeField()

    def __init__(self, day: Any, years: int, **extra: Any) -> None:
        super().__init__(
            day,
            template=f"((%(expressions)s + interval '{years:d} years' + interval '1 day') AT TIME ZONE 'Asia/Tokyo')",
            **extra,
        )
        self.years = years


def years_after(day: date, years: int) -> datetime:
    """What YearsAfter is in the database. 29 February counts as 28 February where there is none, as PostgreSQL
    has it."""
    try:
        same = day.replace(year=day.year + years)
    except ValueError:
        same = day.replace(year=day.year + years, day=28)
    return datetime.combine(same + timedelta(days=1), time.min, JAPAN)


def within(at: datetime) -> Q:
    """`since` ≤ at < `until`, an open end counting as for ever."""
    return Q(since__lte=at) & (Q(until__isnull=True) | Q(until__gt=at))


class Suspension(models.Model):
    """A span in which an authorisation, or an organisation's agreement or certification, does not count."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    entitlement_id = models.UUIDField(_("対象"), db_index=True)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(_("理由"), max_length=200)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)

    class Meta:
        verbose_name = _("効力の停止")
        verbose_name_plural = _("効力の停止")
        ordering: ClassVar = ["since", "id"]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d}"


class EntitlementQuerySet(models.QuerySet[Any]):
    def in_force(self, at: datetime) -> EntitlementQuerySet:
        """Those that count at the moment `at`: in date, not revoked, not suspended."""
        suspended = Suspension.objects.filter(within(at), entitlement_id=OuterRef("pk"))
        return self.filter(within(at), Q(revoked_at__isnull=True) | Q(revoked_at__gt=at)).exclude(Exists(suspended))

    def lapsed(self, at: datetime) -> EntitlementQuerySet:
        """Those that ran out before the moment `at`, and were not revoked."""
        return self.filter(until__lte=at, revoked_at__isnull=True)


class Entitlement(models.Model):
    """What authorisations and certifications share: a highest level, dates, and an end."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    highest = models.PositiveSmallIntegerField(_("格付の上限"), choices=Level.choices)
    since = models.DateTimeField(_("効力の開始"), default=timezone.now)
    until = models.DateTimeField(_("効力の終了"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("取消日時"), null=True, blank=True)
    revoked_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)
    revoked_reason = models.CharField(_("取消の理由"), max_length=200, blank=True)
    reference = models.CharField(_("文書番号"), max_length=100, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = EntitlementQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering: ClassVar = ["-since", "-id"]

    @property
    def noted_level(self) -> int:
        """How high an event lies that names it: one for a statutory level as high as that, any other at 0."""
        return self.highest if self.highest in STATUTORY else 0

    @property
    def last_day(self) -> date | None:
        """The last day on which it counts; None for no end."""
        return last_day(self.until)


class Authorisation(Entitlement):
    """What entitles a person to levels, with its basis (docs/glossary.md 取扱資格)."""

    class Basis(models.TextChoices):
        NDA = "NDA", _("秘密保持誓約")
        COUNCIL = "COUNCIL", _("協議会の守秘義務")
        OFFICIAL = "OFFICIAL", _("国家公務員の守秘義務")
        CESI = "CESI", _("適性評価（重要経済安保情報）")
        SDS = "SDS", _("適性評価（特定秘密）")

    ORDINARY = (Basis.NDA, Basis.COUNCIL, Basis.OFFICIAL)
    STATUTORY = (Basis.CESI, Basis.SDS)

    person = models.ForeignKey(Person, models.PROTECT, related_name="authorisations", verbose_name=_("利用者"))
    basis = models.CharField(_("根拠"), max_length=8, choices=Basis.choices)
    comp_mask = BitMask(_("取扱分野"), default=0)
    ministry = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", null=True, blank=True, verbose_name=_("評価を行った行政機関")
    )
    notified_on = models.DateField(_("結果の通知日"), null=True, blank=True)

    class Meta(Entitlement.Meta):
        verbose_name = _("取扱資格")
        verbose_name_plural = _("取扱資格")
        indexes: ClassVar = [models.Index(fields=["person", "basis"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(basis__in=["NDA", "COUNCIL", "OFFICIAL"], highest__in=[1, 2])
                | Q(basis="CESI", highest=3, notified_on__isnull=False, until__isnull=False, ministry__isnull=False)
                | Q(basis="SDS", highest=4, until__isnull=False),
                name="authorisation_basis_gives_level",
            ),
            # 重要経済安保情報の保護及び活用に関する法律: the result of an assessment serves for ten years from
            # its notice,
            # that of 特定秘密の保護に関する法律 for five.
            models.CheckConstraint(
                condition=~Q(basis="CESI") | Q(until__lte=YearsAfter("notified_on", 10)),
                name="authorisation_cesi_ten_years",
            ),
            models.CheckConstraint(
                condition=~Q(basis="SDS") | Q(notified_on__isnull=True) | Q(until__lte=YearsAfter("notified_on", 5)),
                name="authorisation_sds_five_years",
            ),
            models.CheckConstraint(
                condition=Q(comp_mask__gte=0, comp_mask__lt=RESERVED), name="authorisation_mask_of_codes"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="authorisation_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.get_basis_display()

    @property
    def statutory(self) -> bool:
        return self.basis in self.STATUTORY

    @property
    def levels(self) -> range:
        """The levels it entitles to: a pledge or duty all from 1 up, an assessment its own alone."""
        return range(self.highest if self.statutory else 1, self.highest + 1)


class OrganisationCertification(Entitlement):
    """A firm's agreement (levels 1–2), or its certification and contract as 適合事業者 (level 3 or 4 alone)."""

    class Kind(models.TextChoices):
        AGREEMENT = "AGREEMENT", _("秘密保持に関する契約")
        CERTIFICATION = "CERTIFICATION", _("適合事業者の認定・契約")

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="certifications", verbose_name=_("組織")
    )
    kind = models.CharField(_("種別"), max_length=13, choices=Kind.choices)
    departments = models.CharField(_("対象の部署"), max_length=300, blank=True)

    class Meta(Entitlement.Meta):
        verbose_name = _("契約・認定")
        verbose_name_plural = _("契約・認定")
        indexes: ClassVar = [models.Index(fields=["organisation", "kind"])]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="AGREEMENT", highest__in=[1, 2]) | Q(kind="CERTIFICATION", highest__in=[3, 4]),
                name="certification_kind_gives_level",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="certification_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def levels(self) -> range:
        """The levels its people's authorisations count for."""
        return range(1 if self.kind == self.Kind.AGREEMENT else self.highest, self.highest + 1)
