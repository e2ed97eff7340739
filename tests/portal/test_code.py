"""What our code does nowhere: evaluate, unpickle, open addresses, throw dice, keep things in the browser."""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = (
    "accounts", "audit", "briefings", "clearance", "consultations", "dialogues", "disclosure", "documents", "intake",
    "portal", "vault",
)  # fmt: skip
# What runs shut in, by itself (intake/cleaning), is not imported from here.
SHUT_IN = ROOT / "intake" / "cleaning" / "inside"
SOURCES = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if SHUT_IN not in path.parents]
SCRIPTS = sorted(ROOT.glob("static/js/*.js")) + sorted(ROOT.glob("*/static/**/*.js"))
# `make run` looks whether its own web server answers; backups call pg_dump; the SIEM's own sender opens its socket.
MAY_CONNECT = (
    "briefings/delivery/",  # webhooks
    "portal/embedded/",
    "portal/security_log/",
    "portal/metrics/server.py",
    "portal/logs/fields.py",
    "vault/s3.py",
)
# Demo worlds are the same each time, on purpose.
MAY_PLAY_DICE = ("demo",)


@cache
def trees() -> dict[str, ast.Module]:
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


@cache
def imported() -> dict[str, set[str]]:
    """Names each file imports, whole."""
    found: dict[str, set[str]] = {}
    for place, tree in trees().items():
        names = found[place] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def dotted(name: ast.expr) -> str:
    """Of what is reached through anything but names, the end of the way."""
    if isinstance(name, ast.Attribute):
        return f"{dotted(name.value)}.{name.attr}"
    return name.id if isinstance(name, ast.Name) else ""


@cache
def called() -> dict[str, set[str]]:
    """Names each file calls, as it writes them."""
    return {
        place: {dotted(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for place, tree in trees().items()
    }


def importing(pattern: str) -> set[str]:
    return {place for place, names in imported().items() if any(re.fullmatch(pattern, name) for name in names)}


def test_nothing_evaluates_or_unpickles() -> None:
    assert len(trees()) > 200
    forbidden = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "Template", "engine.from_string"}
    assert {place: name for place, names in called().items() for name in names & forbidden} == {}
    assert importing(r"(pickle|marshal|shelve|dill|yaml|jsonpickle)(\..*)?") == set()


def test_nothing_parses_xml() -> None:
    assert importing(r"(xml|lxml|defusedxml|bs4|html5lib)(\..*)?") == set()


def test_the_server_opens_no_address() -> None:
    clients = r"(requests|httpx|aiohttp|urllib3|urllib\.request|http\.client|ftplib|socket|ssl)(\..*)?"
    assert {place for place in importing(clients) if not place.startswith(MAY_CONNECT)} <= {
        "portal/settings/production.py", "portal/settings/observing.py",
    } | {place for place in trees() if "backup" in place}  # fmt: skip


def test_a_program_is_started_by_its_list_of_arguments() -> None:
    for place, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "shell":
                raise AssertionError(place)


def test_nothing_random_is_guessable() -> None:
    assert {place for place in importing(r"random(\..*)?") if not any(word in place for word in MAY_PLAY_DICE)} == set()


def test_cryptography_is_in_one_place() -> None:
    assert all(place.startswith("vault/") for place in importing(r"(cryptography|pkcs11)(\..*)?"))
    weak = {"hashlib.md5", "hashlib.sha1", "md5", "sha1", "hashlib.new"}
    assert {place: name for place, names in called().items() for name in names & weak} == {}


def test_scripts_write_text_and_keep_nothing() -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|postMessage|\"message\""
        r"|localStorage|sessionStorage|indexedDB|document\.cookie|__proto__|Object\.assign|window\.\w+ ="
        r"|https?://|importScripts|XDomainRequest|\bvar "
    )
    assert SCRIPTS
    for script in SCRIPTS:
        code = re.sub(r"^\s*(//|\*|/\*).*$", "", script.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert re.findall(forbidden, code) == [], script.name


def test_what_is_served_as_it_lies_is_made_for_browsers() -> None:
    served = [
        path for folder in ("static", "documents/static") for path in (ROOT / folder).rglob("*") if path.is_file()
    ]
    assert {path.suffix for path in served} <= {".css", ".js", ".svg", ".png", ".ico", ".woff2", ".txt"}


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every expression that stands at the top of a module."""
    for place, names in imported().items():
        if "re" in names and not place.startswith(("portal/embedded", "portal/settings")):
            module = importlib.import_module(place.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
            yield from (
                (f"{place}::{name}", value) for name, value in vars(module).items() if isinstance(value, re.Pattern)
            )


HOSTILE = [
    piece * (2_000 // len(piece)) + end
    for piece in ("a", "1", " ", "-", "<!---->", "<!--", "<?xml", "%(", "a.", "A//", "\n", "あ")
    for end in ("", "!", "\x00")
]


def test_no_expression_takes_long_over_any_text() -> None:
    for place, pattern in patterns():
        begun = time.process_time()
        for text in HOSTILE:
            given: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
            pattern.search(given)
            pattern.fullmatch(given)
        assert time.process_time() - begun < 1, place
