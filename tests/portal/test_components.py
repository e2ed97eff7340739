"""The components: what they draw, what they refuse, and that each template is used by something."""

import ast
import re
from collections import Counter
from datetime import UTC, date, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import allauth
import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpResponse
from django.template import Context, Template, TemplateSyntaxError, engines
from django.template.loader import get_template
from django.test import RequestFactory
from django.test.signals import template_rendered
from django.utils import translation
from django.utils.safestring import mark_safe
from django.views import defaults

from portal import wording
from portal.components.drawing import _remembered
from portal.gallery import SampleForm, gallery
from tests.portal import words

TEMPLATES = words.ROOT / "templates"
ALLAUTH = Path(allauth.__file__).parent / "templates"
# Whose names Django and allauth choose; those of allauth must exist there under the same name.
BY_STATUS = {"400.html", "403.html", "403_csrf.html", "404.html", "413.html", "429.html", "500.html", "503.html"}
MARKING = "HI//SEMICON//TLP:AMBER"
NINE = datetime(2026, 11, 22, 0, 5, tzinfo=UTC)


def drawn(source: str, **context: object) -> str:
    """A piece of a page, with the tags every template has."""
    template: Any = engines["django"].from_string(source)
    return str(template.template.render(Context(context)))


def request_of(path: str = "/gallery/", **extra: Any) -> Any:
    request = RequestFactory().get(path, **extra)
    request.user = AnonymousUser()
    return request


# --- words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "value", "said"),
    [
        ("ja", date(2026, 11, 22), "2026年11月22日(日)"),
        ("ja", datetime(2026, 11, 21, 15, 0, tzinfo=UTC), "2026年11月22日(日)"),
        ("en", date(2026, 3, 1), "Sun 1 March 2026"),
        ("ja", None, ""),
    ],
)
def test_dates_are_said_as_people_say_them(language: str, value: date | None, said: str) -> None:
    with translation.override(language):
        assert wording.date_words(value) == said


def test_moments_are_said_in_the_portals_time_zone() -> None:
    with translation.override("ja"):
        assert wording.datetime_words(NINE) == "2026年11月22日(日) 9:05"
        assert wording.datetime_words(NINE.replace(tzinfo=None)) == "2026年11月22日(日) 0:05"
    with translation.override("en"):
        assert wording.datetime_words(NINE) == "Sun 22 November 2026, 09:05"
    assert wording.datetime_words(None) == ""
    assert drawn("{% jdatetime at %}", at=NINE).startswith('<time datetime="2026-11-22T00:05+00:00">')
    assert drawn("{% jdate at %}|{% jdate nothing %}|{% jdatetime nothing %}", at=NINE, nothing=None).endswith(
        "</time>||"
    )


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (0, "0 B"),
        (1023, "1,023 B"),
        (1024, "1 KB"),
        (1_500_000, "1.4 MB"),
        (2 * 1024**3, "2.0 GB"),
        (5000 * 1024**4, "5,000.0 TB"),
        (None, ""),
    ],
)
def test_sizes_are_said_in_the_unit_people_choose(size: int | None, said: str) -> None:
    assert wording.size_words(size) == said


def test_numbers_have_separators() -> None:
    assert (wording.number_words(1234567), wording.number_words(None)) == ("1,234,567", "")


# --- markings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(
    "text", ["PUBLIC//TLP:CLEAR", "SENSITIVE//TLP:GREEN", MARKING, "CESI//TLP:AMBER+STRICT", "SDS//TLP:RED"]
)
def test_a_marking_is_said_in_words(text: str, language: str) -> None:
    with translation.override(language):
        found = wording.marking_words(text)
        banner = drawn("{% marking_banner text %}", text=text)
        assert str(found.level_words) in banner
        assert found.tlp_words in banner
        assert f"level-{found.level}" in banner
    assert wording.tlp_words("") == ""


def test_what_is_marked_stands_between_two_banners() -> None:
    page = drawn("{% marked marking=text %}<p>本文</p>{% endmarked %}", text=MARKING)
    before, after = page.split("<p>本文</p>")
    for part in (before, after):
        assert "SEMICON" in part
        assert "TLP:AMBER" in part
    assert "marking-foot" not in before
    assert "marking-foot" in after


def test_a_text_that_is_no_marking_is_not_drawn() -> None:
    """An unreadable marking stops the page: nothing may stand unmarked."""
    with pytest.raises(forms.ValidationError):
        drawn("{% marked marking=text %}本文{% endmarked %}", text="HI//semicon")


# --- what components refuse -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", ['{% button lable="x" %}', '{% chip "x" tone="red" size="l" %}', "{% card tittle='x' %}{% endcard %}"]
)
def test_a_misspelt_parameter_is_an_error(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        drawn(source)


def test_an_empty_list_must_say_what_to_do_next() -> None:
    with pytest.raises(ValueError, match="what to do next"):
        drawn('{% empty_state title="なし" %} {% endempty_state %}')


@pytest.mark.parametrize(
    "source",
    [
        "{% chip evil %}",
        "{% person name=evil organisation=evil title=evil %}",
        "{% button evil name='a' value=evil %}",
        "{% link_button evil url=evil %}",
        "{% search label=evil value=evil %}",
        "{% notice title=evil %}{{ evil }}{% endnotice %}",
        "{% definition label=evil %}{{ evil }}{% enddefinition %}",
        "{% message author=evil at=at marking=marking organisation=evil id=evil %}{{ evil }}{% endmessage %}",
        "{% event at=at title=evil who=evil %}{{ evil }}{% endevent %}",
        "{% prose %}{{ evil }}{% endprose %}",
        "{% figure label=evil value=evil %}",
        "{% datatable caption=evil %}{{ evil }}{% enddatatable %}",
        "{% bar_chart rows=rows caption=evil unit=evil %}",
        "{% breadcrumb %}{% crumb evil url=evil %}{% endbreadcrumb %}",
        "{% pager next_url=evil total=evil %}",
        "{% step_up level=2 next=evil %}",
    ],
)
def test_what_people_typed_stays_text(source: str) -> None:
    evil = "\"'><script>alert(1)</script>"
    page = drawn(source, evil=evil, at=NINE, marking=MARKING, rows=[(evil, 1)])
    assert "<script>" not in page
    assert "\"'>" not in page
    assert (
        drawn("{% prose %}{{ html }}{% endprose %}", html=mark_safe("<b>x</b>")) == '<div class="prose"><b>x</b></div>'
    )


# --- forms ----------------------------------------------------------------------------------------------------


def ids_of(page: str) -> Counter[str]:
    return Counter(re.findall(r'\sid="([^"]+)"', page))


def test_a_wrong_form_says_what_is_wrong_above_and_beside() -> None:
    form = SampleForm({"body": "残る"})
    with translation.override("ja"):
        page = drawn('{% form form=form submit="登録" %}{% endform %}', form=form, csrf_token="token")
    targets = re.findall(r'<a href="#([^"]+)"', page)
    assert targets == ["id_title", "id_room", "id_level_0", "id_file", "id_agreed"]
    assert set(targets) <= set(ids_of(page))
    for name in ("title", "room", "level", "file", "agreed"):
        assert f'id="id_{name}_error"' in page
        assert re.search(rf'aria-describedby="[^"]*id_{name}_error', page)
    assert ">\n残る</textarea>" in page
    assert "token" in page
    assert "multipart/form-data" in page


def test_every_control_has_a_name_and_no_id_stands_twice() -> None:
    page = drawn("{% form form=form %}{% endform %}", form=SampleForm())
    ids = ids_of(page)
    assert max(ids.values()) == 1
    labelled = set(re.findall(r'<label[^>]*\sfor="([^"]+)"', page))
    controls = re.findall(r"<(?:input|select|textarea)[^>]*>", page)
    for control in controls:
        found = re.search(r'\sid="([^"]+)"', control)
        assert 'type="hidden"' in control or (found and found[1] in labelled), control
    assert "placeholder" not in page


def test_hidden_fields_are_sent_and_their_errors_told() -> None:
    class Kept(forms.Form):
        version = forms.CharField(widget=forms.HiddenInput)
        name = forms.CharField(label="名前", required=False)

        def clean(self) -> None:
            raise forms.ValidationError("重なっています")

    page = drawn("{% form form=form %}{% field form.name %}{% endform %}", form=Kept({"name": "x"}))
    assert page.count('name="version"') == 1
    assert "重なっています" in page
    assert page.count("<li>") == 2
    assert drawn("{% error_summary forms %}", forms=[SampleForm(), SampleForm()]).strip() == ""


# --- small things ---------------------------------------------------------------------------------------------


def test_a_bar_is_as_long_as_its_number() -> None:
    page = drawn('{% bar_chart rows=rows caption="件数" %}', rows={"甲": 200, "乙": 50, "丙": 0})
    assert re.findall(r'width="([\d.]+)"', page) == ["100.0", "25.0", "0.0"]
    assert drawn('{% bar_chart rows=rows caption="件数" %}', rows=[]).count("<rect") == 0


def test_a_step_up_asks_for_the_level_and_comes_back() -> None:
    page = drawn("{% step_up level=3 next='/documents/?a=b&c=d' %}")
    assert 'href="/account/step-up/?level=3&amp;next=%2Fdocuments%2F%3Fa%3Db%26c%3Dd"' in page


@pytest.mark.parametrize(("count", "shown"), [(0, ""), (3, ">3<"), (99, ">99<"), (100, ">99+<")])
def test_unread_counts_are_capped(count: int, shown: str) -> None:
    assert shown in drawn("{% unread count %}", count=count)
    assert count or not drawn("{% unread count %}", count=count).strip()


# --- whole pages ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("contexts")
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_gallery_shows_every_component(language: str) -> None:
    seen: set[str] = set()

    def note(sender: Any, template: Template, **_: object) -> None:
        seen.add(str(template.name))

    _remembered.cache_clear()  # what an earlier page drew would not be drawn again
    template_rendered.connect(note)
    try:
        with translation.override(language):
            page = gallery(request_of()).content.decode()
    finally:
        template_rendered.disconnect(note)
    assert {f"components/{path.name}" for path in (TEMPLATES / "components").glob("*.html")} - seen == set()
    assert page.count("<h1") == 1
    assert f'<html lang="{language}">' in page


def answer(view: Any, path: str, exception: Exception) -> HttpResponse:
    found: HttpResponse = view(request_of(path), exception)
    return found


def test_what_is_denied_looks_like_what_is_missing() -> None:
    """Same bytes whatever was asked for and whatever the reason; and nothing of the request comes back."""
    pages = {
        answer(defaults.page_not_found, path, why).content
        for path in ("/documents/019ab/", "/rooms/<b>/", "/nowhere?x=planted")
        for why in (Http404(), Http404("planted"), Http404({"tried": "planted"}))
    }
    assert len(pages) == 1
    assert b"planted" not in pages.pop()


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", sorted(BY_STATUS))
def test_error_pages_say_what_to_do_next_and_need_nothing(name: str, language: str) -> None:
    with translation.override(language):
        page = get_template(name).render({})
    assert page.count("<h1>") == 1
    assert "<h2>" in page
    assert "csrf" not in page
    assert 'href="/"' in page
    assert bool(words.JAPANESE.search(page)) == (language == "ja")


# --- templates ------------------------------------------------------------------------------------------------


def made_names(source: str) -> set[str]:
    """File patterns of the names that code puts together: `f"mail/{name}.txt"` as `mail/*.txt`."""
    joined = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr)]
    patterns = {
        "".join(part.value if isinstance(part, ast.Constant) else "*" for part in node.values) for node in joined
    }
    return {pattern for pattern in patterns if pattern.endswith((".html", ".txt"))}


def test_every_template_is_used() -> None:
    ours = {str(path.relative_to(TEMPLATES)) for path in words.template_files() if path.suffix in {".html", ".txt"}}
    named, patterns = set(), set()
    for path in [*words.template_files(), *words.python_files()]:
        text = path.read_text()
        named |= set(re.findall(r"[\"']([\w./-]+\.(?:html|txt))[\"']", text))
        named |= {f"components/{name}.html" for name in re.findall(r'draw\w*\(\s*"(\w+)"', text)}
        patterns |= made_names(text) if path.suffix == ".py" else set()
    patterns.discard("components/*.html")
    unused = {
        name
        for name in ours - named - BY_STATUS
        if not (ALLAUTH / name).is_file() and not any(fnmatch(name, pattern) for pattern in patterns)
    }
    assert unused == set()


@pytest.mark.parametrize("path", words.template_files(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_template_compiles(path: Path) -> None:
    get_template(str(path.relative_to(TEMPLATES)))
