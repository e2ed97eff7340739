"""Tables, definitions, figures, pagers, cards, empty lists."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.components.drawing import draw, is_blank, register


@register.simple_block_tag
def datatable(
    content: str, caption: object, id: str = "table", stacked: bool = True, hide_caption: bool = False
) -> SafeString:
    """A table with its caption in a region that scrolls by keyboard.

    `stacked` turns rows into cards on a narrow screen; each `<td>` then names its column in `data-label`.
    """
    return draw("datatable", content=content, caption=caption, id=id, stacked=stacked, hide_caption=hide_caption)


@register.inclusion_tag("components/column.html")
def column(label: object, url: str = "", sorted: str = "", numeric: bool = False) -> dict[str, object]:
    """A column's header; with a URL it sorts. `sorted`: ascending, descending or empty."""
    return {"label": label, "url": url, "sorted": sorted, "numeric": numeric}


@register.simple_block_tag
def definitions(content: str) -> SafeString:
    return format_html('<dl class="definitions">{}</dl>', content)


@register.simple_block_tag
def definition(content: str, label: object) -> SafeString:
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, content)


@register.simple_block_tag
def figures(content: str) -> SafeString:
    """A row of `{% figure %}`s: what stands at a glance."""
    return format_html('<dl class="figures">{}</dl>', content)


@register.inclusion_tag("components/figure.html")
def figure(label: object, value: object, unit: object = "", url: str = "", note: object = "") -> dict[str, object]:
    return {"label": label, "value": value, "unit": unit, "url": url, "note": note}


@register.inclusion_tag("components/pager.html")
def pager(
    next_url: str = "", first_url: str = "", shown: int | None = None, total: str = "", of: str = ""
) -> dict[str, object]:
    """次へ and 最初へ of a list in pages. `total` is words, such as 「1,000件以上」; `of` names one list of several."""
    return {"next_url": next_url, "first_url": first_url, "shown": shown, "total": total, "of": of}


@register.simple_block_tag
def empty_state(content: str, title: object, icon: str = "inbox") -> SafeString:
    """An empty list. Between the tags goes what to do next: it may not be left out."""
    if is_blank(content):
        raise ValueError("an empty list says what to do next")
    return draw("empty_state", content=content, title=title, icon=icon)


@register.simple_block_tag
def card(content: str, title: object = "", url: str = "", level: int | None = None, heading: int = 2) -> SafeString:
    """A boxed part of a page; `level` colours its edge as a marking does."""
    return draw("card", content=content, title=title, url=url, level=level, tag=f"h{heading}")


@register.simple_block_tag
def disclosure(content: str, summary: object, open: bool = False) -> SafeString:
    return draw("disclosure", content=content, summary=summary, open=open)
