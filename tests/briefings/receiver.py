"""A real https receiver of webhooks, which answers as it is told and verifies with the code of docs/webhooks.md."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "webhooks.md"
ECHO = b""  # answer as the page says


def documented() -> dict[str, Any]:
    """The page's functions."""
    (code,) = re.findall(r"^```python\n(.+?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    return names


@dataclass
class Receiver:
    """`answers` are given one a request, raw, then the documented answer; `got` is what came."""

    port: int = 0
    secret: str = ""
    name: str = "localhost"
    answers: list[bytes | float] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    now: float | None = None
    connections: int = 0

    @property
    def address(self) -> str:
        return f"https://{self.name}:{self.port}/entaku?of=us"

    def everything(self) -> str:
        return repr(self.got)

    def say(self, status: str, body: str = "") -> None:
        self.answers.append(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    def _answered(self, headers: dict[str, str], body: bytes) -> bytes:
        names = documented()
        if self.now is not None:
            names["time"] = SimpleNamespace(time=lambda: self.now)
        self.told.append(names["verify"](headers, body, self.secret))
        text = names["answer"](headers, body, self.secret)
        return f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()

    def serve(self, connection: ssl.SSLSocket) -> None:
        raw = b""
        while b"\r\n\r\n" not in raw:
            raw += connection.recv(4096)
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        while len(body) < int(headers["content-length"]):
            body += connection.recv(4096)
        self.got.append((headers | {":": first}, body))
        given = self.answers.pop(0) if self.answers else ECHO
        if isinstance(given, float):  # a byte now and then, for so long
            end = time.monotonic() + given
            with suppress(OSError):
                while time.monotonic() < end:
                    connection.sendall(b"H")
                    time.sleep(0.02)
            return
        connection.sendall(given or self._answered(headers, body))


@contextmanager
def receiving(certificate: Path, key: Path) -> Iterator[Receiver]:
    """Listening on this machine until the block ends."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    made = Receiver()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made.port = listener.getsockname()[1]

        def accept() -> None:
            while True:
                try:
                    plain, _peer = listener.accept()
                except OSError:
                    return
                made.connections += 1
                with plain, suppress(OSError, ValueError), context.wrap_socket(plain, server_side=True) as connection:
                    made.serve(connection)

        waiting = threading.Thread(target=accept, daemon=True)
        waiting.start()
        yield made
        listener.shutdown(socket.SHUT_RDWR)
        waiting.join(2)
