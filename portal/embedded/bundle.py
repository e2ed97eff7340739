"""`make bundle`: one signed archive that installs and starts where there is no network (docs/operations.md).

In it: the source at HEAD, the English screens compiled, the static files collected, the pinned wheels for this
platform, a list of components, and the hash of each file, signed. The same HEAD, wheels and key make the same bytes.
"""

import io
import os
import secrets
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from hashlib import file_digest, sha256
from pathlib import Path

from portal.embedded import sbom, translations, wheels
from portal.embedded.console import Trouble, complain, say, speak_utf8, step
from portal.embedded.instance import ROOT

SUMS = "SHA256SUMS"


def main() -> int:
    speak_utf8()
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    try:
        key = Path(os.environ.get("KEY") or home / "entaku" / "release.key").absolute()
        out = Path(os.environ.get("DIST") or ROOT / "dist").absolute()
        public = release_key(key)
        archive = build(key, out)
        shutil.copy(ROOT / "deploy" / "install.py", out / "install.py")
        (out / "release.pub.pem").write_text(public)
    except Trouble as trouble:
        complain(trouble)
        return 1
    step("できました", "done")
    size = archive.stat().st_size / 1024**2
    say(f"{archive}  {size:.0f} MiB\n{public}SHA256(release.pub.pem) = {fingerprint(public)}")
    return 0


def build(key: Path, out: Path) -> Path:
    """The archive, in `out`. Raises Trouble."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="entaku-bundle-") as scratch:
        root = Path(scratch) / "root"
        step("HEAD のソースを取り出しています", "taking the source at HEAD")
        when, commit = source(root)
        version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
        translations.compile_changed(root / "locale")
        step("画面の部品を集めています", "collecting the static files")
        collect(root, Path(scratch) / "var")
        step("固定版の部品を取り寄せています", "fetching the pinned packages")
        pinned = wheels.fetch(root / "requirements.txt")
        (root / "wheels").mkdir()
        for wheel in pinned:
            _link(wheel.path, root / "wheels" / wheel.path.name)
        (root / "sbom.cdx.json").write_text(sbom.describe(version, commit, when, pinned))
        step("ハッシュを取り、署名しています", "hashing and signing")
        seal(key, root)
        archive = out / f"entaku-{version}-{commit[:12]}-{sysconfig.get_platform()}.tar"
        unfinished = archive.with_suffix(".unfinished")
        pack(root, unfinished, when)
        unfinished.replace(archive)
    return archive


# --- what goes in -------------------------------------------------------------------------------------------------


def source(into: Path) -> tuple[int, str]:
    """Unpack HEAD; when it was committed (Unix time), and its full name."""
    if _git("status", "--porcelain"):
        step("保存(コミット)していない変更は入りません", "what is not committed is not in the bundle")
    with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", "HEAD"))) as tar:
        tar.extractall(into, filter="tar")
    when, commit = _git("log", "-1", "--format=%ct %H").decode().split()
    return int(when), commit


def _git(*arguments: str) -> bytes:
    # The operator's own checkout, whoever owns it; command scope is the one git takes this from.
    command = ["git", "-c", f"safe.directory={ROOT}", *arguments]
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise Trouble("git がありません。入れてください。", "git is missing; install it.") from error
    if done.returncode:
        raise Trouble(
            "git からソースを取り出せません。", "git does not give the source.", done.stderr.decode().splitlines()[-3:]
        )
    return done.stdout


def collect(root: Path, var: Path) -> None:
    """The static files of the source in `root` and of its packages, compressed, into `collected/`."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ENTAKU_", "PYTHON", "DJANGO"))},
        "DJANGO_SETTINGS_MODULE": "portal.settings.base", "ENTAKU_VAR": str(var), "PYTHONDONTWRITEBYTECODE": "1",
        "ENTAKU_SECRET_KEY": secrets.token_urlsafe(48),  # signs nothing, and must be there
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"],
        cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Trouble(
            "画面の部品を集められませんでした。", "the static files could not be collected.",
            (done.stdout + done.stderr).splitlines()[-8:],
        )  # fmt: skip
    shutil.move(var / "static", root / "collected")


def _files(root: Path) -> Iterator[Path]:
    yield from sorted(path for path in root.rglob("*") if path.is_file() and not path.name.startswith(SUMS))


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _link(target: Path, name: Path) -> None:
    try:
        name.hardlink_to(target)
    except OSError:  # another file system
        shutil.copyfile(target, name)


def seal(key: Path, root: Path) -> None:
    """The list of hashes, as `sha256sum --check` reads it, and its signature."""
    (root / SUMS).write_text("".join(f"{_digest(path)}  {path.relative_to(root)}\n" for path in _files(root)))
    (root / f"{SUMS}.sig").write_bytes(sign(key, root / SUMS))


def pack(root: Path, archive: Path, when: int) -> None:
    """The hashes and their signature first, so that nothing is unpacked before they are known."""
    with tarfile.open(archive, "w") as tar:
        for path in (root / SUMS, root / f"{SUMS}.sig", *_files(root)):
            entry = tarfile.TarInfo(str(path.relative_to(root)))
            entry.size, entry.mode = path.stat().st_size, 0o755 if os.access(path, os.X_OK) else 0o644
            # A compiled catalogue has to stay as old as its source (portal/embedded/translations.py).
            entry.mtime = when
            with path.open("rb") as stream:
                tar.addfile(entry, stream)


# --- the key ------------------------------------------------------------------------------------------------------


def release_key(path: Path) -> str:
    """The public part (PEM) of the operator's Ed25519 key, which is made where there is none. Raises Trouble."""
    if path.resolve().is_relative_to(ROOT):
        raise Trouble(
            f"署名の鍵 {path} はリポジトリの外に置いてください。",
            f"keep the signing key {path} outside the repository.",
        )
    if not path.exists():
        step(f"署名の鍵を作っています: {path}", f"making a signing key: {path}")
        made = openssl("genpkey", "-algorithm", "ed25519")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            file.write(made)
    if path.stat().st_mode & 0o077:
        raise Trouble(
            f"署名の鍵 {path} をほかの人が読めます。権限を 0600 にしてください。",
            f"others can read the signing key {path}; set its mode to 0600.",
        )
    if b"ED25519" not in openssl("pkey", "-in", str(path), "-noout", "-text"):
        raise Trouble(f"{path} は Ed25519 の鍵ではありません。", f"{path} is no Ed25519 key.")
    return openssl("pkey", "-in", str(path), "-pubout").decode()


def sign(key: Path, file: Path) -> bytes:
    """The 64 bytes of the Ed25519 signature (RFC 8032)."""
    return openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(key), "-in", str(file))


def fingerprint(public: str) -> str:
    """What two people compare by telephone: SHA-256 of the public key file."""
    return sha256(public.encode()).hexdigest()


def openssl(*arguments: str) -> bytes:
    try:
        done = subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise Trouble(
            "openssl がありません。次で入れてください: apt-get install openssl",
            "openssl is missing; install it with: apt-get install openssl",
        ) from error
    if done.returncode:
        raise Trouble(
            "openssl が署名の鍵を扱えませんでした。3.0 以降が要ります。",
            "openssl could not work with the signing key; it has to be 3.0 or newer.",
            done.stderr.decode(errors="replace").splitlines()[-3:],
        )
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
