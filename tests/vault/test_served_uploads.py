"""Uploads through a real server: flat memory, and nothing left when the sender or the server goes away."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import __file__ as a_file_of_the_suite
from vault import blobs
from vault.streams import open_range, sealed_size

MIB = 1024 * 1024
PIECE = hashlib.shake_256(b"piece").digest(MIB)
HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"


class Server:
    """gunicorn with one gthread worker on a port of its own."""

    def __init__(self, folder: Path) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "tests.vault.served:application", "--worker-class=gthread",
             "--threads=4", "--no-control-socket", "--log-level=error", f"--bind=127.0.0.1:{self.port}"],
            cwd=Path(a_file_of_the_suite).parent.parent, start_new_session=True,
            env=os.environ | {"ENTAKU_TEST_BLOBS": str(folder)},
        )  # fmt: skip

    def send(self, pieces: int, *, of: int | None = None) -> socket.socket:
        """Send so many MiB of a file announced as `of` MiB; the connection, still open."""
        length = len(HEAD) + (of or pieces) * MIB + len(TAIL)
        connection = self._connect()
        connection.sendall(
            b"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n" % length + HEAD
        )
        for _ in range(pieces):
            connection.sendall(PIECE)
        return connection

    def upload(self, pieces: int) -> dict[str, Any]:
        with closing(self.send(pieces)) as connection:
            connection.sendall(TAIL)
            answer = HTTPResponse(connection, method="POST")
            answer.begin()
            assert answer.status == 200
            told: dict[str, Any] = json.load(answer)
        return told

    def _connect(self) -> socket.socket:
        deadline = time.monotonic() + 20
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=120)
            except ConnectionRefusedError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def server(blob_folder: Path) -> Iterator[Server]:
    running = Server(blob_folder)
    yield running
    if running.process.poll() is None:
        running.kill()


def wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_large_file_is_taken_in_with_flat_memory(server: Server, blob_folder: Path) -> None:
    """Four times what the process may hold; the same with 2 GiB, which a busy disk makes last minutes."""
    before = server.upload(1)
    told = server.upload(480)
    assert told["pid"] == before["pid"]
    assert told["size"] == 480 * MIB
    assert told["peak"] < before["peak"] + 8 * 1024
    assert told["peak"] < 120 * 1024
    assert (blob_folder / told["blob"]).stat().st_size == sealed_size(told["size"])
    binding, end = blobs.binding(told["blob"]), told["size"]
    opened = open_range(
        blobs.open_blob(told["blob"]), key=bytes.fromhex(told["key"]), binding=binding, size=end, start=end - MIB
    )
    assert b"".join(opened) == PIECE


def test_a_sender_who_goes_away_leaves_nothing(server: Server) -> None:
    connection = server.send(5, of=50)
    wait_for(lambda: list(blobs.names()))
    connection.close()
    wait_for(lambda: not list(blobs.names()))
    assert server.upload(1)["size"] == MIB


def test_a_killed_server_leaves_an_orphan_that_the_sweep_removes(server: Server) -> None:
    kept = server.upload(1)["blob"]
    with closing(server.send(5, of=50)):
        wait_for(lambda: len(list(blobs.names())) == 2)
        server.kill()
    assert len(list(blobs.names())) == 2
    assert blobs.sweep(timedelta(hours=1), known=lambda _names: {kept}) == 0  # it may still be on its way
    assert blobs.sweep(timedelta(0), known=lambda _names: {kept}) == 1
    assert list(blobs.names()) == [kept]
