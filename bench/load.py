"""Asks a server for pages, one after the other or eight at once: a connection for each, as a proxy in front makes."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 8
PIECE = 1 << 18


class Failed(Exception):
    """The answer was not the page."""


def get(port: int, path: str, cookie: str = "") -> bytes:
    """The body of the page. By hand, because a client costs the processors that the server is measured on."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        headers = f"Host: localhost\r\nConnection: close\r\n{f'Cookie: {cookie}' + chr(13) + chr(10) if cookie else ''}"
        connection.sendall(f"GET {path} HTTP/1.1\r\n{headers}\r\n".encode())
        pieces = []
        while piece := connection.recv(PIECE):
            pieces.append(piece)
    head, _, body = b"".join(pieces).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise Failed(head.decode())
    return body


def one_after_the_other(port: int, path: str, cookie: str = "", *, times: int = 200) -> list[float]:
    """ms of each, sorted."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        get(port, path, cookie)
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def at_once(port: int, path: str, cookie: str = "", *, seconds: float) -> float:
    """How many a second are answered, to `AT_ONCE` who ask again as soon as they have the answer."""
    until = time.perf_counter() + seconds

    def ask(_number: int) -> int:
        answered = 0
        while time.perf_counter() < until:
            get(port, path, cookie)
            answered += 1
        return answered

    with ThreadPoolExecutor(AT_ONCE) as pool:
        began = time.perf_counter()
        answered = sum(pool.map(ask, range(AT_ONCE)))
        return answered / (time.perf_counter() - began)
