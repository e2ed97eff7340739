"""Finds every text that code and templates ask gettext for, and what the catalogues answer, without gettext tools."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import polib
from django.template.base import Lexer, TokenType
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent.parent
LOCALE = ROOT / "locale"
APPS = sorted(path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff5e\u3001-\u303f]")
PLACEHOLDER = re.compile(r"%\([A-Za-z_]\w*\)[sd]|%[sd]|\{[A-Za-z_]?\w*\}")
CALL = re.compile(r"\b(?:n?p?gettext(?:_lazy|_noop)?|_)\(")

# Which arguments of each function are the context, the singular and the plural.
SHAPES: dict[str, tuple[int | None, int, int | None]] = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "ngettext": (None, 0, 1),
    "pgettext": (0, 1, None),
    "npgettext": (0, 1, 2),
}


class Message(NamedTuple):
    """What gettext is asked for."""

    context: str
    singular: str
    plural: str

    @property
    def is_japanese(self) -> bool:
        return bool(JAPANESE.search(self.singular))


def of_call(call: ast.Call) -> Message | None:
    """The message a call asks for; None when it asks for none, or for one that is only known when it runs."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    shape = SHAPES.get(re.sub(r"_(lazy|noop)$", "", name) or name)
    if shape is None:
        return None
    texts = [
        part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else None for part in call.args
    ]
    picked = ["" if place is None else texts[place] if place < len(texts) else None for place in shape]
    if picked[1] is None:
        return None
    return Message(picked[0] or "", picked[1], picked[2] or "")


def in_python(source: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (found := of_call(node)):
            yield found


def in_template(source: str, origin: str = "") -> Iterator[Message]:
    """Django turns a template into calls of gettext with everything else blanked out; those are read one by one."""
    calls = templatize(source, origin=origin)
    for match in CALL.finditer(calls):
        node = ast.parse(closed(calls, match.start()), mode="eval").body
        if isinstance(node, ast.Call) and (found := of_call(node)):
            yield found


def closed(text: str, start: int) -> str:
    """The call at `start`, up to the parenthesis that ends it."""
    end = start
    while (end := text.find(")", end)) >= 0:
        end += 1
        try:
            ast.parse(text[start:end], mode="eval")
        except SyntaxError:
            continue
        return text[start:end]
    raise ValueError(f"unclosed call: {text[start : start + 60]!r}")


def python_files() -> list[Path]:
    return [path for app in APPS for path in sorted(app.rglob("*.py")) if "migrations" not in path.parts]


def template_files() -> list[Path]:
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


@cache
def asked() -> dict[Message, list[str]]:
    """Every message and the files that ask for it."""
    found: dict[Message, list[str]] = defaultdict(list)
    for path in python_files():
        for message in in_python(path.read_text()):
            found[message].append(str(path.relative_to(ROOT)))
    for path in template_files():
        for message in in_template(path.read_text(), str(path)):
            found[message].append(str(path.relative_to(ROOT)))
    return found


def bare_japanese(source: str) -> Iterator[str]:
    """Japanese text of a template that no tag translates."""
    inside = ""
    for token in Lexer(source).tokenize():
        word = token.contents.split(maxsplit=1)[0] if token.contents.strip() else ""
        if token.token_type == TokenType.BLOCK and word in {"blocktranslate", "blocktrans", "comment"}:
            inside = word
        elif token.token_type == TokenType.BLOCK and inside and word == f"end{inside}":
            inside = ""
        elif not inside and token.token_type == TokenType.TEXT and JAPANESE.search(token.contents):
            yield token.contents.strip()
        elif not inside and token.token_type in {TokenType.BLOCK, TokenType.VAR}:
            rest = re.sub(r"""_\((?:"[^"]*"|'[^']*')\)""", "", token.contents)
            if word not in {"translate", "trans"} and JAPANESE.search(rest):
                yield token.contents


class Entry(NamedTuple):
    """One line of a catalogue."""

    catalogue: str
    message: Message
    answers: tuple[str, ...]
    fuzzy: bool


def catalogues(language: str) -> list[Path]:
    return sorted([*LOCALE.glob(f"*/{language}/LC_MESSAGES/*.po"), *LOCALE.glob(f"{language}/LC_MESSAGES/*.po")])


@cache
def entries(language: str) -> list[Entry]:
    return [
        Entry(
            str(path.relative_to(ROOT)),
            Message(each.msgctxt or "", each.msgid, each.msgid_plural or ""),
            tuple(each.msgstr_plural[n] for n in sorted(each.msgstr_plural)) if each.msgid_plural else (each.msgstr,),
            each.fuzzy,
        )
        for path in catalogues(language)
        for each in polib.pofile(str(path))
        if not each.obsolete
    ]


def placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text.replace("%%", "")))
