"""Small parts of the officer's pages: the way between them, an entitlement's state, levels and codes in words."""

from collections.abc import Sequence

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.sectors import country_name

from ..models import Level
from ..queries.people import Held

register = template.Library()


@register.inclusion_tag("clearance/sections.html")
def clearance_sections(here: str) -> dict[str, object]:
    """The officer's pages beside each other."""
    sections = [
        ("overview", _("概要")),
        ("people", _("利用者の一覧")),
        ("organisations", _("組織の一覧")),
        ("ending", _("まもなく終了")),
        ("codes", _("取扱分野・国")),
        ("statutory", _("適性評価・適合事業者")),
        ("handlers", _("取扱者名簿")),
        ("limits", _("閲覧の上限")),
    ]
    return {
        "sections": [
            {"label": label, "url": reverse(f"clearance:{name}"), "current": name == here} for name, label in sections
        ]
    }


@register.inclusion_tag("clearance/state.html")
def clearance_state(of: object) -> dict[str, object]:
    """The state of an entry or a line of a list: symbol, word and colour."""
    return {
        "label": (getattr(of, "phase", None) or of.state).label,  # type: ignore[attr-defined]
        "tone": of.tone,  # type: ignore[attr-defined]
        "icon": of.icon,  # type: ignore[attr-defined]
    }


@register.simple_tag
def level_words(level: int | None) -> str:
    """A level by its name; a dash for none."""
    return "—" if level is None else str(Level(level).label)


@register.simple_tag
def codes_words(codes: Sequence[str]) -> SafeString:
    """Codes in one line, none of them broken; that there are none, in words."""
    if not codes:
        return format_html("{}", _("分野の指定なし"))
    return format_html_join(
        pgettext("list separator", "、"), '<span class="whole">{}</span>', ((code,) for code in codes)
    )


@register.filter
def country_names(codes: Sequence[str]) -> str:
    """Countries by name, in one line."""
    return pgettext("list separator", "、").join(country_name(code) for code in codes)


@register.simple_tag
def held_words(held: Sequence[Held]) -> SafeString:
    """What somebody reads, level by level."""
    if not held:
        return format_html("<p>{}</p>", _("公開の情報だけを読めます。"))
    lines = SafeString("")
    for each in held:
        codes = format_html(_("（{}）"), codes_words(each.compartments))
        lines += format_html("<li><strong>{}</strong> {}</li>", each.level.label, codes)
    return format_html('<ul class="plain">{}</ul>', lines)
