"""Words, where a page stands, and buttons."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal import wording
from portal.components.drawing import draw, drawn_once, register


@register.simple_tag
def jdate(value: date | datetime | None) -> SafeString:
    """`<time>2026年11月22日(日)</time>`."""
    if value is None:
        return SafeString("")
    day = wording.local(value)
    return format_html('<time datetime="{}">{}</time>', f"{day:%Y-%m-%d}", wording.date_words(value))


@register.simple_tag
def jdatetime(value: datetime | None) -> SafeString:
    """`<time>2026年11月22日(日) 9:05</time>`."""
    if value is None:
        return SafeString("")
    return format_html('<time datetime="{}">{}</time>', value.isoformat("T", "minutes"), wording.datetime_words(value))


register.filter("jdate", wording.date_words)
register.filter("jdatetime", wording.datetime_words)
register.filter("number", wording.number_words)
register.filter("filesize", wording.size_words)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A symbol of static/img/icons.svg; decoration unless it has a label."""
    return drawn_once("icon", name=name, label=str(label))


@register.simple_block_tag
def breadcrumb(content: str) -> SafeString:
    """Where the page stands: `{% crumb %}`s from the outermost in; home is added."""
    return draw("breadcrumb", content=content)


@register.inclusion_tag("components/crumb.html")
def crumb(label: object, url: str = "") -> dict[str, object]:
    """One step of a breadcrumb; without a URL it is the page itself."""
    return {"label": label, "url": url}


@register.simple_block_tag
def tabs(content: str, label: str) -> SafeString:
    """Pages beside each other: `{% tab %}`s under a name for the whole."""
    return draw("tabs", content=content, label=label)


@register.inclusion_tag("components/tab.html")
def tab(label: object, url: str, current: bool = False, count: int | None = None) -> dict[str, object]:
    return {"label": label, "url": url, "current": current, "count": count}


@register.inclusion_tag("components/steps.html")
def steps(labels: Sequence[object], current: int) -> dict[str, object]:
    """Where one is in a procedure; `current` counts from 1."""
    return {
        "rows": [
            {"number": n, "label": label, "state": "done" if n < current else "now" if n == current else "next"}
            for n, label in enumerate(labels, start=1)
        ]
    }


@register.inclusion_tag("components/button.html")
def button(
    label: object,
    kind: str = "primary",
    size: str = "md",
    icon: str = "",
    type: str = "submit",
    name: str = "",
    value: object = "",
    form: str = "",
    id: str = "",
    disabled: bool = False,
) -> dict[str, object]:
    """`kind`: primary, secondary, text, danger. `size`: md, sm."""
    return dict(locals())


@register.inclusion_tag("components/link_button.html")
def link_button(
    label: object, url: str, kind: str = "secondary", size: str = "md", icon: str = "", download: bool = False
) -> dict[str, object]:
    """A link that looks like a button: for going somewhere, never for changing something."""
    return dict(locals())
