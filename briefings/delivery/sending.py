"""One request to one address: TLS verified, the address pinned, no redirect followed, no proxy asked; ended after five
seconds in all, however slowly it is answered, and after 16 KiB.

Not `http.client`: its time limit is one for each read, which an answer of a byte a second outlives.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings

from ..models import Delivery
from .addresses import HTTPS, Place, Undeliverable, resolve

Reason = Delivery.Reason
SECONDS = 5.0
MOST = 16 * 1024
AGENT = "Entaku-Webhooks/1"
HEAD = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])[ \r]")
END = b"\r\n\r\n"
OK = 200


@dataclass(frozen=True)
class Answer:
    """Status and, where it was asked for, as much of the body as came in time."""

    status: int
    body: bytes = b""


class Clock:
    """How much of the time is left."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Raises Undeliverable once it is over."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Undeliverable(Reason.TIMEOUT)
        return left


def post(address: str, body: bytes, headers: Mapping[str, str], *, whole: bool = False) -> Answer:
    """Send it. With `whole` the body of the answer is read too. Raises Undeliverable with what went wrong, coarsely."""
    clock = Clock()
    place = resolve(address, clock.left())
    try:
        with _connected(place, clock) as plain:
            plain.settimeout(clock.left())
            with _trusted().wrap_socket(plain, server_hostname=place.host, do_handshake_on_connect=False) as tls:
                tls.settimeout(clock.left())
                tls.do_handshake()
                tls.settimeout(clock.left())
                tls.sendall(_request(place, body, headers))
                return _answer(tls, clock, whole=whole)
    except TimeoutError:
        raise Undeliverable(Reason.TIMEOUT) from None
    except ssl.SSLError:
        raise Undeliverable(Reason.TLS) from None
    except OSError:
        raise Undeliverable(Reason.UNREACHABLE) from None


def _connected(place: Place, clock: Clock) -> socket.socket:
    """To the first of its addresses that takes the connection; each was judged."""
    *others, last = place.addresses
    for address in others:
        with suppress(OSError):
            return socket.create_connection((str(address), place.port), timeout=clock.left() / 2)
    return socket.create_connection((str(last), place.port), timeout=clock.left())


def _trusted() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.HOOK_ROOT_CERT or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _request(place: Place, body: bytes, headers: Mapping[str, str]) -> bytes:
    host = place.host if place.port == HTTPS else f"{place.host}:{place.port}"
    lines = {
        "Host": host, "User-Agent": AGENT, "Content-Type": "application/json", "Accept": "*/*",
        "Content-Length": str(len(body)), "Connection": "close", **headers,
    }  # fmt: skip
    head = [f"POST {place.target} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items())]
    return "\r\n".join(head).encode("ascii") + END + body


def _answer(tls: ssl.SSLSocket, clock: Clock, *, whole: bool) -> Answer:
    """The first answer that is none of the 1xx."""
    status, rest = _head(tls, clock, b"")
    while status < OK:
        status, rest = _head(tls, clock, rest)
    return Answer(status, _body(tls, clock, rest) if whole else b"")


def _head(tls: ssl.SSLSocket, clock: Clock, got: bytes) -> tuple[int, bytes]:
    """The status of what is answered, and what came after its headers."""
    while END not in got and len(got) < MOST and (more := _more(tls, clock)):
        got += more
    head, end, rest = got.partition(END)
    found = HEAD.match(head) if end else None
    if not found:
        raise Undeliverable(Reason.NOT_HTTP)
    return int(found[1]), rest


def _body(tls: ssl.SSLSocket, clock: Clock, got: bytes) -> bytes:
    """As much as comes in time and size."""
    with suppress(Undeliverable, OSError):
        while len(got) < MOST and (more := _more(tls, clock)):
            got += more
    return got[:MOST]


def _more(tls: ssl.SSLSocket, clock: Clock) -> bytes:
    tls.settimeout(clock.left())
    return tls.recv(4096)
