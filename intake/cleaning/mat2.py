"""Cleans office files, sound and video by mat2, where it is installed and there is a folder that is no disk.

mat2 works on files by name. They lie in a folder of their own in /dev/shm, which only we may enter, for as long as the
work takes; a folder whose process was killed is found by its lock, which died with it, and removed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType

from .kinds import HEAD, Kind, kind_of
from .refusals import Reason, Uncleanable
from .traces import Trace

STARTER = Path(__file__).parent / "inside" / "starter.py"
MEMORY_BACKED = Path("/dev/shm")  # noqa: S108 - memory, not a disk; the folder made in it is ours alone
PREFIX = "entaku-cleaning-"
LOCK = "lock"
STEP = 256 * 1024
SHOWN = 64 * 1024  # bytes of what mat2 lists that are looked at
# Words in the names mat2 lists, and what they tell; the first that fits.
WORDS = (
    (("gps", "location", "latitude", "longitude"), Trace.PLACE),
    (("date", "time", "created", "modified"), Trace.TIME),
    (("author", "creator", "artist", "by", "company", "manager", "owner", "performer", "user"), Trace.PERSON),
    (("thumbnail", "picture", "apic"), Trace.THUMBNAIL),
    (("application", "generator", "producer", "encod", "software", "template", "version"), Trace.SOFTWARE),
    (("title", "subject", "description", "comment", "keyword", "album", "genre"), Trace.COMMENT),
    (("revision", "editing", "rsid"), Trace.EDITS),
)


def mat2_here() -> str | None:
    """The path of mat2, if it and a memory-backed folder are there."""
    return shutil.which("mat2") if _in_memory(MEMORY_BACKED) else None


def _in_memory(folder: Path) -> bool:
    mounts = [line.split(" ") for line in Path("/proc/self/mounts").read_text().splitlines()]
    return any(mount[1] == str(folder) and mount[2] in ("tmpfs", "ramfs") for mount in mounts)


def remove_left_behind() -> None:
    """Folders of processes that were killed: nobody holds their lock any more."""
    for folder in MEMORY_BACKED.glob(f"{PREFIX}*"):
        with suppress(OSError), ExitStack() as stack:
            lock = os.open(folder / LOCK, os.O_RDONLY | os.O_NOFOLLOW)
            stack.callback(os.close, lock)
            if os.fstat(lock).st_uid == os.getuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)


class Mat2:
    """One file's work: a context manager that leaves nothing behind."""

    def __init__(self, kind: Kind, largest: int) -> None:
        self.kind, self.largest = kind, largest
        self.process: subprocess.Popen[bytes] | None = None
        self.stopped = False

    def __enter__(self) -> Mat2:
        remove_left_behind()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=MEMORY_BACKED))  # made 0700
        self.lock = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.file = self.folder / f"file.{self.kind.extension}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self.lock)

    def put(self, pieces: Iterable[bytes]) -> None:
        with self.file.open("xb") as sink:
            for piece in pieces:
                sink.write(piece)

    def found(self) -> tuple[Trace, ...]:
        """What mat2 lists of the file, by the kind of thing it tells."""
        listed = self._run("--show")[:SHOWN].decode("utf-8", "replace").lower()
        names = [
            line.partition(": ")[0].strip() for line in listed.splitlines() if line.startswith(" ") and ": " in line
        ]
        told = (next((trace for words, trace in WORDS if _has(name, words)), Trace.OTHER) for name in names)
        return tuple(dict.fromkeys(told))

    def clean(self) -> Iterator[bytes]:
        """The pieces of the cleaned file. Raises Uncleanable before the first."""
        self._run()
        made = self.file.with_name(f"file.cleaned.{self.kind.extension}")
        try:
            descriptor = os.open(made, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            raise Uncleanable(Reason.FAILED) from None
        if kind_of(os.pread(descriptor, HEAD, 0), made.name) is not self.kind:
            os.close(descriptor)
            raise Uncleanable(Reason.FAILED)
        return _read(descriptor)

    def stop(self) -> None:
        """Ends mat2 and whatever it started."""
        self.stopped = True
        if self.process and self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _run(self, *options: str) -> bytes:
        mat2 = mat2_here()
        if not mat2 or self.stopped:
            raise Uncleanable(Reason.FAILED)
        command = [
            mat2,
            "--no-sandbox",
            *options,
            str(self.file),
        ]  # the starter shuts it in; bwrap could not mount there
        self.process = subprocess.Popen(  # noqa: S603 - our own file, run by our own interpreter
            [sys.executable, "-I", str(STARTER), str(os.getpid()), str(self.largest), str(self.folder), *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=True,
            env={"HOME": str(self.folder), "TMPDIR": str(self.folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            cwd=self.folder, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        with self.process.stdout as pipe:
            said = pipe.read(SHOWN)
            while pipe.read(STEP):
                pass
        if self.process.wait():
            raise Uncleanable(Reason.FAILED)
        return said


def _has(name: str, words: tuple[str, ...]) -> bool:
    return any(word in name for word in words)


def _read(descriptor: int) -> Iterator[bytes]:
    with os.fdopen(descriptor, "rb") as made:
        while piece := made.read(STEP):
            yield piece
