"""Those who send a byte now and then keep no thread from everybody else, and are cut."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from portal.embedded.instance import ROOT
from portal.embedded.ports import free_port
from tests.portal.test_serving import answered

HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """One process of four threads."""
    found = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "tests.intake.slowly:application", "--config", "python:tests.intake.slowly",
         "--worker-class", "portal.intake_serving.Worker", "--threads", "4", "--workers", "1", "--no-control-socket",
         "--graceful-timeout", "1", "--bind", f"127.0.0.1:{found}"],
        cwd=ROOT, stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]},
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


def test_who_drips_is_cut_and_the_others_are_answered(port: int) -> None:
    with contextlib.ExitStack() as held:
        dripping = [held.enter_context(socket.create_connection(("127.0.0.1", port), 5)) for _ in range(8)]
        for each in dripping:
            each.sendall(HEAD % 1000)
        began = time.monotonic()
        while time.monotonic() - began < 1:  # all threads are theirs
            drip(dripping)
        assert answered(port) < 8
        began = time.monotonic()
        while time.monotonic() - began < 6:
            drip(dripping)
        assert all(ended(each) for each in dripping)


def test_who_is_slow_and_keeps_sending_is_answered(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 20) as slow:
        slow.sendall(HEAD % 9000)
        for _ in range(9):  # four seconds: longer than anybody is waited for who sends nothing
            time.sleep(0.45)
            slow.sendall(bytes(1000))
        assert slow.recv(200).startswith(b"HTTP/1.1 200")


def test_who_falls_silent_halfway_is_cut(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 20) as silent:
        silent.sendall(HEAD % 1000)
        began = time.monotonic()
        assert ended(silent)
        assert time.monotonic() - began < 6


def drip(every: list[socket.socket]) -> None:
    time.sleep(0.1)
    for each in every:
        with contextlib.suppress(OSError):
            each.sendall(b"x")


def ended(connection: socket.socket) -> bool:
    """Closed from the other side, or told that it failed."""
    try:
        return not connection.recv(4096).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return True
