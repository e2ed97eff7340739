"""The process that cleans is shut in, holds little, ends in time, and is not believed."""

from __future__ import annotations

import io
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake.cleaning import Kind, Reason, Trace, Uncleanable, can_clean, clean, mat2, running
from intake.cleaning.inside.telling import END, FRAME, PIECE, TRACES
from intake.cleaning.kinds import Way
from intake.cleaning.running import LARGEST_MADE, STEP
from intake.cleaning.traces import traces
from tests.intake.cleaner import cleaned, left, pieces, refused
from tests.intake.planted import docx, jpeg

ROOT = Path(__file__).resolve().parent.parent.parent
INSIDE = ROOT / "intake" / "cleaning" / "inside"


def test_work_that_takes_too_long_is_ended() -> None:
    assert refused(jpeg(), Kind.JPEG, seconds=0) is Reason.TIME


def test_more_work_than_there_are_places_for_waits_and_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", 0.01)
    with taking_all_places():
        assert refused(jpeg(), Kind.JPEG) is Reason.BUSY
    assert cleaned(jpeg())[0]


def test_where_enough_wait_already_no_more_threads_are_held() -> None:
    with taking_all_places(), ThreadPoolExecutor(running.MOST_WAITING) as threads:
        waiting = [threads.submit(cleaned, jpeg()) for _ in range(running.MOST_WAITING)]
        while running._queue.acquire(blocking=False):  # until all who wait have come
            running._queue.release()
            time.sleep(0.01)
        began = time.monotonic()
        assert refused(jpeg(), Kind.JPEG) is Reason.BUSY
        assert time.monotonic() - began < 5
        for work in list(begun):
            work.close()
        assert all(work.result()[0] for work in waiting)


begun: list[running.Cleaning] = []


@contextmanager
def taking_all_places() -> Iterator[None]:
    begun[:] = [clean(pieces(b"x" * 2_000_000), Kind.TEXT) for _ in range(running.MOST_CHILDREN)]
    try:
        for work in begun:
            next(work)
        yield
    finally:
        for work in begun:
            work.close()


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_as_much_as_one_sends_passes_through_while_the_web_process_holds_a_few_pieces() -> None:
    """Seen from the first few megabytes on: of the forty that follow, nothing may stay."""
    line = "2026年の図面について、ここに書きます。\r\n".encode()
    piece = line * (STEP // len(line))
    number = 48 * 1024 * 1024 // len(piece)
    held: list[int] = []

    def sent() -> Iterator[bytes]:
        for _ in range(number):
            held.append(resident())
            yield piece

    size = 0
    for made in clean(sent(), Kind.TEXT):
        size += len(made)
        held.append(resident())
    assert size == number * len(piece.replace(b"\r", b""))
    assert max(held) - max(held[: number // 6]) < 12 * 1024 * 1024


BEGIN = """
import sys, time
from django.conf import settings
settings.configure()
from intake.cleaning import Kind, clean
from intake.cleaning.running import clean
work = clean(iter([b"x" * 8_000_000]), Kind.TEXT)
next(work)
print("begun", flush=True)
time.sleep(60)
"""


def children_of(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_the_child_ends_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", BEGIN], stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"begun\n"
        (child,) = children_of(parent.pid)
        parent.send_signal(signal.SIGKILL)
    assert gone(child)


def gone(process: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


SHUT_IN = """
import os, socket, sys
sys.path.insert(0, {inside!r})
from confine import confine
confine(parent=os.getppid(), seconds=5)
def tried(what):
    try: what()
    except (OSError, MemoryError) as error: return type(error).__name__
    return "done"
sys.stdout.write(" ".join(map(tried, (
    lambda: open("/etc/hostname"), lambda: open("/dev/shm/x", "w"), lambda: os.listdir("/tmp"),
    lambda: socket.create_connection(("127.0.0.1", {port})), lambda: bytearray(2 << 30),
))))
"""


def test_the_child_reaches_neither_files_nor_network_nor_memory() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = SHUT_IN.format(inside=str(INSIDE), port=port)
        done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, check=True, env={})
    assert done.stdout.decode() == "PermissionError PermissionError PermissionError PermissionError MemoryError"


def test_a_child_whose_parent_is_gone_already_ends_at_once() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(INSIDE)!r}); from confine import confine; confine(parent=1, seconds=5)"
    )
    assert subprocess.run([sys.executable, "-I", "-c", script], check=False).returncode == 1


def frame(sign: bytes, data: bytes, length: int | None = None) -> bytes:
    return FRAME.pack(sign, len(data) if length is None else length) + data


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"P\0",
        frame(PIECE, b"\xff\xd8\xff", 10),
        frame(PIECE, b"", 0xFFFFFFFF),
        frame(b"X", b""),
        frame(PIECE, b"<html>") + frame(END, b""),
        frame(PIECE, b"\xff\xd8\xff"),
        frame(PIECE, b"\xff\xd8\xff" + bytes(STEP - 3)) * (LARGEST_MADE // STEP + 1),
    ],
    ids=["nothing", "cut", "short", "too long", "unknown sign", "another kind", "no end", "without end"],
)
def test_what_a_turned_child_says_is_not_taken(said: bytes) -> None:
    late = running.Lateness(60, lambda: None)
    try:
        with pytest.raises(Uncleanable) as caught:
            for _ in running._received(io.BytesIO(said), Kind.JPEG, running.Cleaning(lambda _: iter(())), late):  # type: ignore[arg-type,return-value]
                pass
    finally:
        late.cancel()
    assert caught.value.reason is Reason.FAILED


def test_unknown_traces_are_left_out() -> None:
    assert traces("place,<script>,time,place") == (Trace.PLACE, Trace.TIME)
    assert frame(TRACES, b"")[:1] == b"T"


STAND_IN = """#!/bin/sh
for file; do :; done
case "$*" in
*--show*) printf '[+] Metadata for x:\\n    author: somebody\\n    GPSLatitude: 1\\n    odd: 1\\n'; exit 0;;
esac
test "$(stat -c %a "$(dirname "$file")")" = 700 || exit 3
ls /dev/shm >/dev/null 2>&1 && exit 4
cat /proc/1/cmdline >/dev/null 2>&1 && exit 5
{body}
"""
COPIES = 'cp "$file" "${file%.*}.cleaned.${file##*.}"'

StandIn = Callable[[str], None]


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A mat2 of the test's own on the path."""

    def put(body: str) -> None:
        program = tmp_path / "mat2"
        program.write_text(STAND_IN.replace("{body}", body))
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return put


def test_where_mat2_is_absent_office_files_are_refused_and_say_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(docx(), Kind.DOCX) is Reason.NO_MAT2
    assert all((can_clean(kind) is Reason.NO_MAT2) == (kind.way is Way.MAT2) for kind in Kind)


def test_mat2_without_a_folder_in_memory_is_as_good_as_absent(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(COPIES)
    assert can_clean(Kind.DOCX) is None
    monkeypatch.setattr(mat2, "MEMORY_BACKED", tmp_path)
    assert can_clean(Kind.DOCX) is Reason.NO_MAT2


def test_mat2_works_shut_in_and_leaves_nothing_behind(stand_in: StandIn) -> None:
    stand_in(COPIES)
    assert cleaned(docx(), "a.docx") == (docx(), (Trace.PERSON, Trace.PLACE, Trace.OTHER))
    assert left() == []


@pytest.mark.parametrize(
    "body",
    ["exit 1", "exit 0", 'ln -s /etc/hostname "${file%.*}.cleaned.${file##*.}"', 'echo x > "${file%.*}.cleaned.docx"'],
    ids=["fails", "makes nothing", "makes a link", "makes another kind"],
)
def test_what_mat2_does_not_make_is_not_taken(stand_in: StandIn, body: str) -> None:
    stand_in(body)
    assert refused(docx(), Kind.DOCX) is Reason.FAILED
    assert left() == []


def test_mat2_and_what_it_started_end_when_time_is_up(stand_in: StandIn) -> None:
    stand_in("sleep 61.25 & sleep 61.25")
    assert refused(docx(), Kind.DOCX, seconds=1) is Reason.TIME
    assert left() == []
    running_still = subprocess.run(["pgrep", "-f", "sleep 61.25"], capture_output=True, check=False)
    assert running_still.stdout == b""


BEGIN_MAT2 = """
import sys
from django.conf import settings
settings.configure()
from intake.cleaning import Kind, clean, mat2
mat2.PREFIX = sys.argv[1]
list(clean(iter([open(0, "rb").read()]), Kind.DOCX))
"""


def test_killed_with_its_work_half_done_the_product_leaves_no_process_and_the_next_work_removes_its_folder(
    stand_in: StandIn,
) -> None:
    stand_in("sleep 62.75 & sleep 62.75")
    begun = {**os.environ}
    command = [sys.executable, "-c", BEGIN_MAT2, mat2.PREFIX]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT, env=begun) as parent:
        assert parent.stdin is not None
        parent.stdin.write(docx())
        parent.stdin.close()
        for _ in range(250):
            if sleeping():
                break
            time.sleep(0.02)
        assert sleeping()
        parent.send_signal(signal.SIGKILL)
    assert all(gone(process) for process in sleeping())
    (folder,) = left()
    stand_in(COPIES)
    cleaned(docx(), "a.docx")
    assert not folder.exists()


def sleeping() -> list[int]:
    found = subprocess.run(["pgrep", "-f", "sleep 62.75"], capture_output=True, check=False)
    return [int(pid) for pid in found.stdout.split()]
