"""The named choices of marking that a circle's writers pick from: at most six."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.acts import Act
from audit.services import record

from ..actor import Actor
from ..models import Circle, Marking, MarkingPreset
from .circles import require_steward


@dataclass(frozen=True)
class Named:
    """A marking under the name a circle gives it."""

    name: str
    name_en: str
    marking: Marking


@transaction.atomic
def set_presets(*, actor: Actor, circle: Circle, choices: Sequence[Named]) -> list[MarkingPreset]:
    """Replace the circle's choices, in this order.

    Raises Denied; ValidationError for a seventh, for one that is there twice, and for what lies above the ceiling.
    """
    require_steward(actor, circle.pk)
    if len(choices) > MarkingPreset.MOST:
        raise ValidationError(_("選択肢は%(most)s件までです。"), code="too_many", params={"most": MarkingPreset.MOST})
    if len({choice.marking.pk for choice in choices}) < len(choices):
        raise ValidationError(_("同じ格付・取扱制限の選択肢が重なっています。"), code="twice")
    above = [choice.name for choice in choices if not circle.ceiling.admits(choice.marking)]
    if above:
        raise ValidationError(
            _("この場で取り扱える格付の上限を超えています：%(names)s"),
            code="above_circle",
            params={"names": "、".join(above)},
        )
    made = [
        MarkingPreset(circle=circle, marking=choice.marking, name=choice.name, name_en=choice.name_en, order=order)
        for order, choice in enumerate(choices)
    ]
    for preset in made:
        preset.clean_fields()
    MarkingPreset.objects.filter(circle=circle).delete()
    MarkingPreset.objects.bulk_create(made)
    record(
        actor=actor, act=Act.CIRCLE_CHANGE, target_type="circle", target_id=circle.pk,
        detail={"presets": len(made)},
    )  # fmt: skip
    return made
