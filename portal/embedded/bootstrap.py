"""Builds the virtual environment with nothing but the standard library, then hands over to what runs inside it."""

import fcntl
import hashlib
import importlib.util
import os
import ssl
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from pathlib import Path

from portal.embedded.console import Trouble, complain, speak_utf8, step

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
WHEELS = ROOT / "wheels"  # an installed bundle brings its own (portal/embedded/bundle.py)
PYTHON = VENV / "bin" / "python"
COMMANDS = {
    "run": ("requirements.txt", "portal.embedded"),
    "test": ("requirements-dev.txt", "portal.embedded.suite"),
    "lint": ("requirements-dev.txt", "portal.embedded.suite"),
    "bench": ("requirements-dev.txt", "portal.embedded.bench"),
    "chaos": ("requirements-dev.txt", "chaos"),
    "flood": ("requirements-dev.txt", "chaos.flood"),
    "lock": ("requirements-dev.txt", "portal.embedded.lock"),
    "bundle": ("requirements.txt", "portal.embedded.bundle"),
    "install": ("requirements.txt", ""),  # what deploy/install.py ends with
}
PIP = "pip --disable-pip-version-check install --quiet --no-input"
UV = "uv pip install --quiet --no-progress"


def main(command: str) -> None:
    requirements, module = COMMANDS[command]
    ensure(ROOT / requirements)
    if not module:
        return
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", module, command])  # noqa: S606


def ensure(requirements: Path) -> None:
    """Bring `.venv` to what `requirements` pins; does nothing when the stamp says that it is there already."""
    stamp = VENV / f".{requirements.stem}.stamp"
    wanted = f"{sys.version} {sys.base_prefix} {hashlib.sha256(requirements.read_bytes()).hexdigest()}\n"
    if _read(stamp) == wanted:
        return
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # two first runs at once would trip over each other
        if _read(stamp) != wanted:
            _create()
            _install(requirements)
            stamp.write_text(wanted)
    except PermissionError as error:
        raise Trouble(
            f"{error.filename or VENV} に書き込めません。書き込める利用者で実行するか、別の場所に複製してください。",
            f"{error.filename or VENV} cannot be written; run as a user who may, or from a copy that can be written.",
        ) from error
    finally:
        os.close(folder)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _create() -> None:
    """A bare virtual environment; one that was left half-made, or belongs to another Python, is made anew."""
    probe = "import sys; print(sys.version, sys.base_prefix)"
    if PYTHON.exists():
        found = subprocess.run([PYTHON, "-I", "-c", probe], capture_output=True, text=True, check=False)
        if found.stdout.strip() == f"{sys.version} {sys.base_prefix}":
            return
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise Trouble(
                f"Python の {module} モジュールがありません。apt-get install python3.11-venv で入れてください。",
                f"Python's {module} module is missing; install it with: apt-get install python3.11-venv",
            )
    step("仮想環境を作っています", "creating the virtual environment")
    # Without pip of its own: installing that takes longer than all the rest.
    _run(
        [sys.executable, "-m", "venv", "--clear", "--without-pip", VENV],
        "仮想環境を作れませんでした。",
        "could not create .venv.",
    )


def _install(requirements: Path) -> None:
    """uv by pip, pinned with its hash, then all the rest by uv (a second, where pip takes twenty)."""
    step("部品を取り寄せています", "fetching the pinned packages")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pin:
        pin.write(pinned("uv", requirements.read_text()))
        pin.flush()
        _fetch(PIP, pin.name)
    try:
        _fetch(UV, requirements)
    except Trouble:  # an index that only pip is configured for
        _fetch(PIP, requirements)


def _fetch(installer: str, requirements: Path | str) -> None:
    _run(
        [PYTHON, "-m", *installer.split(), *offline(), "--require-hashes", "-r", requirements],
        "部品を取り寄せられませんでした。ネットワークと空き容量を確かめてください。",
        "could not fetch the pinned packages; check the network and the free space.",
        # uv would install into whatever environment is active in the shell
        {**certificates(), **without_cache(), "VIRTUAL_ENV": str(VENV), "PYTHONPATH": bundled_pip()},
    )


def offline() -> list[str]:
    """Where the wheels are at hand no index is asked."""
    return ["--no-index", "--find-links", WHEELS.as_uri()] if WHEELS.is_dir() else []


def without_cache() -> dict[str, str]:
    """uv would keep a second copy of a bundle's packages in the home of whoever installs it."""
    return {"UV_NO_CACHE": "1"} if offline() else {}


def bundled_pip() -> str:
    """The wheel of pip that Python brings for its own use; Debian keeps it in a folder apart."""
    import ensurepip  # missing where the package of venv is missing, which _create says

    folders = [
        Path(ensurepip.__file__).parent / "_bundled",
        Path(sysconfig.get_config_var("WHEEL_PKG_DIR") or "/dev/null"),
    ]
    return next(str(wheel) for folder in folders for wheel in sorted(folder.glob("pip-*.whl")))


def certificates() -> dict[str, str]:
    """uv trusts what pip and the system trust: an organisation's own proxy signs with a certificate of its own."""
    given = os.environ.get("SSL_CERT_FILE") or os.environ.get("PIP_CERT")
    system = ssl.get_default_verify_paths().cafile
    return {"SSL_CERT_FILE": given} if given else {"UV_SYSTEM_CERTS": "1"} if system else {}


def pinned(name: str, requirements: str) -> str:
    """The one entry of a compiled requirements file, hashes and all."""
    lines = requirements.splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{name}=="))
    end = next((n for n in range(start + 1, len(lines)) if not lines[n].startswith("    --hash=")), len(lines))
    return "".join(lines[start:end])


def _run(command: list[str | Path], ja: str, en: str, environment: Mapping[str, str] | None = None) -> None:
    surroundings = {**os.environ, **(environment or {})}
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Trouble(ja, en, (done.stdout + done.stderr).strip().splitlines()[-8:])


if __name__ == "__main__":
    speak_utf8()
    try:
        main(sys.argv[1])
    except Trouble as trouble:
        complain(trouble)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
