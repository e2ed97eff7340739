"""Markdown becomes HTML that can do nothing but be read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues.prose import host_of, leads_somewhere_safe, render

# What people send where HTML is shown to others, and what must not come of it.
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<b onmouseover=alert(1)>x</b>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<form action=https://evil.example><input name=q></form>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    '![x](/x "onerror=alert(1)")',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](blob:https://evil.example/1)",
    "[x][r]\n\n[r]: javascript:alert(1)",
    "<javascript:alert(1)>",
    '[x](https://a.example" onmouseover="alert(1))',
    '[x](https://a.example "title onmouseover=alert(1)")',
    "```\n</code></pre><script>alert(1)</script>\n```",
    "```js onload=alert(1)\nx\n```",
    "`<script>alert(1)</script>`",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "# <script>alert(1)</script>",
    "[<img src=x onerror=alert(1)>](https://a.example)",
    "[a](<javascript:alert(1)>)",
    "x\n<div style='position:fixed'>y</div>",
    "[x](https://a.example){onclick=alert(1)}",
]
ALLOWED = re.compile(
    r"<(?:"
    r"(?:/?(?:p|br|em|strong|s|code|pre|ul|li|blockquote|hr|table|thead|tbody|tr|th|td|span|a|ol))"
    r'|ol start="\d+"|span class="link-host"'
    r'|a href="(?:https?://|mailto:|/(?!/))[^"<>]*" rel="noopener nofollow"'
    r")>"
)
TAG = re.compile(r"<[^>]*>?")


def assert_harmless(html: str) -> None:
    for tag in TAG.findall(html):
        assert ALLOWED.fullmatch(tag), tag


@pytest.mark.parametrize("source", HOSTILE)
def test_nothing_hostile_survives(source: str) -> None:
    assert_harmless(render(source))


@given(
    st.lists(
        st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20), st.sampled_from(list("[]()<>!*_`|#-\n\"'&:/\\"))),
        max_size=8,
    ).map("".join)
)
def test_no_text_becomes_anything_but_the_allowed_tags(source: str) -> None:
    assert_harmless(render(source))


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("一行目\n二行目", "<p>一行目<br>\n二行目</p>\n"),
        ("# 見出し", "<p><strong>見出し</strong></p>\n"),
        ("- 一\n- 二", "<ul>\n<li>一</li>\n<li>二</li>\n</ul>\n"),
        ("3. 三\n4. 四", '<ol start="3">\n<li>三</li>\n<li>四</li>\n</ol>\n'),
        ("**太字**と`符号`と~~取消~~", "<p><strong>太字</strong>と<code>符号</code>と<s>取消</s></p>\n"),
        ("5 < 7 & 8 > 6", "<p>5 &lt; 7 &amp; 8 &gt; 6</p>\n"),
        ("[文書](/documents/1/)", '<p><a href="/documents/1/" rel="noopener nofollow">文書</a></p>\n'),
        (
            "<mailto:a@b.example>",
            '<p><a href="mailto:a@b.example" rel="noopener nofollow">mailto:a@b.example</a></p>\n',
        ),
    ],
)
def test_what_people_write_is_shown_as_they_mean_it(source: str, html: str) -> None:
    assert render(source) == html


def test_a_link_to_another_site_shows_its_host() -> None:
    shown = '<span class="link-host">(evil.example)</span>'
    assert shown in render("[ministry.example](https://ministry.example@evil.example/login)")
    assert shown in render("[**安全** な *場所*](https://evil.example/)")
    assert "link-host" not in render("[社内](/rooms/)")


def test_a_host_in_other_letters_is_shown_as_what_it_is() -> None:
    assert "(xn--" in render("[x](https://аррӏе.example/)")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/", True),
        ("HTTP://a.example", True),
        ("mailto:a@b.example", True),
        ("/rooms/1/", True),
        ("//evil.example/", False),
        ("/\\evil.example/", False),
        ("\\\\evil.example", False),
        ("https:evil.example", False),
        ("https:///evil.example", False),
        ("javascript:alert(1)", False),
        ("ftp://a.example", False),
        ("relative/path", False),
        ("#top", False),
        ("https://[broken", False),
        ("/a\tb", False),
        ("", False),
    ],
)
def test_where_a_link_may_lead(url: str, safe: bool) -> None:
    assert leads_somewhere_safe(url) is safe


def test_a_broken_address_has_no_host() -> None:
    assert host_of("https://[broken") == ""
