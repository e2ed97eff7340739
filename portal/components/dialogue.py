"""Messages, history and running text."""

from datetime import date, datetime

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal import wording
from portal.components.drawing import draw, is_blank, register


@register.simple_block_tag
def message(
    content: str,
    author: object,
    at: datetime,
    marking: wording.HasText | str,
    organisation: object = "",
    mine: bool = False,
    unread: bool = False,
    id: str = "",
    heading: int = 3,
) -> SafeString:
    """One thing somebody said: who, when, under which marking. The body between the tags is prose."""
    return draw(
        "message",
        content=content,
        author=author,
        at=at,
        marking=marking,
        organisation=organisation,
        mine=mine,
        unread=unread,
        id=id,
        tag=f"h{heading}",
    )


@register.simple_block_tag
def timeline(content: str, label: object = "") -> SafeString:
    """History, newest or oldest first as the page has it: `{% event %}`s."""
    return draw("timeline", content=content, label=label or _("経過"))


@register.simple_block_tag
def event(content: str, at: datetime | date, title: object, who: object = "", tone: str = "neutral") -> SafeString:
    return draw("event", content=content, blank=is_blank(content), at=at, title=title, who=who, tone=tone)


@register.simple_block_tag
def prose(content: str) -> SafeString:
    """Running text, such as sanitised Markdown."""
    return mark_safe(f'<div class="prose">{content}</div>')  # noqa: S308 - rendered by the page, already escaped
