"""Markdown as people write it, rendered to HTML that can do nothing but be read.

Two walls: the parser knows no raw HTML and no images, and what it made passes an allow-list besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

SCHEMES = frozenset({"http", "https", "mailto"})
TAGS = {
    "a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "span", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}}
CLASSES = {"span": {"link-host"}}


def render(source: str) -> SafeString:
    """The message's HTML. A link to another site shows its host: nobody is led where they did not mean to go."""
    cleaned = nh3.clean(
        str(_parser.render(source)),
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes=set(SCHEMES),
        link_rel="noopener nofollow",
        strip_comments=True,
    )
    return mark_safe(cleaned)  # noqa: S308 — cleaned by the allow-list in the line above


def leads_somewhere_safe(url: str) -> bool:
    """Whether a link may stay: http, https, mailto, or a path of this portal (`//host` and `/\\host` are no paths)."""
    plain = "".join(char for char in url if char.isprintable() and not char.isspace())
    if plain != url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme:
        return parts.scheme.lower() in SCHEMES and (parts.scheme.lower() == "mailto" or bool(parts.hostname))
    return url.startswith("/") and not parts.netloc


def host_of(url: str) -> str:
    """Where the link leads, when that is another site."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "" if parts.scheme.lower() in {"http", "https"} else ""
    except ValueError:
        return ""


def _heading(_self: Any, tokens: Sequence[Token], index: int, *_rest: Any) -> str:
    """A heading within a message is a bold line: the page's outline is not the writer's to change."""
    return "<p><strong>" if tokens[index].nesting == 1 else "</strong></p>\n"


def _link_close(_self: Any, tokens: Sequence[Token], index: int, *_rest: Any) -> str:
    host = host_of(_target(tokens, index))
    return f'</a> <span class="link-host">({conditional_escape(host)})</span>' if host else "</a>"


def _target(tokens: Sequence[Token], closing: int) -> str:
    depth = 0
    for token in reversed(tokens[: closing + 1]):
        depth += {"link_close": 1, "link_open": -1}.get(token.type, 0)
        if depth == 0:
            return str(token.attrs.get("href", ""))
    return ""


def _build() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
    parser.enable(["table", "strikethrough"]).disable(["image", "html_inline", "html_block"])
    parser.validateLink = leads_somewhere_safe  # type: ignore[method-assign]
    for name in ("heading_open", "heading_close"):
        parser.add_render_rule(name, _heading)
    parser.add_render_rule("link_close", _link_close)
    return parser


_parser = _build()
