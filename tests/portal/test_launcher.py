"""What runs before and beside the product: make, the virtual environment, make test, translations."""

import gettext
import importlib.util
import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import polib
import pytest
from django.core.management import CommandError, call_command

from portal.embedded import bootstrap, suite, translations
from portal.embedded.console import Trouble
from portal.embedded.instance import ROOT
from portal.embedded.launch import number
from portal.management.commands import compile_translations
from tests.portal.launching import complaint


def test_uv_is_pinned_with_its_hashes() -> None:
    pin = bootstrap.pinned("uv", (ROOT / "requirements.txt").read_text())
    first, *hashes = [line for line in pin.splitlines() if line.strip()]
    assert first.startswith("uv==")
    assert hashes
    assert all(line.strip().startswith("--hash=sha256:") for line in hashes)


def test_every_requirement_is_pinned_with_a_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        entries = (ROOT / name).read_text().split("\n")
        pins = [number for number, line in enumerate(entries) if line and not line.startswith((" ", "#"))]
        assert all("==" in entries[number] and "--hash=sha256:" in entries[number + 1] for number in pins), name


def test_the_bootstrap_needs_nothing_but_the_standard_library() -> None:
    listing = "import sys, portal.embedded.bootstrap; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-S", "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) - sys.stdlib_module_names == {"__main__", "portal"}


def test_a_missing_venv_module_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "bin" / "python")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    with pytest.raises(Trouble) as raised:
        bootstrap._create()
    assert "ensurepip" in complaint(raised.value)
    assert "python3.11-venv" in complaint(raised.value)


def test_make_names_what_to_install_where_there_is_no_python(tmp_path: Path) -> None:
    for tool in ("sh", "make"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    done = subprocess.run(
        ["make", "-C", ROOT, "run"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "apt-get install python3.11 python3.11-venv" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["x", "-1", "0", "65536", "8000.5", "８０００"])
def test_a_port_that_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(Trouble) as raised:
        number("PORT", 8000, range(1, 65536))
    assert text in complaint(raised.value)


def test_only_changed_catalogues_are_compiled(tmp_path: Path) -> None:
    source = tmp_path / "demo" / "en" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.append(polib.POEntry(msgid="文書", msgstr="Document"))
    catalogue.save(str(source))
    assert translations.compile_changed(tmp_path) == [source]
    assert translations.compile_changed(tmp_path) == []
    assert gettext.translation("django", tmp_path / "demo", ["en"]).gettext("文書") == "Document"
    older = source.stat().st_mtime - 3600
    os.utime(source, (older, older))  # an older version checked out
    assert translations.compile_changed(tmp_path) == [source]
    assert [path.name for path in source.parent.iterdir() if path != source] == ["django.mo"]


def test_an_operator_compiles_the_catalogues_by_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "demo" / "en" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "文書"\nmsgstr "Document"\n'
    )
    monkeypatch.setattr(compile_translations, "LOCALE", tmp_path)
    for said in ("1 of 1", "0 of 1"):
        out = StringIO()
        call_command("compile_translations", stdout=out)
        assert said in out.getvalue()
    assert gettext.translation("django", tmp_path / "demo", ["en"]).gettext("文書") == "Document"
    source.write_text("nonsense\n")
    with pytest.raises(CommandError, match="cannot be compiled"):
        call_command("compile_translations")


def test_every_check_runs_and_pytests_closing_line_stands_last(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        suite, "LINT", {"style": [sys.executable, "-c", "print('why'); exit(1)"], "types": [sys.executable, "-c", ""]}
    )
    monkeypatch.setattr(suite, "MIGRATIONS", {})
    monkeypatch.setattr(suite, "tests", lambda: (True, "== 5 passed in 1.0s =="))
    monkeypatch.setattr(suite, "install_packages", lambda: None)
    assert suite.main("test") == 1
    lines = capsys.readouterr().out.splitlines()
    told = {line.partition(" (")[0] for line in lines[:-2]}  # side by side, so in whatever order they end
    assert told == {"why", "== style: FAILED", "== types: ok"}
    assert lines[-2].endswith("FAILED: style")
    assert lines[-1] == "== 5 passed in 1.0s =="


def test_missing_packages_are_named_where_they_may_not_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "PACKAGES", {"chromium": "/nowhere", "fonts-noto-cjk": "/"})
    monkeypatch.setattr(suite, "succeeds", lambda command: False)
    with pytest.raises(Trouble) as raised:
        suite.install_packages()
    assert raised.value.en.endswith("apt-get install chromium")
    assert raised.value.ja.endswith("apt-get install chromium")


def test_the_whole_browser_does_where_its_shell_is_not_to_be_had(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(suite, "PACKAGES", {"chromium-headless-shell": "/nowhere", "git": "/nowhere"})
    monkeypatch.setattr(suite, "INSTEAD", {"chromium-headless-shell": ("chromium", str(tmp_path / "chromium"))})
    tried: list[list[str]] = []
    to_be_had = {"git"}

    def apt_installs(packages: list[str]) -> bool:
        tried.append(packages)
        return to_be_had.issuperset(packages)

    monkeypatch.setattr(suite, "apt_installs", apt_installs)
    with pytest.raises(Trouble, match=r"install chromium git\Z"):
        suite.install_packages()
    to_be_had.add("chromium")
    suite.install_packages()
    (tmp_path / "chromium").touch()
    suite.install_packages()
    both, whole = ["chromium-headless-shell", "git"], ["chromium", "git"]
    assert tried == [both, whole, both, whole, both, ["git"]]


def test_the_suite_runs_on_its_own_settings_whatever_the_shell_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTAKU_DB_HOST", "production.example")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "portal.settings.production")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    environment = suite.surroundings()
    assert environment["DJANGO_SETTINGS_MODULE"] == "portal.settings.test"
    assert "ENTAKU_DB_HOST" not in environment
    assert "PYTHONDONTWRITEBYTECODE" not in environment  # or each process would compile the libraries for itself
