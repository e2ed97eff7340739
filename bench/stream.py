"""One GiB decrypted against the same bytes from a plain file, through the same gunicorn; random ranges; peak memory,
a sign-in's included.
"""

from __future__ import annotations

import contextlib
import http.client
import random
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from bench import prepare
from bench.figures import median, note
from bench.people import Host, host
from bench.server import server
from clearance.context import acting
from documents.models import Document, State, Version
from documents.services.receiving import receive
from documents.uploads import sealed

SIZE = 1024**3
PIECE = 1024**2
THREADS = 8
PLAIN = Path(settings.VAR_DIR) / "bench-plain.bin"


def run() -> None:
    print("stream: sealing 1 GiB …", flush=True)
    here = host()
    document = hand_over(here)
    path = reverse("documents:download", args=[document.pk, 1])
    try:
        with server(threads=THREADS) as (port, pid):
            fetch(port, path, here)  # once to warm the page cache
            fetch(port, "/bench/plain", here)
            ours, plain = [], []
            for _ in range(5):
                ours.append(fetch(port, path, here))
                plain.append(fetch(port, "/bench/plain", here))
            speed, peer = SIZE / median(ours) / 1e6, SIZE / median(plain) / 1e6
            ratio = speed / peer
            note("stream-1GiB", ours=speed, peer=peer, ratio=ratio, goal=">= 0.8", holds=ratio >= 0.8, unit="MB/s")
            for _ in range(8 * THREADS):  # each thread opens its connection to the database and plans its questions
                first_byte(port, path, here)
            first = median(first_byte(port, path, here) for _ in range(60))
            note("stream-first-byte", ours=first, goal="<= 5 ms", holds=first <= 5)
            refused_sign_in(port)  # takes the memory of any sign-in
            peak = peak_memory(pid)
            note("stream-peak-memory", ours=peak, goal="<= 120 MiB", holds=peak <= 120, unit="MiB")
    finally:
        PLAIN.unlink(missing_ok=True)


def hand_over(here: Host) -> Document:
    pick = random.Random(7)
    block = pick.randbytes(PIECE)

    def pieces() -> Iterator[bytes]:
        with PLAIN.open("wb") as plain:
            for n in range(SIZE // PIECE):
                piece = n.to_bytes(8, "big") + block[8:]
                plain.write(piece)
                yield piece

    with acting(person=here.person.pk, assurance=prepare.assurance()) as actor:
        upload = sealed("計測.bin", pieces())
        document = receive(
            actor=actor, circle=here.room.circle_id, marking=here.room.marking, title="計測", upload=upload
        )  # fmt: skip
    Version.objects.using("owner").filter(document_id=document.pk).update(state=State.READY)
    return document


@contextlib.contextmanager
def asked(port: int, path: str, here: Host, span: str = "") -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("localhost", port, timeout=120)
    headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={here.cookie}"}
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers | ({"Range": span} if span else {}))
        yield connection.getresponse()


def fetch(port: int, path: str, here: Host) -> float:
    """Seconds for the whole of it."""
    started = time.perf_counter()
    got = 0
    piece = bytearray(PIECE)
    with asked(port, path, here) as response:
        assert response.status == 200, response.status
        while count := response.readinto(piece):
            got += count
    assert got == SIZE, got
    return time.perf_counter() - started


def first_byte(port: int, path: str, here: Host) -> float:
    """ms from asking for a random 1 MiB range to its first byte, the sign-in and the access decision included."""
    start = random.randrange(SIZE - PIECE)
    began = time.perf_counter()
    with asked(port, path, here, f"bytes={start}-{start + PIECE - 1}") as response:
        assert response.status == 206, response.status
        response.read(1)
        taken = (time.perf_counter() - began) * 1000
        assert len(response.read()) == PIECE - 1
    return taken


def refused_sign_in(port: int) -> None:
    """A sign-in of somebody who is not there, whose password is hashed like anybody's."""
    path = reverse("account_login")
    with contextlib.closing(http.client.HTTPConnection("localhost", port, timeout=120)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        cookie = (response.headers["Set-Cookie"] or "").partition(";")[0]
        form = response.read().decode()
        token = form.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        typed = {"csrfmiddlewaretoken": token, "login": "nobody@example.test", "password": "x" * 20}
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, urlencode(typed), headers)
        response = connection.getresponse()
        assert response.status == 200, response.status  # the form again
        response.read()


def peak_memory(pid: int) -> float:
    """MiB: the most the process has held."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise AssertionError
