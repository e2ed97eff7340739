"""Markings, notices and other small things that say something."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from django.utils.safestring import SafeString

from portal import wording
from portal.components.drawing import draw, drawn_once, register


def text_of(marking: wording.HasText | str) -> str:
    return marking if isinstance(marking, str) else marking.text


@register.simple_tag
def marking_banner(marking: wording.HasText | str, foot: bool = False) -> SafeString:
    """格付 in words and colour. It stands at the top and the foot of what it marks: see `{% marked %}`."""
    return drawn_once("marking_banner", marking=text_of(marking), foot=foot)


@register.simple_tag
def marking_chip(marking: wording.HasText | str) -> SafeString:
    """格付 in a line of a list."""
    return drawn_once("marking_chip", marking=text_of(marking))


@register.filter
def marking_words(marking: wording.HasText | str) -> wording.MarkingWords:
    """A marking taken apart into words."""
    return wording.marking_words(marking)


@register.simple_block_tag
def marked(content: str, marking: wording.HasText | str) -> SafeString:
    """What is marked, between its two banners."""
    return draw("marked", content=content, marking=text_of(marking), level=wording.marking_words(marking).level)


@register.inclusion_tag("components/step_up.html")
def step_up(level: int, next: str) -> dict[str, object]:
    """Asks for a stronger sign-in where something of that level may stand, whether or not anything does."""
    return {"level": level, "url": f"/account/step-up/?{urlencode({'level': level, 'next': next})}"}


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: object = "", heading: int = 2) -> SafeString:
    """`tone`: info, success, warning, error."""
    return draw("notice", content=content, tone=tone, title=title, tag=f"h{heading}")


@register.inclusion_tag("components/chip.html")
def chip(label: object, tone: str = "neutral") -> dict[str, object]:
    """A word in a box. `tone`: neutral, blue, green, yellow, red, purple."""
    return {"label": label, "tone": tone}


@register.simple_tag
def unread(count: int) -> SafeString:
    """How much is new; nothing when nothing is."""
    return drawn_once("unread", count=count)


@register.inclusion_tag("components/person.html")
def person(name: object, organisation: object = "", title: object = "", url: str = "") -> dict[str, object]:
    """A person as others meet them: name, post, organisation."""
    return {"name": name, "organisation": organisation, "title": title, "url": url}


@register.inclusion_tag("components/progress.html")
def progress(label: object, value: int | None = None, maximum: int = 100) -> dict[str, object]:
    """Work under way; without a value, work of unknown length."""
    return {"label": label, "value": value, "maximum": maximum}


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(
    rows: Iterable[tuple[object, int]] | Mapping[object, int], caption: object, unit: object = ""
) -> dict[str, object]:
    """Horizontal bars beside their numbers; longest bar full width."""
    pairs = list(rows.items() if isinstance(rows, Mapping) else rows)
    top = max((value for _label, value in pairs), default=0) or 1
    bars = [{"label": label, "value": value, "width": round(100 * value / top, 2)} for label, value in pairs]
    return {"bars": bars, "caption": caption, "unit": unit}
