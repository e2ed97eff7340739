"""Every Japanese text has its English, every translation is used, and none lost a placeholder."""

import polib

from tests.portal import words


def names(message: words.Message) -> tuple[str, str]:
    """What gettext looks a message up by."""
    return message.context, message.singular


def test_the_collector_reads_each_way_of_asking() -> None:
    template = (
        '{% translate "一" %}{% button label=_("二") %}{{ x|default:_("三") }}'
        "{% blocktranslate trimmed with a=b %}\n 四{{ a }}\n{% endblocktranslate %}"
        "{% blocktranslate count n=n %}{{ n }}件{% plural %}{{ n }}件{% endblocktranslate %}"
        '{% translate "五" context "数" %}'
    )
    assert [(m.context, m.singular, m.plural) for m in words.in_template(template)] == [
        ("", "一", ""),
        ("", "二", ""),
        ("", "三", ""),
        ("", "四%(a)s", ""),
        ("", "%(n)s件", "%(n)s件"),
        ("数", "五", ""),
    ]
    python = '_("一" "二"); gettext_lazy("三"); ngettext("四", "五", n); pgettext("場", "六"); _(name)'
    assert [(m.context, m.singular, m.plural) for m in words.in_python(python)] == [
        ("", "一二", ""),
        ("", "三", ""),
        ("", "四", "五"),
        ("場", "六", ""),
    ]


def test_every_japanese_text_has_its_english() -> None:
    answered = {names(entry.message) for entry in words.entries("en") if all(entry.answers)}
    missing = {
        message.singular: files
        for message, files in words.asked().items()
        if message.is_japanese and names(message) not in answered
    }
    assert not missing, "\n".join(f"{text!r} in {files[0]}" for text, files in missing.items())


def test_every_translation_is_asked_for() -> None:
    wanted = {names(message) for message in words.asked()}
    dead = [
        (entry.catalogue, entry.message.singular) for entry in words.entries("en") if names(entry.message) not in wanted
    ]
    assert not dead


def test_no_translation_is_fuzzy_empty_or_left_as_it_was() -> None:
    poor = [
        (entry.catalogue, entry.message.singular)
        for entry in words.entries("en")
        if entry.fuzzy
        or not all(entry.answers)
        or (entry.message.is_japanese and entry.message.singular in entry.answers)
    ]
    assert not poor


def test_one_text_has_one_english() -> None:
    seen: dict[tuple[str, str], words.Entry] = {}
    for entry in words.entries("en"):
        first = seen.setdefault(names(entry.message), entry)
        assert first.answers == entry.answers, (
            f"{entry.message.singular!r}: {first.catalogue} and {entry.catalogue} differ"
        )


def test_placeholders_survive_translation() -> None:
    for entry in [*words.entries("en"), *words.entries("ja")]:
        expected = words.placeholders(entry.message.singular)
        for answer in entry.answers:
            assert words.placeholders(answer) == expected, (entry.catalogue, entry.message.singular)


def test_english_catalogues_say_how_english_counts() -> None:
    for path in words.catalogues("en"):
        header = polib.pofile(str(path)).metadata
        assert "UTF-8" in header.get("Content-Type", "").upper(), path
        plural = any(entry.msgid_plural for entry in polib.pofile(str(path)))
        assert not plural or "nplurals=2" in header.get("Plural-Forms", ""), path


def test_templates_hold_no_japanese_outside_translation() -> None:
    bare = [(path.name, text) for path in words.template_files() for text in words.bare_japanese(path.read_text())]
    assert not bare


def test_scripts_hold_no_text_of_their_own() -> None:
    """What a script says stands in the page that loads it, where it is translated."""
    for path in (words.ROOT / "static").rglob("*.js"):
        assert not words.JAPANESE.search(path.read_text()), path
