"""自社の関心: what a firm says of itself that its feed is ordered by.

What it buys and lacks is told to nobody: the row is there for its own people alone, and sealed.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Person
from clearance.models import UnderMarking
from vault.fields import SealedJSONField


class Interests(UnderMarking):
    """One row a firm. `said` is `briefings.content.Concerns` without sectors, which the register holds. Its marking is
    what its key lies under; nobody is let in by it."""

    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="interests")
    said = SealedJSONField(_("自社の品目・技術・工程・地域"), max_plain_length=40_000)
    changed_at = models.DateTimeField(_("変更日時"), default=timezone.now)
    changed_by = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name=_("変更した方"), db_index=False
    )

    class Meta(UnderMarking.Meta):
        verbose_name = _("自社の関心")
        verbose_name_plural = _("自社の関心")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return str(self.pk)
