"""Told beside a section: that it cannot go out under its marking. A draft may be saved so; it is not put forward.

The rule is publishing's (services.checking): within the audience's ceiling, and no lower than the first section.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clearance.markings import draft, parse
from clearance.models import Marking

from ..services.checking import at_least
from .drafts import DraftForms
from .typed import picked


def misfits(markings: Sequence[str], ceiling: Marking | None, corrected: str = "") -> list[list[str]]:
    """For each section's marking why it does not fit: the first is the head's, `ceiling` what the audience may hold,
    `corrected` the head's marking of the briefing that is corrected."""
    found = [_marking(text) for text in markings]
    told = [list[str]() for _each in found]
    for number, marking in enumerate(found):
        if marking is None:
            continue
        if ceiling is not None and not ceiling.admits(marking):
            told[number].append(
                _("宛先で取り扱える格付（%(ceiling)s）を超えています。格付を下げるか、別の宛先を選んでください。")
                % {"ceiling": ceiling.text}
            )
        if not number and corrected and marking.text != corrected:
            told[number].append(
                _(
                    "最初の節の格付（%(marking)s）は、この情報を知ることができる方の範囲を決めるものなので、"
                    "訂正では変えられません。変えるときは、元の情報を取り消してから、新しい下書きで公表してください。"
                )
                % {"marking": corrected}
            )
        if number and found[0] is not None and not at_least(marking, found[0]):
            told[number].append(
                _("この節の格付は、最初の節の格付以上にしてください。最初の節は、読み手の全員が読みます。")
            )
    return told


def tell(page: DraftForms, ceiling: Marking | None) -> None:
    """Beside each section of the page, as it is typed."""
    typed = page.typed
    if typed.by_section:
        markings = [picked(section.fields) for section in typed.sections]
    else:
        markings = [picked(typed.about)] * len(typed.sections)
    corrected = page.draft.corrects.seal_label.text if page.draft.corrects else ""
    for section, told in zip(page.sections, misfits(markings, ceiling, corrected), strict=True):
        section.misfits = told


def _marking(text: str) -> Marking | None:
    try:
        return draft(parse(text))
    except ValidationError:
        return None
