"""自社の関心: what a firm says of itself that its feed is ordered by.

What it buys and lacks is told to nobody: the row is there for its own people alone, and sealed.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Organisation, Person
from clearance.markings import key_of, text_of
from clearance.masks import UNRESTRICTED, BitMask
from clearance.models import Level, Marking
from clearance.models.marked import MarkingColumnsMatch
from vault.fields import SealedJSONField
from vault.keys import Label
from vault.models import SealedModel


class Interests(SealedModel):
    """One row a firm. `said` is `briefings.content.Concerns` without sectors, which the register holds. Its marking is
    what its key lies under; nobody is let in by it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="interests")
    marking = models.ForeignKey(Marking, models.PROTECT, related_name="+", db_index=False)
    level = models.PositiveSmallIntegerField(choices=Level.choices, editable=False)
    comp_mask = BitMask(editable=False)
    release_mask = BitMask(default=UNRESTRICTED, editable=False)
    said = SealedJSONField(_("自社の品目・技術・工程・地域"), max_plain_length=40_000)
    changed_at = models.DateTimeField(_("変更日時"), default=timezone.now)
    changed_by = models.ForeignKey(
        Person, models.PROTECT, related_name="+", verbose_name=_("変更した方"), db_index=False
    )

    class Meta:
        verbose_name = _("自社の関心")
        verbose_name_plural = _("自社の関心")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [MarkingColumnsMatch(name="briefings_interests_marking_columns")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._state.adding and isinstance(marking := kwargs.get("marking"), Marking):
            self.level, self.comp_mask, self.release_mask = marking.level, marking.comp_mask, marking.release_mask

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def seal_label(self) -> Label:
        return Label(text_of(self.marking_id), self.level, self.comp_mask, self.release_mask)

    @classmethod
    def sealed_under(cls, marking: str) -> Q:
        """The rows under the marking of that text."""
        return Q(marking_id=key_of(marking))
