"""What the installer of a bundle refuses, and what the key and the list of components are held to."""

from __future__ import annotations

import importlib.util
import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from email.message import Message
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import pytest

from portal.embedded import bootstrap, bundle, sbom, wheels
from portal.embedded.console import Trouble
from portal.embedded.instance import ROOT

from .launching import complaint

WHEN = 1_700_000_000
Entry = tuple[str, bytes]


def _installer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("entaku_install", ROOT / "deploy" / "install.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


install = _installer()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `release.key` and `release.pub.pem`, and the same of a stranger."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("release", "stranger"):
        (folder / f"{name}.pub.pem").write_text(bundle.release_key(folder / f"{name}.key"))
    return folder


@pytest.fixture
def whole(tmp_path: Path, keys: Path) -> Path:
    """A bundle of three files, made as `make bundle` makes it."""
    root = tmp_path / "root"
    for name, content in {"manage.py": "#!/usr/bin/env python\n", "app/読む.txt": "円卓\n", "empty": ""}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    (root / "manage.py").chmod(0o755)
    bundle.seal(keys / "release.key", root)
    bundle.pack(root, tmp_path / "entaku.tar", WHEN)
    return tmp_path / "entaku.tar"


def entries(archive: Path) -> list[Entry]:
    with tarfile.open(archive) as tar:
        return [(entry.name, tar.extractfile(entry).read()) for entry in tar]  # type: ignore[union-attr]


def rewrite(archive: Path, change: Callable[[list[Entry]], list[Entry]], kinds: dict[str, bytes] | None = None) -> None:
    found = change(entries(archive))
    with tarfile.open(archive, "w") as tar:
        for name, content in found:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type = len(content), (kinds or {}).get(name, tarfile.REGTYPE)
            entry.linkname = "/etc/passwd"
            tar.addfile(entry, io.BytesIO(content))


def unpacked(archive: Path, keys: Path, key: str = "release") -> Path:
    into = archive.parent / "into"
    into.mkdir()
    assert install.unpack(archive, keys / f"{key}.pub.pem", into) == 3
    return into


def test_a_whole_one_is_unpacked_with_the_rights_it_needs(whole: Path, keys: Path) -> None:
    into = unpacked(whole, keys)
    assert (into / "app" / "読む.txt").read_text() == "円卓\n"
    assert (into / "manage.py").stat().st_mode & 0o777 == 0o755
    assert (into / "empty").stat().st_mtime == WHEN


def without(name: str) -> Callable[[list[Entry]], list[Entry]]:
    return lambda found: [each for each in found if each[0] != name]


def flipped(name: str) -> Callable[[list[Entry]], list[Entry]]:
    return lambda found: [
        (each, bytes([content[0] ^ 1]) + content[1:] if each == name else content) for each, content in found
    ]


TAMPERED: dict[str, tuple[Callable[[list[Entry]], list[Entry]], str]] = {
    "a byte of a file": (flipped("manage.py"), "中身が署名と違います: manage.py"),
    "a byte of the list": (flipped("SHA256SUMS"), "署名が合いません"),
    "a byte of the signature": (flipped("SHA256SUMS.sig"), "署名が合いません"),
    "a file taken out": (without("empty"), "ファイルが足りません: empty"),
    "a file put in": (lambda found: [*found, ("sitecustomize.py", b"import os")], "署名にないファイルがあります"),
    "a file outside": (lambda found: [*found, ("../outside", b"")], "署名にないファイルがあります"),
    "a file twice": (lambda found: [*found, found[-1]], "署名にないファイルがあります"),
    "no signature": (without("SHA256SUMS.sig"), "先頭に SHA256SUMS.sig がありません"),
    "files before the list": (lambda found: found[::-1], "先頭に SHA256SUMS がありません"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_what_was_tampered_with_is_refused(how: str, whole: Path, keys: Path) -> None:
    change, why = TAMPERED[how]
    rewrite(whole, change)
    with pytest.raises(install.Refused, match=why):
        unpacked(whole, keys)
    assert not (whole.parent / "outside").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_nothing_but_plain_files_is_unpacked(kind: bytes, whole: Path, keys: Path) -> None:
    rewrite(whole, lambda found: found, {"empty": kind})
    with pytest.raises(install.Refused, match="署名にないファイルがあります: empty"):
        unpacked(whole, keys)


def test_a_strangers_signature_is_refused(whole: Path, keys: Path) -> None:
    with pytest.raises(install.Refused, match="署名が合いません"):
        unpacked(whole, keys, "stranger")


def test_a_signed_list_that_leads_outside_is_refused(tmp_path: Path, keys: Path) -> None:
    """Even by whoever holds the key, by mistake."""
    sums = tmp_path / "SHA256SUMS"
    for name in ("../outside", "/outside", "a/../../outside", "./a", "a//b"):
        sums.write_text(f"{sha256().hexdigest()}  {name}\n")
        (tmp_path / "x.tar").unlink(missing_ok=True)
        with tarfile.open(tmp_path / "x.tar", "w") as tar:
            for part in (sums, (signature := tmp_path / "SHA256SUMS.sig")):
                signature.write_bytes(bundle.sign(keys / "release.key", sums))
                tar.add(part, part.name)
        with pytest.raises(install.Refused, match="一覧が正しくありません"):
            install.unpack(tmp_path / "x.tar", keys / "release.pub.pem", tmp_path)


@pytest.mark.parametrize("at", [100, 700, 3000])
def test_one_that_was_cut_is_refused(at: int, whole: Path, keys: Path) -> None:
    os.truncate(whole, at)
    with pytest.raises(install.Refused):
        unpacked(whole, keys)


def test_after_a_refusal_nothing_is_left(whole: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(whole, flipped("manage.py"))
    before = set(whole.parent.iterdir())
    to = whole.parent / "entaku"
    assert install.main([str(whole), "--key", str(keys / "release.pub.pem"), "--to", str(to)]) == 1
    assert set(whole.parent.iterdir()) == before
    assert len(capsys.readouterr().err.splitlines()) == 2  # one sentence in each language


def test_what_is_there_already_is_not_touched(whole: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    to = whole.parent / "root"
    assert install.main([str(whole), "--key", str(keys / "release.pub.pem"), "--to", str(to)]) == 1
    assert "空ではありません" in capsys.readouterr().err


def test_checking_installs_nothing(whole: Path, keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = set(whole.parent.iterdir())
    assert install.main([str(whole), "--key", str(keys / "release.pub.pem"), "--check"]) == 0
    assert "3 個のファイルを確かめました" in capsys.readouterr().out
    assert set(whole.parent.iterdir()) == before


def test_without_openssl_nothing_is_installed(whole: Path, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(whole.parent))
    with pytest.raises(install.Refused, match="openssl がありません"):
        unpacked(whole, keys)


def test_a_key_of_another_kind_checks_nothing(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "rsa.key").write_bytes(bundle.openssl("genpkey", "-algorithm", "x25519"))
    (tmp_path / "rsa.pub.pem").write_bytes(bundle.openssl("pkey", "-in", str(tmp_path / "rsa.key"), "-pubout"))
    with pytest.raises(install.Refused, match="Ed25519 の公開鍵ではありません"):
        install.unpack(whole, tmp_path / "rsa.pub.pem", tmp_path)


# --- the key of the distributor ----------------------------------------------------------------------------------


def test_a_fresh_key_is_this_users_alone_and_stays(tmp_path: Path) -> None:
    key = tmp_path / "config" / "release.key"
    first = bundle.release_key(key)
    assert key.stat().st_mode & 0o777 == 0o600
    assert bundle.release_key(key) == first
    assert first.startswith("-----BEGIN PUBLIC KEY-----\n")


def test_a_key_in_the_repository_or_that_others_read_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as refused:
        bundle.release_key(ROOT / "release.key")
    assert "リポジトリの外に" in complaint(refused.value)
    assert not (ROOT / "release.key").exists()
    key = tmp_path / "release.key"
    key.write_bytes(bundle.openssl("genpkey", "-algorithm", "x25519"))
    key.chmod(0o644)
    with pytest.raises(Trouble) as refused:
        bundle.release_key(key)
    assert "0600" in complaint(refused.value)
    key.chmod(0o600)
    with pytest.raises(Trouble) as refused:
        bundle.release_key(key)
    assert "Ed25519" in complaint(refused.value)


# --- wheels and components ----------------------------------------------------------------------------------------


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "some_thing-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("some_thing-1.2.dist-info/METADATA", "Name: Some.Thing\nVersion: 1.2\nLicense: MIT\n")
    return path


def test_a_wheel_that_is_not_what_the_lock_says_is_not_taken(wheel: Path) -> None:
    digest = sha256(wheel.read_bytes()).hexdigest()
    pinned = wheels.lock(
        f"some-thing==1.2 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{digest}\n    # via x\n"
    )
    assert [each.path for each in wheels.at_hand(wheel.parent, pinned)] == [wheel]
    with wheel.open("ab") as file:
        file.write(b"\0")
    assert wheels.at_hand(wheel.parent, pinned) == []


def test_an_installed_bundle_asks_no_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "WHEELS", tmp_path / "円 卓")
    assert bootstrap.offline() == []
    (tmp_path / "円 卓").mkdir()
    assert bootstrap.offline() == ["--no-index", "--find-links", (tmp_path / "円 卓").as_uri()]


def test_the_list_says_the_same_of_the_same(wheel: Path) -> None:
    component = wheels.Wheel("some-thing", "1.2", wheel, sha256(wheel.read_bytes()).hexdigest())
    first = sbom.describe("0.1.0", "a" * 40, WHEN, [component])
    assert first == sbom.describe("0.1.0", "a" * 40, WHEN, [component])
    assert '"timestamp": "2023-11-14T22:13:20Z"' in first


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"License-Expression": "MIT", "License": "no"}, [{"expression": "MIT"}]),
        ({"Classifier": "License :: OSI Approved :: MIT License"}, [{"license": {"name": "MIT License"}}]),
        ({"License": "BSD"}, [{"license": {"name": "BSD"}}]),
        ({"License": "Copyright\nand a long text"}, []),
        ({}, []),
    ],
)
def test_a_licence_is_what_the_package_says_of_it(lines: dict[str, str], said: object) -> None:
    metadata = Message()
    for name, value in lines.items():
        metadata[name] = value
    assert sbom.licences(metadata) == said
