"""The tags that draw components. Leaves take parameters; slotted ones wrap what the page writes between their tags.

A misspelt parameter is an error here, where a misspelt variable of an `{% include %}` would silently show nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.forms import BaseForm, BoundField
from django.template import Context, Library
from django.template.loader import get_template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal import wording
from portal.fields import ErrorLine, error_lines, field_parts

register = Library()


def draw(template: str, **parameters: object) -> SafeString:
    """The component's template, filled in; it sees its parameters and nothing of the page."""
    return get_template(f"components/{template}.html").render(parameters)


def is_blank(content: str) -> bool:
    return not content.strip()


# --- words ----------------------------------------------------------------------------------------------------


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
    return draw("icon", name=name, label=label)


# --- page -----------------------------------------------------------------------------------------------------


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


# --- buttons --------------------------------------------------------------------------------------------------


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


# --- forms ----------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, label: object = "", hint: object = "", optional: bool = True) -> dict[str, Any]:
    """Label, necessity, hint, control and error of one field, tied together for assistive technology.

    `optional=False` leaves out the word 任意 on a field that is not required (filters).
    """
    return field_parts(bound, label=label, hint=hint, optional=optional)


@register.inclusion_tag("components/fields.html")
def fields(form: BaseForm) -> dict[str, object]:
    """Every field of a form, hidden ones included."""
    return {"form": form}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm | Iterable[BaseForm]) -> dict[str, object]:
    """What is wrong in one form, or several, each line a link to its field; nothing when nothing is."""
    forms = [form] if isinstance(form, BaseForm) else list(form)
    lines: list[ErrorLine] = [line for each in forms for line in error_lines(each)]
    return {"lines": lines}


@register.simple_block_tag(takes_context=True)
def form(
    context: Context,
    content: str,
    form: BaseForm,
    submit: object = "",
    action: str = "",
    cancel_url: str = "",
    kind: str = "primary",
    upload: bool = False,
    id: str = "",
) -> SafeString:
    """A POST form: error summary, fields, buttons. What is between the tags takes the place of the fields.

    `upload=True` shows progress where there is script. Hidden fields are always written.
    """
    return draw(
        "form",
        form=form,
        content=content,
        blank=is_blank(content),
        submit=submit or _("保存する"),
        action=action,
        cancel_url=cancel_url,
        kind=kind,
        upload=upload,
        id=id,
        multipart=form.is_multipart(),
        csrf_token=context.get("csrf_token", ""),
    )


@register.simple_block_tag(takes_context=True)
def confirm(
    context: Context,
    content: str,
    submit: object,
    action: str = "",
    cancel_url: str = "",
    kind: str = "danger",
    form: BaseForm | None = None,
) -> SafeString:
    """The page that asks before something happens that cannot be undone: what it means, do it, go back."""
    return draw(
        "confirm",
        content=content,
        submit=submit,
        action=action,
        cancel_url=cancel_url,
        kind=kind,
        form=form,
        csrf_token=context.get("csrf_token", ""),
    )


@register.simple_block_tag(takes_context=True)
def post_button(
    context: Context,
    content: str,
    action: str,
    label: object,
    kind: str = "secondary",
    size: str = "sm",
    icon: str = "",
) -> SafeString:
    """One button that posts; hidden inputs may stand between the tags."""
    return draw(
        "post_button",
        content=content,
        action=action,
        label=label,
        kind=kind,
        size=size,
        icon=icon,
        csrf_token=context.get("csrf_token", ""),
    )


@register.simple_block_tag(takes_context=True)
def passkey_form(
    context: Context,
    content: str,
    action: str,
    label: object,
    data: Mapping[str, object] | None = None,
    options_url: str = "",
    form: BaseForm | None = None,
    kind: str = "primary",
    creates: bool = False,
) -> SafeString:
    """Asks the browser for a passkey (static/js/passkeys.js) and posts it; `data` holds what the server asks of it."""
    return draw(
        "passkey_form",
        content=content,
        action=action,
        label=label,
        data=data,
        options_url=options_url,
        form=form,
        kind=kind,
        creates=creates,
        csrf_token=context.get("csrf_token", ""),
    )


@register.simple_block_tag
def fieldset(content: str, legend: object, hint: object = "") -> SafeString:
    return draw("fieldset", content=content, legend=legend, hint=hint)


@register.simple_block_tag
def filters(content: str, label: object = "", submit: object = "", clear_url: str = "") -> SafeString:
    """A GET form that narrows a list; fields go between the tags."""
    return draw(
        "filters", content=content, label=label or _("絞り込み"), submit=submit or _("絞り込む"), clear_url=clear_url
    )


@register.inclusion_tag("components/search.html")
def search(label: object, name: str = "q", value: str = "", action: str = "", hint: object = "") -> dict[str, object]:
    """One search box with its button, by GET."""
    return {"label": label, "name": name, "value": value, "action": action, "hint": hint}


# --- lists and tables -----------------------------------------------------------------------------------------


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
def pager(next_url: str = "", first_url: str = "", shown: int | None = None, total: str = "") -> dict[str, object]:
    """次へ and 最初へ of a list paged by key. `total` is words, such as 「1,000件以上」."""
    return {"next_url": next_url, "first_url": first_url, "shown": shown, "total": total}


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


# --- markings -------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/marking_banner.html")
def marking_banner(marking: wording.HasText | str, foot: bool = False) -> dict[str, object]:
    """格付 in words and colour. It stands at the top and the foot of what it marks: see `{% marked %}`."""
    return {"words": wording.marking_words(marking), "foot": foot}


@register.inclusion_tag("components/marking_chip.html")
def marking_chip(marking: wording.HasText | str) -> dict[str, object]:
    """格付 in a line of a list."""
    return {"words": wording.marking_words(marking)}


@register.simple_block_tag
def marked(content: str, marking: wording.HasText | str) -> SafeString:
    """What is marked, between its two banners."""
    return draw("marked", content=content, words=wording.marking_words(marking))


@register.inclusion_tag("components/step_up.html")
def step_up(level: int, next: str) -> dict[str, object]:
    """Asks for a stronger sign-in where something of that level may stand, whether or not anything does."""
    return {"level": level, "url": f"/account/step-up/?{urlencode({'level': level, 'next': next})}"}


# --- notices and small things ---------------------------------------------------------------------------------


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: object = "", heading: int = 2) -> SafeString:
    """`tone`: info, success, warning, error."""
    return draw("notice", content=content, tone=tone, title=title, tag=f"h{heading}")


@register.inclusion_tag("components/chip.html")
def chip(label: object, tone: str = "neutral") -> dict[str, object]:
    """A word in a box. `tone`: neutral, blue, green, yellow, red, purple."""
    return {"label": label, "tone": tone}


@register.inclusion_tag("components/unread.html")
def unread(count: int) -> dict[str, object]:
    return {"count": count}


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


# --- dialogue and history -------------------------------------------------------------------------------------


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
        words=wording.marking_words(marking),
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
