"""格付・取扱制限: levels, compartments, releasability and TLP, combined into immutable markings."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from vault.keys import Label

from ..masks import CODES, RESERVED, UNRESTRICTED, BitMask

code_validator = RegexValidator(
    r"^[A-Z][A-Z0-9-]{1,19}$", _("英大文字で始まる2～20文字の英大文字・数字・ハイフンで入力してください。")
)


class Level(models.IntegerChoices):
    """格付の区分. 3 and 4 are other legal regimes, not just "higher" (docs/glossary.md 格付の区分)."""

    PUBLIC = 0, _("公開")
    SENSITIVE = 1, _("機密性2情報（関係者限り）")
    HI = 2, _("秘文書")
    CESI = 3, _("重要経済安保情報")
    SDS = 4, _("特定秘密")


STATUTORY = frozenset({Level.CESI, Level.SDS})


class Tlp(models.TextChoices):
    """FIRST Traffic Light Protocol 2.0: how far a reader may pass it on."""

    NONE = "", _("指定なし")
    CLEAR = "CLEAR", _("TLP:CLEAR（制限なし）")
    GREEN = "GREEN", _("TLP:GREEN（関係する業界内限り）")
    AMBER = "AMBER", _("TLP:AMBER（所属組織と、知る必要のある顧客限り）")
    AMBER_STRICT = "AMBER+STRICT", _("TLP:AMBER+STRICT（所属組織内限り）")
    RED = "RED", _("TLP:RED（受け取った方限り）")


def next_bit(model: type[models.Model]) -> int:
    """The lowest free bit; refuses the 63rd code."""
    taken = set(model._default_manager.values_list("bit", flat=True))
    for bit in range(CODES):
        if bit not in taken:
            return bit
    raise ValidationError(
        _("登録できる符号は62件までです。使わなくなった符号の扱いを管理者にご相談ください。"), code="full"
    )


class Code(models.Model):
    """A named bit of a mask."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(_("符号"), max_length=20, unique=True, validators=[code_validator])
    name = models.CharField(_("名称"), max_length=100)
    name_en = models.CharField(_("英語名称"), max_length=100, blank=True)
    bit = models.PositiveSmallIntegerField(unique=True, editable=False)

    class Meta:
        abstract = True
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.code


class Compartment(Code):
    """取扱分野: a need-to-know category, such as SEMICON."""

    class Meta(Code.Meta):
        verbose_name = _("取扱分野")
        verbose_name_plural = _("取扱分野")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(bit__lt=CODES), name="compartment_bit_in_mask"),
        ]


class ReleaseGroup(Code):
    """提供可能な国・地域: a named group of countries (同志国リスト)."""

    countries = ArrayField(models.CharField(max_length=2), verbose_name=_("国・地域"))

    class Meta(Code.Meta):
        verbose_name = _("提供可能な国・地域")
        verbose_name_plural = _("提供可能な国・地域")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(bit__lt=CODES), name="releasegroup_bit_in_mask"),
        ]


class Marking(models.Model):
    """One immutable row per distinct combination. `id` is derived from `text`, so two writers make the same row."""

    id = models.UUIDField(primary_key=True, editable=False)
    text = models.CharField(_("格付・取扱制限"), max_length=400, unique=True)
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    comp_mask = BitMask()
    release_mask = BitMask(default=UNRESTRICTED)
    tlp = models.CharField(max_length=12, choices=Tlp.choices, blank=True)

    class Meta:
        verbose_name = _("格付・取扱制限")
        verbose_name_plural = _("格付・取扱制限")
        ordering: ClassVar = ["level", "text"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "level", "comp_mask", "release_mask"], name="marking_composite"),
            models.CheckConstraint(condition=Q(comp_mask__gte=RESERVED), name="marking_reserved_bit"),
            models.CheckConstraint(condition=~Q(release_mask=0), name="marking_releasable_to_somebody"),
            models.CheckConstraint(
                condition=~Q(level=0) | Q(comp_mask=RESERVED, release_mask=UNRESTRICTED),
                name="marking_public_is_unrestricted",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def label(self) -> Label:
        """What the vault binds keys to."""
        return Label(self.text, self.level, self.comp_mask, self.release_mask)

    def admits(self, other: Marking) -> bool:
        """Whether something marked `other` may lie under this ceiling: no higher, no further compartment, no
        wider release."""
        return (
            other.level <= self.level
            and other.comp_mask & ~self.comp_mask == 0
            and (self.release_mask == UNRESTRICTED or other.release_mask & ~self.release_mask == 0)
        )


class MarkingPreset(models.Model):
    """One of at most six named choices that writers in a circle pick from (「会員企業限り」)."""

    MOST = 6

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    circle = models.ForeignKey("clearance.Circle", models.CASCADE, related_name="presets")
    marking = models.ForeignKey(Marking, models.PROTECT)
    name = models.CharField(_("名称"), max_length=40)
    name_en = models.CharField(_("英語名称"), max_length=60, blank=True)
    order = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name = _("格付の選択肢")
        verbose_name_plural = _("格付の選択肢")
        ordering: ClassVar = ["circle_id", "order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["circle", "order"], name="preset_order_once"),
            models.CheckConstraint(condition=Q(order__lt=6), name="preset_at_most_six"),
        ]

    def __str__(self) -> str:
        return self.name
