"""Whether what a draft says may stand where it lies and go where it is to go; every refusal names its section.

Saving asks little: what is half written is kept. Submitting and publishing ask for everything, each at its moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clearance.access import Actor, visible_to
from clearance.choosing import refuse
from clearance.clock import today
from clearance.markings import from_text
from clearance.models import Circle, Marking
from documents.models import Document

from ..content import HEAD, Content, Section
from ..models import Briefing, Draft
from ..models.briefings import HIGHEST_WRITTEN, LONGEST_BODY, LONGEST_HEADING, LONGEST_TITLE

MOST_SECTIONS = 40
Refusals = Iterator[ValidationError]


def at_least(higher: Marking, lower: Marking) -> bool:
    """Whether whoever may read what is marked `higher` may read what is marked `lower`, in the same circle."""
    return (
        lower.level <= higher.level
        and lower.comp_mask & ~higher.comp_mask == 0
        and higher.release_mask & ~lower.release_mask == 0
    )


def wrong(place: int, section: Section, message: Any, code: str) -> ValidationError:
    """A refusal that names the section: its number and heading in words, and `slot` for the form."""
    named = {"number": place + 1, "heading": section.heading, "slot": section.slot, "why": message}
    text = _("第%(number)s節「%(heading)s」：%(why)s") if section.heading else _("第%(number)s節：%(why)s")
    return ValidationError(text, code=code, params=named)


def whole(content: Content) -> Content:
    """With the head's marking for each section that names none: one marking for the whole, unless told otherwise."""
    if not content.sections:
        return content
    usual = content.head.marking
    sections = tuple(each if each.marking else replace(each, marking=usual) for each in content.sections)
    return replace(content, sections=sections)


def check_kept(actor: Actor, circle: Circle, content: Content) -> dict[str, Marking]:
    """What may be kept in a draft of the circle, half written or not; the markings it names, by their text.

    Raises ValidationError, one for each section that is wrong.
    """
    wrongs: list[ValidationError] = [*_too_long(content)]
    markings: dict[str, Marking] = {}
    for place, section in enumerate(content.sections):
        try:
            found = from_text(section.marking)
            markings[section.marking] = found
            if found.level > HIGHEST_WRITTEN:
                wrongs.append(wrong(place, section, _("この格付の内容は、文章としては書けません。"), "too_high"))
            refuse(actor=actor, circle=circle, marking=found)
        except ValidationError as refused:
            wrongs += [wrong(place, section, message, "marking") for message in refused.messages]
        wrongs += [wrong(place, section, why, "documents") for why in _misspelt(section)]
    _raise(wrongs)
    return markings


def check_whole(actor: Actor, draft: Draft, content: Content, *, audience: Circle) -> None:
    """What is about to be submitted or published: complete, dated ahead, each section under the audience's ceiling, at
    least as high as the first, with no document that its readers could not read. Raises ValidationError."""
    wrongs = [*_incomplete(content), *_misdated(content), *_twice(content)]
    if content.sections:
        markings = {each.marking: from_text(each.marking) for each in content.sections}
        wrongs += _misplaced(content, markings, audience)
        wrongs += _unreadable_documents(actor, content, markings, audience.pk)
        if draft.corrects_id is not None:
            wrongs += _another_head(draft, content)
    _raise(wrongs)


def _raise(wrongs: Sequence[ValidationError]) -> None:
    if wrongs:
        raise ValidationError(list(wrongs))


def _too_long(content: Content) -> Refusals:
    if len(content.title) > LONGEST_TITLE:
        yield ValidationError(_("題名は%(most)s字までです。"), code="title", params={"most": LONGEST_TITLE})
    if len(content.sections) > MOST_SECTIONS:
        yield ValidationError(_("節は%(most)s個までです。"), code="sections", params={"most": MOST_SECTIONS})
    if not content.sections:
        yield ValidationError(_("節を一つ以上書いてください。"), code="sections")
    for place, section in enumerate(content.sections):
        if len(section.heading) > LONGEST_HEADING:
            yield wrong(place, section, _("見出しが長すぎます。"), "heading")
        if len(section.body) > LONGEST_BODY:
            yield wrong(place, section, _("本文が長すぎます。節を分けてください。"), "body")


def _misspelt(section: Section) -> Iterator[Any]:
    for given in (section.slot, *section.documents):
        try:
            UUID(given)
        except ValueError:
            yield _("文書の指定が正しくありません。")


def _incomplete(content: Content) -> Refusals:
    if not content.title.strip():
        yield ValidationError(_("題名を入力してください。"), code="title")
    for place, section in enumerate(content.sections):
        if not section.heading.strip():
            yield wrong(place, section, _("見出しを入力してください。"), "heading")
        if not (section.body.strip() or section.actions):
            yield wrong(place, section, _("本文を入力するか、この節を削除してください。"), "body")


def _misdated(content: Content) -> Refusals:
    try:
        due, expiry = content.due, content.expiry
    except ValueError:
        yield ValidationError(_("日付の形式が正しくありません。"), code="date")
        return
    now = today()
    if expiry is not None and expiry < now:
        yield ValidationError(_("閲覧期限が過ぎています。今日以降の日付にしてください。"), code="expires_on")
    if due is not None and due < now:
        yield ValidationError(_("確認の期限が過ぎています。今日以降の日付にしてください。"), code="acknowledge_by")
    if due is not None and expiry is not None and due > expiry:
        yield ValidationError(_("確認の期限を、閲覧期限より前の日付にしてください。"), code="acknowledge_by")


def _twice(content: Content) -> Refusals:
    seen: set[str] = set()
    for place, section in enumerate(content.sections):
        if section.slot in seen:
            yield wrong(place, section, _("同じ節が二つあります。片方を削除してください。"), "twice")
        seen.add(section.slot)


def _misplaced(content: Content, markings: dict[str, Marking], audience: Circle) -> Refusals:
    head = markings[content.head.marking]
    for place, section in enumerate(content.sections):
        found = markings[section.marking]
        if not audience.ceiling.admits(found):
            yield wrong(place, section, _("宛先が取り扱える格付の上限を超えています。"), "above_audience")
        if place != HEAD and not at_least(found, head):
            below = _("最初の節より広い範囲の方が読める格付です。最初の節を読めない方に届くことになります。")
            yield wrong(place, section, below, "below_head")


def _unreadable_documents(actor: Actor, content: Content, markings: dict[str, Marking], circle: int) -> Refusals:
    named = {UUID(each) for section in content.sections for each in section.documents}
    if not named:
        return
    rows = Document.objects.filter(pk__in=named, circle_id=circle).select_related("marking")
    found = {str(each.pk): each.marking for each in visible_to(actor, rows)}
    for place, section in enumerate(content.sections):
        for each in section.documents:
            if each not in found:
                gone = _("添付した文書が宛先の共有範囲にありません。宛先の共有範囲に登録してください。")
                yield wrong(place, section, gone, "document_elsewhere")
            elif not at_least(markings[section.marking], found[each]):
                yield wrong(place, section, _("添付した文書の格付が、この節の格付を超えています。"), "document_above")


def _another_head(draft: Draft, content: Content) -> Refusals:
    assert draft.corrects_id is not None
    corrected = Briefing.objects.select_related("marking").filter(pk=draft.corrects_id).first()
    if corrected is None:
        yield ValidationError(_("訂正する情報は、すでに取り消されています。"), code="gone")
    elif corrected.marking.text != content.head.marking:
        kept = _("訂正では最初の節の格付を変えられません。元の情報を取り消して、新しく公表してください。")
        yield wrong(HEAD, content.head, kept, "head_marking")
