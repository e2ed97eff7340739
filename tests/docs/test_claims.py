"""What the documents name is there: commands, settings, files, tests, words on the screens, vocabulary."""

from __future__ import annotations

import ast
import re
import runpy
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.utils import translation

from accounts.models import Appointment, Organisation
from accounts.operator import EXIT_FAULTS
from audit.findings import Fault
from audit.verification import EARLY, GRACE, LATE, MOST_FINDINGS
from clearance.models import Authorisation, Level, OrganisationCertification, Role, Tlp
from dialogues.models import Room
from documents.models import State
from portal.embedded.supervisor import GUNICORN, INTAKE_GUNICORN
from tests.portal.words import asked

from .pages import DOCS, PAGES, ROOT, named, quoted, text

TEST = re.compile(r"(tests/[\w/]+\.py)(?:::(\w+))?")
ON_SCREEN = re.compile(r"「\*\*(.+?)\*\*」")
FILE = re.compile(r"[\w./-]+\.(?:py|sql|txt|toml|html|md)|(?:[\w-]+/)+")
MADE_BY_RUNNING = (
    "var/", "security/", "metrics/", "blobs/", "postgres/", "secrets/", "logs/", "mail/", "run/", "audit-heads/",
)  # fmt: skip
CHOICES = (
    Level, Authorisation.Basis, OrganisationCertification.Kind, Organisation.Kind, Appointment.Duty, Role, Room.Kind,
    State, Tlp,
)  # fmt: skip


def test_every_target_named_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+(?: [a-z]+)*):", text(ROOT / "Makefile"), re.MULTILINE))
    known = {target for line in targets for target in line.split()}
    for page in PAGES:
        assert set(re.findall(r"(?:`|^)make ([a-z]+)", text(page), re.MULTILINE)) <= known, named(page)


def test_every_management_command_named_exists() -> None:
    for page in PAGES:
        assert set(re.findall(r"manage\.py ([a-z_]+)", text(page))) <= set(get_commands()), named(page)


def test_every_option_named_is_one_of_its_command() -> None:
    for page in PAGES:
        for name, rest in re.findall(r"manage\.py ([a-z_]+)([^`\n]*)", text(page)):
            app = get_commands()[name]
            command = load_command_class(app, name) if isinstance(app, str) else app
            known = {option for action in command.create_parser("", name)._actions for option in action.option_strings}
            assert set(re.findall(r"--[a-z-]+", rest)) <= known, f"{named(page)}: {name}"


def test_the_web_server_runs_everywhere_with_the_same_flags() -> None:
    for name, module, launched, more in (
        ("web", "portal.wsgi", GUNICORN, {("--workers", "2"), ("--bind", "127.0.0.1:8000")}),
        ("intake", "portal.intake_wsgi", INTAKE_GUNICORN, {("--bind", "127.0.0.1:8001")}),
    ):
        unit = ROOT / "deploy" / f"entaku-{name}.service"
        for page, start in ((DOCS / "operations.md", ".venv/bin/"), (unit, "ExecStart=/opt/entaku/.venv/bin/")):
            (command,) = re.findall(rf"^{re.escape(start)}(gunicorn {re.escape(module)} .+)$", text(page), re.MULTILINE)
            assert set(flags(command)) == set(flags(shlex.join(launched))) | more, page.name


def flags(command: str) -> list[tuple[str, ...]]:
    """Each option of a command with its value, if it has one."""
    found: list[list[str]] = []
    for word in shlex.split(command):
        if word.startswith("--"):
            found.append([word])
        elif found:
            found[-1].append(word)
    return [tuple(option) for option in found]


def test_each_process_of_the_operations_page_has_its_unit() -> None:
    units = {path.stem.removeprefix("entaku-"): text(path) for path in (ROOT / "deploy").glob("*.service")}
    told = {
        "web": ["common", "web"], "worker": ["common", "worker"], "beat": ["common", "worker"],
        "intake": ["intake"], "intake-onion": ["intake", "intake-onion"], "courier": ["intake", "courier"],
    }  # fmt: skip
    assert units.keys() == told.keys()
    for name, unit in units.items():
        assert re.findall(r"^EnvironmentFile=-?/etc/entaku/(.+)\.env$", unit, re.MULTILINE) == told[name], name


def test_nobody_is_told_to_type_python() -> None:
    """What an operator has to do is a command, with its own words when something is wrong."""
    for page in PAGES:
        assert "python -c" not in text(page), named(page)


def test_each_command_of_our_own_is_explained_to_the_operator() -> None:
    ours = {path.stem for path in ROOT.glob("*/management/commands/*.py") if path.stem != "__init__"}
    assert ours <= set(re.findall(r"manage\.py ([a-z_]+)", text(DOCS / "operations.md")))


def test_the_table_of_settings_is_that_of_the_code() -> None:
    asked_for = {
        name
        for path in sorted((ROOT / "portal" / "settings").glob("*.py"))
        for name in re.findall(
            r"(?:env|number|needed(?:_file|_hosts)?|guarded|listed)\(\s*\"([A-Z0-9_]+)\"", path.read_text()
        )
    }
    asked_for |= {"DEMO"}  # refused where it is set
    table = re.findall(r"^\| `ENTAKU_([A-Z0-9_]+)` \|", text(DOCS / "operations.md"), re.MULTILINE)
    assert len(table) == len(set(table))
    assert set(table) == asked_for


def test_what_production_needs_is_marked_so() -> None:
    folder = ROOT / "portal" / "settings"
    production = (folder / "production.py").read_text() + (folder / "needing.py").read_text()
    # Needed with one way of sending mail, or of keeping the root key; the table says which.
    by_choice = {
        "SMTP_HOST", "MAIL_FROM", "ROOT_KEY_FILE", "PKCS11_LIBRARY", "PKCS11_TOKEN", "PKCS11_PIN_FILE",
        "SIEM", "S3_ENDPOINT",
    }  # fmt: skip
    needed = set(re.findall(r"(?:needed(?:_hosts)?|guarded)\(\s*\"([A-Z0-9_]+)\"", production)) - by_choice
    marked = re.findall(r"^\| `ENTAKU_([A-Z0-9_]+)` \| ○ \|", text(DOCS / "operations.md"), re.MULTILINE)
    assert set(marked) == needed


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_test_named_exists(page: Path) -> None:
    for place, name in TEST.findall(text(page)):
        path = ROOT / place
        assert path.exists(), place
        if name:
            functions = {
                node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)
            }
            assert name in functions, f"{place}::{name}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_file_named_exists(page: Path) -> None:
    for word in quoted(page):
        if FILE.fullmatch(word) and not word.startswith(MADE_BY_RUNNING):
            assert any((base / word).exists() for base in (ROOT, page.parent)) or list(ROOT.glob(f"*/{word}")), word


def test_the_map_names_every_folder_of_code() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"templates", "static", "locale", "docs"}
    assert folders <= set(re.findall(r"`(\w+)/`", text(ROOT / "README.md")))


@pytest.mark.parametrize("page", sorted((DOCS / "users").glob("*.md")), ids=named)
def test_words_quoted_from_the_screens_stand_there(page: Path) -> None:
    shown = {message.singular for message in asked()}
    labels = set(ON_SCREEN.findall(text(page)))
    assert labels, "a user's page names what is on the screen"
    assert labels <= shown, labels - shown


def test_each_finding_of_the_log_is_explained_to_the_operator_and_no_other() -> None:
    section = text(DOCS / "operations.md").split("### 異常が出たら")[1].split("\n### ")[0]
    explained = re.findall(r"^\| (?!表示|-)([^|]+?) \|", section, re.MULTILINE)
    with translation.override("ja"):
        assert explained == [str(fault.label) for fault in Fault]


def test_the_operator_is_told_each_exit_code_of_the_check() -> None:
    section = text(DOCS / "operations.md").split("### 終了コード")[1].split("\n### ")[0]
    assert re.findall(r"^\| (\d) \|", section, re.MULTILINE) == ["0", "1", "2", str(EXIT_FAULTS)]


def test_the_limits_of_the_check_are_those_of_the_code() -> None:
    section = text(DOCS / "operations.md").split("## 監査記録を検証する")[1].split("\n## ")[0]
    daily = settings.CELERY_BEAT_SCHEDULE["check the log"]["schedule"]
    for said in (
        f"{min(daily.hour)}時{min(daily.minute)}分",
        f"{GRACE.total_seconds():.0f}秒より前",
        f"{LATE.total_seconds() / 3600:.0f}時間以上前",
        f"{EARLY.total_seconds() / 60:.0f}分以上後",
        f"{MOST_FINDINGS:,}件まで",
    ):
        assert said in section, said


def test_the_glossary_knows_every_choice() -> None:
    glossary = text(DOCS / "glossary.md")
    for choices in CHOICES:
        for value, label in choices.choices:
            assert str(label) in glossary or f"`{value}`" in glossary, f"{choices.__qualname__}: {label}"


def test_the_tlp_of_the_glossary_is_complete() -> None:
    glossary = text(DOCS / "glossary.md")
    assert [value for value in Tlp.values if value and f"`{value}`" not in glossary] == []


def test_the_figures_of_the_readme_are_those_the_benchmarks_write() -> None:
    written = "".join(path.read_text() for path in sorted((ROOT / "bench").glob("*.py")))
    words = runpy.run_path(str(DOCS / "figures.py"))["WORDS"]
    names = [re.sub(r"\\{\w+\\}", r"[\\w-]*", re.escape(name)) for name in re.findall(r'f?"([a-z][\w{}-]+)"', written)]
    assert [word for word in words if not any(re.fullmatch(name, word) for name in names)] == []


def test_the_readmes_table_of_figures_can_be_written_anew() -> None:
    figures = runpy.run_path(str(DOCS / "figures.py"))
    readme = text(ROOT / "README.md")
    assert readme.count(figures["START"]) == readme.count(figures["END"]) == 1
    measured = {
        "name": "access-room",
        "ours": 2.5,
        "peer": None,
        "ratio": None,
        "unit": "ms",
        "goal": "<= 8 ms",
        "holds": True,
    }
    assert figures["line"](measured) == "| documents of one room, 1M | 2.50 ms |  |  | ≤ 8 ms | yes |\n"
