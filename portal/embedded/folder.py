"""The data folder: made private, tried out, locked, and the record of which children run on it."""

import contextlib
import errno
import fcntl
import json
import os
import pwd
import shutil
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from portal.embedded.console import Trouble, step
from portal.embedded.processes import Identity, wait_for

FULL = (errno.ENOSPC, errno.EDQUOT)
FIRST_START_BYTES = 200 * 1024**2  # measured: 70 MiB with the demo world, before the first document
NEXT_START_BYTES = 40 * 1024**2  # PostgreSQL stops when it cannot write its next 16 MiB of log
LONGEST_SOCKET = 107  # sun_path in unix(7)
BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Record:
    """A child of the launcher, as the next launcher needs to know it."""

    name: str
    process: Identity
    stop: signal.Signals


class Folder:
    """`VAR`: postgres/ (its own user's), run/ (sockets, lock), secrets/, logs/, blobs/, mail/, static/."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.postgres, self.run = root / "postgres", root / "run"
        self.secrets, self.logs = root / "secrets", root / "logs"
        self.socket = self.run / "pg"
        self._lock: IO[str] | None = None

    @property
    def first_start(self) -> bool:
        return not self.postgres.exists()

    def make(self) -> None:
        """Create what is missing. Raises Trouble for a folder that cannot serve."""
        self._refuse_an_impossible_path()
        with naming(self.root):
            if not self.root.exists():
                self.root.mkdir(parents=True, mode=0o711)
                # `nobody` has to pass through on its way to postgres/ when root starts us.
                self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
            self._refuse_another_owner()
            self.run.mkdir(exist_ok=True, mode=0o711)
            for private in (self.secrets, self.logs, self.root / "blobs", self.root / "mail", self.root / "static"):
                private.mkdir(exist_ok=True, mode=0o700)
            probe = self.run / "probe"
            probe.write_bytes(b"\0" * 65536)
            probe.unlink()
        self._refuse_too_little_space()

    def _refuse_an_impossible_path(self) -> None:
        if len(os.fsencode(self.socket / ".s.PGSQL.5432")) > LONGEST_SOCKET:
            raise Trouble(
                f"データの置き場所 {self.root} の名前が長すぎます。VAR= で短い場所を指定してください。",
                f"the path of the data folder {self.root} is too long; name a shorter one with VAR=.",
            )
        if not str(self.root).isprintable() or set(str(self.root)) & set(',"'):  # libpq reads a comma as two hosts
            raise Trouble(
                f"データの置き場所 {self.root} の名前に使えない文字があります。VAR= で別の場所を指定してください。",
                f"the path of the data folder {self.root} has a comma, quote or control character; name another VAR=.",
            )

    def _refuse_another_owner(self) -> None:
        owner = self.secrets.stat().st_uid if self.secrets.exists() else os.geteuid()
        if owner != os.geteuid():
            name = _user(owner)
            raise Trouble(
                f"{self.root} は {name} のデータです。{name} として起動するか、VAR= で別の場所を指定してください。",
                f"{self.root} holds the data of user {name}; start as {name} or name another folder with VAR=.",
            )

    def _refuse_too_little_space(self) -> None:
        needed = FIRST_START_BYTES if self.first_start else NEXT_START_BYTES
        free = shutil.disk_usage(self.root).free
        if free < needed:
            raise disk_full(self.root, needed)

    # --- one launcher at a time ---------------------------------------------------------------------------

    def lock(self, *, launcher: Identity | None, about: Mapping[str, str | int]) -> None:
        """Take the folder until this process dies, leaving word `about` it. Raises Trouble while another one holds it.

        `launcher` is the `make` that started us: a holder whose own has died is on its way out and is waited for.
        """
        path = self.run / "lock"
        with naming(path):
            self._lock = open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")  # noqa: PTH123, SIM115
        if not self._try_lock():
            holder = self.last_run()
            if self._orphaned(holder):
                step("前回の終了を待っています", "waiting for the previous run to finish")
            if not (self._orphaned(holder) and wait_for(self._try_lock, 20)):
                self.release()
                raise Trouble(
                    f"{self.root} ではすでに起動しています: {holder.get('url')}(プロセス {holder.get('pid')})。",
                    f"already running on the data in {self.root}: {holder.get('url')} (process {holder.get('pid')}).",
                )
        me = Identity.of(os.getpid())
        assert me is not None
        self._lock.truncate(0)
        self._lock.seek(0)
        parent = [launcher.pid, launcher.started] if launcher else None
        json.dump({**about, "pid": me.pid, "started": me.started, "launcher": parent}, self._lock)
        self._lock.flush()

    def last_run(self) -> dict[str, object]:
        """What the process that holds the lock, or held it last, left word of."""
        return _read(self.run / "lock")

    def running(self) -> bool:
        """Whether the launcher that left word is alive. The lock itself is not tried: that could refuse a start."""
        match self.last_run():
            case {"pid": int(pid), "started": int(started)}:
                return Identity(pid, started).alive()
        return False

    def release(self) -> None:
        """Give the folder to the next one; the death of the process does the same."""
        if self._lock:
            self._lock.close()

    def _try_lock(self) -> bool:
        assert self._lock is not None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @staticmethod
    def _orphaned(holder: dict[str, object]) -> bool:
        launcher = holder.get("launcher")
        return isinstance(launcher, list) and not Identity(*launcher).alive()

    # --- children -----------------------------------------------------------------------------------------

    def record(self, children: list[Record]) -> None:
        path = self.run / "children.json"
        rows = [[child.name, child.process.pid, child.process.started, int(child.stop)] for child in children]
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"boot": BOOT.read_text(), "children": rows}))
        fresh.replace(path)

    def end_orphans(self) -> None:
        """End what a killed launcher left behind; a pid that now belongs to somebody else is left alone."""
        left = _read(self.run / "children.json")
        rows = left.get("children", [])
        if left.get("boot") == BOOT.read_text() and isinstance(rows, list):
            for name, pid, started, stop in reversed(rows):
                if Identity(pid, started).alive():
                    step(
                        f"前回の {name} が残っているので終了させます", f"ending {name}, left over from the previous run"
                    )
                if Identity.of(pid) in (None, Identity(pid, started)):
                    Identity(pid, started).end(signal.Signals(stop))
        (self.run / "children.json").unlink(missing_ok=True)


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def disk_full(path: Path, needed: int = NEXT_START_BYTES) -> Trouble:
    megabytes = needed // 1024**2
    return Trouble(
        f"{path} のあるディスクの空きが足りません。{megabytes} MB 以上空けるか、VAR= で別の場所を指定してください。",
        f"the disk that holds {path} is full; free at least {megabytes} MB or name another folder with VAR=.",
    )


def full(path: Path) -> bool:
    return shutil.disk_usage(path).free < 1024**2


@contextlib.contextmanager
def sparing(path: Path) -> Iterator[None]:
    """Turn a full disk into the Trouble that says so."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise disk_full(path) from error
        raise


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn the file errors an operator can put right into a Trouble that names the folder."""
    try:
        with sparing(path):
            yield
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT):
            place = error.filename or path
            raise Trouble(
                f"{place} に書き込めません。書き込める利用者で起動するか、VAR= で別の場所を指定してください。",
                f"{place} cannot be written; start as a user who may write there or name another folder with VAR=.",
            ) from error
        raise
