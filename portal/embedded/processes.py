"""Processes that cannot outlive their parent unnoticed: they die with it, and are known again by their start time."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
# What a child may inherit; everything else (PG*, PYTHON*, GUNICORN_CMD_ARGS, …) would change what it does.
PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")

_libc = ctypes.CDLL(None, use_errno=True)


def surroundings() -> dict[str, str]:
    """The part of the environment that every child gets."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def die_with_parent(stop: signal.Signals, parent: int) -> None:
    """Ask the kernel for `stop` when the parent dies, however it dies (prctl(2), PR_SET_PDEATHSIG)."""
    _libc.prctl(PR_SET_PDEATHSIG, int(stop), 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), stop)


@dataclass(frozen=True)
class Identity:
    """A process, told apart from a later one with the same pid by its start time in clock ticks since boot."""

    pid: int
    started: int

    @staticmethod
    def of(pid: int) -> "Identity | None":
        """The living process with this pid; a zombie does not live, though `kill -0` counts it."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except OSError:
            return None
        state, *numbers = text.rpartition(")")[2].split()
        return None if state in "ZX" else Identity(pid, int(numbers[18]))

    def alive(self) -> bool:
        return Identity.of(self.pid) == self

    def end(self, stop: signal.Signals, patience: float = 10) -> None:
        """Ask it to stop, then kill what is left of its session."""
        if self.alive():
            os.kill(self.pid, stop)
            wait_for(lambda: not self.alive(), patience)
        kill_session(self.pid)


def kill_session(leader: int) -> None:
    """Kill what is left of a session; its number stays taken as long as one of its processes lives (setsid(2))."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, *numbers = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if state not in "ZX" and int(numbers[2]) == leader:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(entry.name), signal.SIGKILL)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@dataclass
class Ordinary:
    """How root starts what refuses to run as root: a command prefix and Popen's user arguments."""

    prefix: list[str] = field(default_factory=list)
    user: dict[str, Any] = field(default_factory=dict)
    owner: tuple[int, int] | None = None  # whom the data folder belongs to, where that is not ourselves


NAMESPACE = ["unshare", "-U", "--map-user=1000", "--map-group=1000"]


def ordinary(*paths: Path) -> Ordinary:
    """Root becomes `nobody` where `nobody` can reach the paths, else an ordinary user inside a user namespace.

    Raises PermissionError with the unreachable path when neither works.
    """
    if os.geteuid() != 0:
        return Ordinary()
    nobody = pwd.getpwnam("nobody")
    user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    blocked = [path for path in paths if not _succeeds(["test", "-x", str(path)], user)]
    if not blocked:
        return Ordinary([], user, (nobody.pw_uid, nobody.pw_gid))
    if not _succeeds([*NAMESPACE, "test", "-x", str(blocked[0])], {}):
        raise PermissionError(13, "unreachable", str(blocked[0]))
    return Ordinary(NAMESPACE)


def _succeeds(command: Sequence[str], user: dict[str, Any]) -> bool:
    try:
        return not subprocess.run(command, capture_output=True, cwd="/", check=False, **user).returncode
    except OSError:
        return False


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int | None,
    environment: Mapping[str, str] | None = None,
    stop: signal.Signals = signal.SIGTERM,
    stdin: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
    cwd: Path | str = "/",
    ordinary: Ordinary | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own (a terminal's Ctrl-C does not reach it) that gets `stop` when we die.

    Call it from the main thread only: the kernel counts the death of the thread that forked.
    """
    ordinary = ordinary or Ordinary()
    parent = os.getpid()
    return subprocess.Popen(
        [*ordinary.prefix, *map(str, command)],
        env={**surroundings(), **(environment or {})},
        stdin=stdin, stdout=log, stderr=log if log is None else subprocess.STDOUT,
        pass_fds=pass_fds, cwd=cwd, start_new_session=True,
        preexec_fn=lambda: die_with_parent(stop, parent),
        **ordinary.user,
    )  # fmt: skip
