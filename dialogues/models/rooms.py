"""対話の場: a dialogue opened on a circle.

The circle says who takes part; the row's own marking says who may know that the room exists.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from clearance.models import ItemGrant, Marked
from vault.fields import SealedTextField

from .opening import opened

# Messages and what surrounds them go up to 秘文書; from level 3 up only documents are handed over.
HIGHEST_SPOKEN = 2


class Room(Marked):
    """One room a circle. Its ceiling is the circle's."""

    class Kind(models.TextChoices):
        INDUSTRY = "INDUSTRY", _("業界団体")
        SUPPLY_CHAIN = "SUPPLY_CHAIN", _("サプライチェーン全体")
        TECHNOLOGY = "TECHNOLOGY", _("特定技術・製品")
        FIRM = "FIRM", _("個別企業")
        REGION = "REGION", _("地域")
        COUNCIL = "COUNCIL", _("官民協議会")

    kind = models.CharField(_("種別"), max_length=12, choices=Kind.choices)
    name = SealedTextField(_("名称"), max_plain_length=80)
    purpose = SealedTextField(_("目的"), max_plain_length=1000)
    legal_basis = models.CharField(_("根拠となる法令"), max_length=200, blank=True)
    opened_by = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name=_("開設した方"), db_index=False
    )
    archived_at = models.DateTimeField(_("終了日時"), null=True, blank=True, editable=False)

    unread: int  # set by the list that counts it (dialogues.queries.rooms)

    class Meta(Marked.Meta):
        verbose_name = _("対話の場")
        verbose_name_plural = _("対話の場")
        constraints: ClassVar = [
            *Marked.Meta.constraints,
            models.UniqueConstraint(fields=["circle"], name="room_one_a_circle"),
            models.CheckConstraint(
                condition=~Q(kind="COUNCIL") | ~Q(legal_basis=""), name="room_council_has_legal_basis"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["INDUSTRY", "SUPPLY_CHAIN", "TECHNOLOGY", "FIRM", "REGION", "COUNCIL"]),
                name="room_kind",
            ),
            models.CheckConstraint(condition=Q(level__lte=HIGHEST_SPOKEN), name="room_level_of_what_is_spoken"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def shown_name(self) -> str:
        return opened(self, "name")

    @property
    def shown_purpose(self) -> str:
        return opened(self, "purpose")

    @property
    def archived(self) -> bool:
        return self.archived_at is not None


class RoomGrant(ItemGrant):
    """Lets somebody invited know what they are invited to: the room's name and purpose, nothing that lies in it."""

    content_object = models.ForeignKey(Room, models.CASCADE)

    class Meta(ItemGrant.Meta):
        verbose_name = _("招待された方の閲覧許可")
        verbose_name_plural = _("招待された方の閲覧許可")
