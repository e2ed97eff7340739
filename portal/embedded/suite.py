"""`make test` and `make lint`: every check in order, announced and timed; all run, whatever the first one says."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from portal.embedded import translations
from portal.embedded.console import Trouble, complain, say, speak_utf8
from portal.embedded.instance import ROOT, processors

PYTHON = sys.executable
LINT: dict[str, list[str]] = {
    "ruff check": [PYTHON, "-m", "ruff", "check", "."],
    "ruff format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "mypy": [PYTHON, "-m", "mypy"],
    "lint-imports": [str(Path(PYTHON).parent / "lint-imports")],  # importlinter has no __main__
    "check_migrations": [PYTHON, "manage.py", "check_migrations"],
}
# Without a database to ask, Django warns and compares the files alone: what is wanted here.
MIGRATIONS = {
    "makemigrations": [PYTHON, "-W", "ignore::RuntimeWarning", "manage.py", "makemigrations", "--check", "--dry-run"]
}
PACKAGES = {
    "chromium-headless-shell": "/usr/bin/chromium-headless-shell",
    "git": "/usr/bin/git",
    "fonts-noto-cjk": "/usr/share/fonts/opentype/noto",
    "openssl": "/usr/bin/openssl",
    "softhsm2": "/usr/lib/softhsm/libsofthsm2.so",
    "nginx": "/usr/sbin/nginx",
    "pgbouncer": "/usr/sbin/pgbouncer",
    "iproute2": "/sbin/ip",
}
# What does as well where a package is not to be had: the whole browser, with windows that nobody sees.
INSTEAD = {"chromium-headless-shell": ("chromium", "/usr/bin/chromium")}


def main(command: str) -> int:
    """Exit code: 0 when everything held."""
    started = time.monotonic()
    translations.compile_changed()
    checks = LINT | MIGRATIONS if command == "test" else LINT
    with ThreadPoolExecutor(processors() + 1) as pool:  # the types take as long as all the others
        # Waits for the network while the checks have the processors.
        arriving = pool.submit(install_packages) if command == "test" else None
        held = pool.map(run, checks, checks.values())
        if arriving:
            arriving.result()
    failed = [name for name, well in zip(checks, held, strict=True) if not well]
    closing = ""
    if command == "test":
        passed, closing = tests()
        failed += [] if passed else ["pytest"]
    say(f"== total {time.monotonic() - started:.1f} s; " + (f"FAILED: {', '.join(failed)}" if failed else "all held"))
    if closing:
        say(closing)  # last, where whoever runs us looks for it
    return 1 if failed else 0


def run(name: str, command: Sequence[str]) -> bool:
    """Whether it held. What it says is printed in one piece, since others run beside it."""
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env=surroundings(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    well = done.returncode == 0
    say(f"{done.stdout}== {name}: {'ok' if well else 'FAILED'} ({time.monotonic() - started:.1f} s)")
    return well


def tests() -> tuple[bool, str]:
    """Whether pytest passed, and its closing line, held back so that it can stand last."""
    say("== pytest")
    started = time.monotonic()
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    process = subprocess.Popen(
        [PYTHON, "-m", "pytest", f"-n{min(2, processors())}", "--dist=loadgroup", "--no-loadscope-reorder", *colour],
        cwd=ROOT, env=surroundings(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace",
    )  # fmt: skip
    assert process.stdout is not None
    held = ""
    for line in process.stdout:
        if held:
            say(held)
        held = line.rstrip("\n")
    code = process.wait()
    say(f"== pytest: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - started:.1f} s)")
    return code == 0, held


def surroundings() -> dict[str, str]:
    """Ours, but the suite's own settings whatever the shell names, and no address of another database.

    What is compiled is kept, or each of the many processes would compile the libraries for itself.
    """
    not_ours = ("ENTAKU_", "PG", "MAKE", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(not_ours)}
    return {**kept, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}


def install_packages() -> None:
    """What no wheel brings, through apt-get where we may. Raises Trouble that names the packages where not."""
    missing = [name for name, place in PACKAGES.items() if not Path(place).exists()]
    if not missing or apt_installs(missing):
        return
    others = [INSTEAD.get(name, (name, PACKAGES[name])) for name in missing]
    needed = [name for name, place in others if not Path(place).exists()]
    if not needed or (needed != missing and apt_installs(needed)):
        return
    raise Trouble(
        f"試験に要るパッケージがありません。次で入れてください: apt-get install {' '.join(needed)}",
        f"the tests need packages that are missing; install them with: apt-get install {' '.join(needed)}",
    )


def apt_installs(packages: Sequence[str]) -> bool:
    administrator = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or not succeeds([*administrator, "true"]):
        return False
    say(f"== apt-get install {' '.join(packages)}")
    # The last two keep Debian from starting the servers that it installs, whether it runs systemd or not.
    quietly = ["DEBIAN_FRONTEND=noninteractive", "SYSTEMD_OFFLINE=1", "RUNLEVEL=1"]
    apt = [*administrator, "env", *quietly, "apt-get", "-qq"]
    return succeeds([*apt, "update"]) and succeeds([*apt, "install", "-y", "--no-install-recommends", *packages])


def succeeds(command: Sequence[str]) -> bool:
    try:
        return not subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode
    except OSError:
        return False


if __name__ == "__main__":
    speak_utf8()
    try:
        sys.exit(main(sys.argv[1]))
    except Trouble as trouble:
        complain(trouble)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
