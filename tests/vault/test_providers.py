"""The root key's file, and what is wrapped under it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.vault import wrapping
from tests.vault.wrapping import KEY
from vault import keys
from vault.providers import FileProvider, KeyProviderUnavailable, provider


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "root.key"


@pytest.fixture
def file_provider(path: Path) -> FileProvider:
    return FileProvider.create(path)


def test_a_new_key_file_is_its_owners_alone(file_provider: FileProvider, path: Path) -> None:
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["root.key"]


def test_a_key_file_is_never_replaced(file_provider: FileProvider, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        FileProvider.create(path)
    assert path.read_bytes() == before


def test_two_makers_at_once_leave_one_whole_key(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda _self: False)  # both looked before either wrote
    FileProvider.create(path)
    with pytest.raises(FileExistsError):
        FileProvider.create(path)
    assert [entry.name for entry in path.parent.iterdir()] == ["root.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610, 0o601])
def test_a_looser_file_is_refused(file_provider: FileProvider, path: Path, mode: int) -> None:
    path.chmod(mode)
    with pytest.raises(KeyProviderUnavailable, match="chmod 600"):
        FileProvider(path)
    with pytest.raises(KeyProviderUnavailable, match="chmod 600"):
        file_provider.check()


def test_somebody_elses_file_is_refused(
    file_provider: FileProvider, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 4711)
    with pytest.raises(KeyProviderUnavailable, match="所有者"):
        FileProvider(path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content + b"\n",
        lambda content: b"X" + content[1:],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: content.replace(b"KEY 1", b"KEY 2"),
    ],
    ids=["empty", "short", "long", "other header", "flipped bit", "later version"],
)
def test_a_damaged_file_is_named_as_such(file_provider: FileProvider, path: Path, spoil: object) -> None:
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(KeyProviderUnavailable, match="壊れています"):
        FileProvider(path)


def test_each_fault_is_one_sentence_with_the_path(path: Path) -> None:
    path.parent.mkdir()
    with pytest.raises(KeyProviderUnavailable, match="ありません") as missing:
        FileProvider(path)
    path.mkdir()
    with pytest.raises(KeyProviderUnavailable, match="開けません") as folder:
        FileProvider(path)
    path.rmdir()
    os.mkfifo(path, 0o600)
    with pytest.raises(KeyProviderUnavailable, match="壊れています") as pipe:
        FileProvider(path)
    for fault in missing, folder, pipe:
        assert str(path) in str(fault.value)
        assert "\n" not in str(fault.value)


def test_check_notices_a_file_that_went_away_or_was_replaced(file_provider: FileProvider, path: Path) -> None:
    file_provider.check()
    path.unlink()
    with pytest.raises(KeyProviderUnavailable, match="ありません"):
        file_provider.check()
    FileProvider.create(path)
    with pytest.raises(KeyProviderUnavailable, match="入れ替わりました"):
        file_provider.check()


def test_what_is_wrapped_opens_again_and_never_looks_the_same_twice(file_provider: FileProvider, path: Path) -> None:
    wrapping.opens_again_and_never_looks_the_same_twice(file_provider, FileProvider(path))


def test_every_altered_byte_of_a_wrap_is_noticed(file_provider: FileProvider) -> None:
    wrapping.notices_every_altered_byte(file_provider)


def test_another_root_key_says_so(file_provider: FileProvider, tmp_path: Path) -> None:
    other = FileProvider.create(tmp_path / "other.key")
    with pytest.raises(KeyProviderUnavailable, match="別のルート鍵"):
        other.unwrap(file_provider.wrap(KEY, b""), b"")


def test_derived_secrets_are_stable_and_apart(root_key: Path) -> None:
    assert keys.derive("session") == keys.derive("session") == provider().derive(_purpose("session"), 32)
    assert len({keys.derive("session"), keys.derive("totp"), keys.derive("search")}) == 3
    assert len(keys.derive("session", 64)) == 64
    root = root_key.read_bytes()[-32:]
    assert root not in keys.derive("session", 64)


def _purpose(name: str) -> bytes:
    from vault.binding import bind

    return bind("purpose", name)


def test_a_missing_root_key_is_tried_again_next_time(tmp_path: Path, settings: Settings) -> None:
    settings.VAULT_ROOT_KEY_FILE = tmp_path / "root.key"
    keys.forget()
    with pytest.raises(KeyProviderUnavailable):
        provider()
    FileProvider.create(tmp_path / "root.key")
    provider().check()
