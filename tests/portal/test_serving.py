"""Those who connect and say nothing, or do not go, keep no thread and no loop from everybody else."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded.instance import ROOT
from portal.embedded.ports import free_port

AT_ONCE = (
    4.0  # seconds, on two busy cores; gthread's own would need five for each two silent ones, two for each who stays
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One process of two threads."""
    found = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "tests.portal.served:application", "--config", "python:portal.serving",
         "--worker-class", "portal.serving.Worker", "--threads", "2", "--workers", "1", "--no-control-socket",
         "--graceful-timeout", "1", "--bind", f"127.0.0.1:{found}"],
        cwd=ROOT, stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "tests.portal.served_settings",
             "ENTAKU_VAR": str(tmp_path_factory.mktemp("var"))},
    )  # fmt: skip
    deadline = time.monotonic() + 40
    while True:
        try:
            answered(found)
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    yield found
    process.terminate()
    process.wait(20)


def answered(port: int) -> float:
    """Seconds to an answer."""
    began = time.monotonic()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", "/")
        connection.getresponse().read()
    return time.monotonic() - began


def test_silent_connections_keep_nobody_waiting(port: int) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(200):
            held.enter_context(socket.create_connection(("127.0.0.1", port), 5))
        time.sleep(0.3)
        assert answered(port) < AT_ONCE


def test_whoever_was_silent_at_first_is_answered_all_the_same(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 20) as late:
        time.sleep(0.3)
        late.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert late.recv(64).startswith(b"HTTP/1.1 200")


def test_whoever_does_not_close_their_side_keeps_nobody_waiting(port: int) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(6):
            staying = held.enter_context(socket.create_connection(("127.0.0.1", port), 20))
            staying.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port), 20) as patient:
            began = time.monotonic()
            patient.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert patient.recv(64).startswith(b"HTTP/1.1 200")
            assert time.monotonic() - began < 9  # one after the other it would be twelve


def test_as_many_files_may_be_open_as_the_machine_allows(port: int) -> None:
    pids = [
        entry.name for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and f"127.0.0.1:{port}".encode() in _command(entry)
    ]  # fmt: skip
    assert pids
    for pid in pids:
        (limit,) = [line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "open files" in line]
        soft, hard = limit.split()[3:5]
        assert soft == hard


def _command(entry: Path) -> bytes:
    with contextlib.suppress(OSError):
        return (entry / "cmdline").read_bytes()
    return b""
