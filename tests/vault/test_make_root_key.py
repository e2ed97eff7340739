"""`manage.py make_root_key`: a key nobody else reads, none replaced, and one sentence for what is wrong."""

from __future__ import annotations

import errno
import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from vault.providers import FileProvider


def make(path: Path) -> str:
    out = StringIO()
    call_command("make_root_key", str(path), stdout=out)
    return out.getvalue()


def refused(path: Path) -> str:
    with pytest.raises(CommandError) as refusal:
        make(path)
    said = str(refusal.value)
    assert said.count("\n") == 0
    assert " / " in said  # in both languages
    return said


def test_a_key_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    said = make(path)
    assert str(path) in said
    assert path.stat().st_mode & 0o777 == 0o600
    FileProvider(path).check()


def test_a_relative_path_is_told_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path / "root.key") in make(Path("root.key"))


@pytest.mark.parametrize("there", ["a key", "a folder", "a link to nowhere"])
def test_what_is_there_is_not_replaced(tmp_path: Path, there: str) -> None:
    path = tmp_path / "root.key"
    if there == "a key":
        make(path)
    elif there == "a folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere")
    before = path.lstat()
    assert "上書きしません" in refused(path)
    assert path.lstat().st_mtime_ns == before.st_mtime_ns
    assert [entry.name for entry in tmp_path.iterdir()] == ["root.key"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert os.strerror(errno.ENOTDIR) in refused(tmp_path / "file" / "root.key")


def test_no_folder_is_made_for_it(tmp_path: Path) -> None:
    assert str(tmp_path / "keys") in refused(tmp_path / "keys" / "root.key")
    assert list(tmp_path.iterdir()) == []


def test_where_modes_are_not_kept_no_key_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a file system of another world, where every file is everybody's."""
    opened = os.open
    monkeypatch.setattr(os, "open", lambda path, flags, mode=0o644: opened(path, flags, 0o644))
    assert "ファイルシステム" in refused(tmp_path / "root.key")
    assert list(tmp_path.iterdir()) == []
