"""Which marking somebody may write under, where: the one check behind the builder, every form and every service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .actor import Actor
from .markings import key_of, of, parts, refuse_above_ceiling
from .masks import NOT_HELD, RESERVED, UNRESTRICTED, union
from .models import Circle, Compartment, Level, Marking, MarkingPreset, ReleaseGroup
from .models.markings import STATUTORY
from .reach import Reach

Refusal = tuple[str, Any]


@dataclass(frozen=True)
class Choice:
    """One marking a writer may pick, under the name the room gave it."""

    marking: Marking
    label: str

    @property
    def text(self) -> str:
        return self.marking.text

    @property
    def level(self) -> int:
        return self.marking.level


def refuse(*, actor: Actor, circle: Circle | None, marking: Marking) -> None:
    """Raise ValidationError, one sentence for each thing exceeded: the deployment's ceiling, the circle's, the writer's
    own authorisation, or what the session has proved. Without a circle its ceiling is left out.
    """
    refuse_above_ceiling(marking.level)
    refusals = [*_above_circle(circle, marking), *_above_writer(actor, marking)]
    if refusals:
        raise ValidationError([ValidationError(message, code=code) for code, message in refusals])


def may_write(*, actor: Actor, circle: Circle | None, marking: Marking, stepping_up: bool = False) -> bool:
    """Whether `refuse` would let it pass; with `stepping_up`, whether it would after proving more."""
    try:
        refuse(actor=actor, circle=circle, marking=marking)
    except ValidationError as refused:
        return stepping_up and {error.code for error in refused.error_list} == {"step_up"}
    return True


def choices_for(actor: Actor, circle: Circle) -> list[Choice]:
    """The circle's presets that this writer may use; where it has none, the usual ones under its ceiling.

    What only a fresh proof of identity is missing for stays among them: the form then says so, in words.
    """
    presets = list(MarkingPreset.objects.filter(circle=circle).select_related("marking").order_by("order"))
    offered = [Choice(preset.marking, _named(preset)) for preset in presets] or list(_usual(circle))
    return [
        choice for choice in offered if may_write(actor=actor, circle=circle, marking=choice.marking, stepping_up=True)
    ]


def plain(reach: Reach) -> list[Marking]:
    """Every level that is held up to HI, alone and with each compartment held at it: of the reach alone, whatever there
    is under any marking. As rows would be, not saved."""
    codes = list(Compartment.objects.order_by("code"))
    made = []
    for level in range(min(Level.HI, settings.CEILING) + 1):
        if reach.holds(level):
            held = [code for code in codes if level and not reach.inverse[level] >> code.bit & 1]
            made.append(_plain(level))
            made += [_plain(level, code) for code in held]
    return made


def _plain(level: int, *codes: Compartment) -> Marking:
    text = parts(level, [code.code for code in codes]).text
    mask = RESERVED | union(code.bit for code in codes)
    return Marking(id=key_of(text), text=text, level=level, comp_mask=mask, release_mask=UNRESTRICTED)


def codes_of(marking: Marking) -> tuple[list[Compartment], list[ReleaseGroup]]:
    """The compartments and release groups a marking's masks stand for."""
    compartments = [code for code in Compartment.objects.all() if marking.comp_mask >> code.bit & 1]
    if marking.release_mask < 0:
        return compartments, []
    return compartments, [group for group in ReleaseGroup.objects.all() if marking.release_mask >> group.bit & 1]


def _above_circle(circle: Circle | None, marking: Marking) -> Iterator[Refusal]:
    if circle is None or circle.ceiling.admits(marking):
        return
    ceiling = circle.ceiling
    if marking.level > ceiling.level:
        yield (
            "above_circle",
            _("この対話の場で取り扱える格付の上限を超えています。格付を下げるか、別の場を使ってください。"),
        )
    if marking.comp_mask & ~ceiling.comp_mask:
        yield "above_circle", _("この対話の場では扱えない取扱分野が含まれています。取扱分野を外してください。")
    if ceiling.release_mask >= 0 and marking.release_mask & ~ceiling.release_mask:
        yield (
            "above_circle",
            _("この対話の場では、提供可能な国・地域を場の範囲より広げられません。場と同じ範囲を選んでください。"),
        )


def _above_writer(actor: Actor, marking: Marking) -> Iterator[Refusal]:
    cleared, proved = actor.reach.cleared[marking.level], actor.reach.inverse[marking.level]
    if cleared == NOT_HELD:
        # Of a statutory level nobody is told whether it is the assessment that is missing (docs/glossary.md
        # 目的外利用の禁止).
        if Level(marking.level) in STATUTORY:
            yield "not_authorised", _("取扱者名簿に記載がありません。")
        else:
            yield "not_authorised", _("ご自身の取扱資格がこの格付に及んでいません。保全責任者にご確認ください。")
    elif marking.comp_mask & cleared:
        yield "compartment", _("ご自身が資格を持たない取扱分野が含まれています。その分野を外してください。")
    elif proved == NOT_HELD:
        yield (
            "step_up",
            _("この格付で書き込むには、追加の本人確認が必要です。本人確認を済ませてから、もう一度お試しください。"),
        )
    if not marking.release_mask & actor.reach.release:
        yield (
            "not_releasable",
            _("ご自身の組織の国・地域が、提供可能な範囲に含まれていません。範囲を見直してください。"),
        )


def _named(preset: MarkingPreset) -> str:
    english = (get_language() or "ja").startswith("en")
    return preset.name_en if english and preset.name_en else preset.name


def _usual(circle: Circle) -> Iterator[Choice]:
    """What a circle without presets offers: its ceiling, 関係者限り under the same restrictions, and 公開."""
    ceiling = circle.ceiling
    yield Choice(ceiling, str(_("この場の上限")))
    if ceiling.level > Level.SENSITIVE:
        compartments, groups = codes_of(ceiling)
        restricted = parts(
            Level.SENSITIVE, [code.code for code in compartments], [group.code for group in groups], ceiling.tlp
        )
        yield Choice(of(restricted), str(_("関係者限り")))
    if ceiling.level > Level.PUBLIC:
        yield Choice(of(parts(Level.PUBLIC)), str(_("公開")))
