"""The wheels that the lock file pins, for this Python and platform, each held to the hashes in the lock."""

import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest
from html import escape
from pathlib import Path

from portal.embedded.bootstrap import bundled_pip, certificates
from portal.embedded.console import Trouble

PIP = ["pip", "--disable-pip-version-check", "download", "--quiet", "--no-input", "--no-deps", "--only-binary", ":all:"]
RESOLVE = ["uv", "pip", "compile", "--quiet", "--no-deps", "--format", "pylock.toml", "--python-version", "3.11"]


@dataclass(frozen=True)
class Wheel:
    """One wheel as the lock names it."""

    name: str
    version: str
    path: Path
    sha256: str


def fetch(requirements: Path) -> list[Wheel]:
    """All of them, kept for the next time in the user's cache. Raises Trouble."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "entaku" / "wheels" / f"cp311-{sysconfig.get_platform()}"
    folder.mkdir(parents=True, exist_ok=True)
    pinned = lock(requirements.read_text())
    if len(found := at_hand(folder, pinned)) < len(pinned):
        _download(requirements, folder)
        found = at_hand(folder, pinned)
    if missing := sorted(pinned.keys() - {(wheel.name, wheel.version) for wheel in found}):
        names = ", ".join(f"{name} {version}" for name, version in missing)
        raise Trouble(f"固定した部品が手に入りません: {names}", f"no wheel as pinned for: {names}")
    return found


def lock(text: str) -> dict[tuple[str, str], set[str]]:
    """Name and version → the SHA-256 hashes of its files."""
    pinned: dict[tuple[str, str], set[str]] = {}
    for entry in re.split(r"^(?=[\w.-]+==)", text.replace("\\\n", " "), flags=re.MULTILINE):
        if stated := re.match(r"([\w.-]+)==([^\s;]+)", entry):
            pinned[normal(stated[1]), stated[2]] = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))
    return pinned


def at_hand(folder: Path, pinned: Mapping[tuple[str, str], set[str]]) -> list[Wheel]:
    """Those in the folder that are what the lock says; whatever else lies there is left alone."""
    found: dict[tuple[str, str], Wheel] = {}
    for path in sorted(folder.glob("*.whl")):
        name, version = path.name.split("-")[:2]
        key = normal(name), version
        if key in pinned:
            with path.open("rb") as stream:
                digest = file_digest(stream, "sha256").hexdigest()
            if digest in pinned[key]:
                found[key] = Wheel(*key, path, digest)
    return [found[key] for key in sorted(found)]


def normal(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _download(requirements: Path, folder: Path) -> None:
    """pip, told by uv where the pinned files lie: reading every version of every package takes pip 20 seconds."""
    wanted = ["--require-hashes", "-r", str(requirements), "-d", str(folder)]
    with tempfile.TemporaryDirectory() as scratch:
        found = Path(scratch) / "pylock.toml"
        done = _python([*RESOLVE, str(requirements), "-o", str(found)])
        if done.returncode == 0:
            page = found.with_suffix(".html")
            page.write_text(_links(tomllib.loads(found.read_text())))
            done = _python([*PIP, "--no-index", "--find-links", str(page), *wanted])
    if done.returncode:  # an index that only pip is configured for
        done = _python([*PIP, *wanted])
    if done.returncode:
        raise Trouble(
            "固定した部品を取り寄せられませんでした。ネットワークと空き容量を確かめてください。",
            "could not fetch the pinned packages; check the network and the free space.",
            (done.stdout + done.stderr).splitlines()[-8:],
        )


def _links(found: Mapping[str, list[Mapping[str, list[Mapping[str, str]]]]]) -> str:
    """A page as an index would show it, with the files of the pinned versions alone."""
    urls = (wheel["url"] for package in found["packages"] for wheel in package.get("wheels", ()))
    return "".join(f'<a href="{escape(url)}">{escape(url.rpartition("/")[2])}</a>\n' for url in urls)


def _python(arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", *arguments], env={**os.environ, **certificates(), "PYTHONPATH": bundled_pip()},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
