"""Checks a bundle of Entaku and installs it, without a network. Standard library, and the command openssl (3.0 on).

    python3.11 install.py entaku-….tar --key release.pub.pem --to /opt/entaku      --check only checks

Whoever forges a bundle forges the script in it as well: run the one that came with the public key, apart from the
bundle, compare both with what you were told, and keep both for the next bundles. The signature is checked by openssl
and not by a package out of the bundle; nothing in it is unpacked before the list of hashes has been verified, and
nothing stays unpacked, much less runs, that is not on the list.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
LARGEST_LIST = 16 * 1024**2


class Refused(Exception):
    """Why, in Japanese and English."""

    def __init__(self, ja: str, en: str) -> None:
        super().__init__(f"円卓: {ja}\nEntaku: {en}")


def main(arguments: "list[str] | None" = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(
        description="円卓の一式を確かめて入れます / checks and installs a bundle of Entaku"
    )
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", type=Path, required=True, help="配布元の公開鍵 / the distributor's public key (PEM)")
    parser.add_argument("--to", type=Path, help="入れる場所 / where to")
    parser.add_argument("--check", action="store_true", help="確かめるだけ / check and install nothing")
    given = parser.parse_args(arguments)
    if not (given.check or given.to):
        parser.error("--to か --check が要ります / give --to or --check")
    try:
        if given.check:
            with tempfile.TemporaryDirectory(prefix="entaku-check-") as scratch:
                count = unpack(given.bundle, given.key, Path(scratch))
        else:
            count = install(given.bundle, given.key, given.to.absolute())
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print(f"署名と {count} 個のファイルを確かめました。 / Signature and {count} files are as they should be.")
    if not given.check:
        print(f"入れました: {given.to}。起動: make run / Installed. To start it there: make run")
    return 0


def install(bundle: Path, key: Path, to: Path) -> int:
    """Unpack beside `to`, put it there when all is well, and build its virtual environment from its own wheels."""
    if sys.version_info[:2] != (3, 11):
        raise Refused("Python 3.11 で実行してください。", "run this with Python 3.11.")
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise Refused(f"{to} は空ではありません。別の場所に入れてください。", f"{to} is not empty; name another place.")
    os.umask(0o022)  # a service runs as somebody else
    to.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.parent))
    try:
        count = unpack(bundle, key, unfinished)
        unfinished.chmod(0o755)
        unfinished.replace(to)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    build = [sys.executable, "-m", "portal.embedded.bootstrap", "install"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    if subprocess.run(build, cwd=to, env=clean, stdin=subprocess.DEVNULL, check=False).returncode:
        raise Refused(
            f"部品を入れられませんでした。直してから、{to} で make run を実行するか、{to} を消してやり直してください。",
            f"the packages could not be installed; put it right and `make run` in {to}, or remove it and start anew.",
        )
    return count


def unpack(bundle: Path, key: Path, into: Path) -> int:
    """How many files: each of the signed list, exactly once, with its hash, and nothing else. Raises Refused."""
    try:
        with tarfile.open(bundle, "r:") as tar:
            wanted = hashes(tar, key)
            left = dict(wanted)
            while entry := tar.next():
                expected = left.pop(entry.name, None)
                if expected is None or not entry.isreg():
                    raise Refused(
                        f"署名にないファイルがあります: {entry.name}", f"not in the signed list: {entry.name}"
                    )
                if write(tar, entry, into) != expected:
                    raise Refused(f"中身が署名と違います: {entry.name}", f"not what was signed: {entry.name}")
    except (tarfile.TarError, EOFError) as error:
        raise Refused(f"一式が壊れています({error})。", f"the bundle is damaged ({error}).") from error
    except OSError as error:
        place = error.filename or bundle
        raise Refused(f"{place}: {error.strerror}", f"{place}: {error.strerror}") from error
    if left:
        raise Refused(f"ファイルが足りません: {min(left)} など", f"{len(left)} files are missing: {min(left)} …")
    return len(wanted)


def hashes(tar: tarfile.TarFile, key: Path) -> "dict[str, str]":
    """The signed list, which comes first in the archive with its signature."""
    listed, signature = (leading(tar, name) for name in (SUMS, SIGNATURE))
    verify(listed, signature, key)
    found: dict[str, str] = {}
    for line in listed.decode().splitlines():
        digest, _, name = line.partition("  ")
        path = PurePosixPath(name)
        if len(digest) != 64 or path.is_absolute() or ".." in path.parts or str(path) != name or name in found:
            raise Refused(f"一覧が正しくありません: {line}", f"the list is not as it should be: {line}")
        found[name] = digest
    return found


def leading(tar: tarfile.TarFile, name: str) -> bytes:
    entry = tar.next()
    if entry is None or entry.name != name or not entry.isreg() or entry.size > LARGEST_LIST:
        raise Refused(f"一式の先頭に {name} がありません。", f"the bundle does not begin with {name}.")
    stream = tar.extractfile(entry)
    assert stream is not None
    return stream.read()


def verify(data: bytes, signature: bytes, key: Path) -> None:
    """By `openssl pkeyutl`, Ed25519 alone. Raises Refused."""
    with tempfile.TemporaryDirectory(prefix="entaku-verify-") as scratch:
        signed, signed_by = Path(scratch) / SUMS, Path(scratch) / SIGNATURE
        signed.write_bytes(data)
        signed_by.write_bytes(signature)
        kind = openssl("pkey", "-pubin", "-in", key, "-noout", "-text")
        if b"ED25519" not in kind.stdout:
            raise Refused(f"{key} は Ed25519 の公開鍵ではありません。", f"{key} is no Ed25519 public key.")
        done = openssl("pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", signed, "-sigfile", signed_by)
    if done.returncode:
        raise Refused(
            "署名が合いません。入れないでください。配布元に確かめてください。",
            "the signature does not match. Do not install it; ask the distributor.",
        )


def openssl(*arguments: "str | Path") -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise Refused(
            "openssl がありません。署名を確かめられないため、入れません。",
            "openssl is missing; without it the signature cannot be checked, and nothing is installed.",
        ) from error


def write(tar: tarfile.TarFile, entry: tarfile.TarInfo, into: Path) -> str:
    """Write the file, with no more rights than it needs, and tell its hash."""
    stream, target, digest = tar.extractfile(entry), into / entry.name, hashlib.sha256()
    assert stream is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = 0o755 if entry.mode & 0o100 else 0o644
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        while chunk := stream.read(1024**2):
            digest.update(chunk)
            file.write(chunk)
    os.utime(target, (entry.mtime, entry.mtime))
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
