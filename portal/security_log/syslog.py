"""Entries as syslog: the message of RFC 5424, over UDP (RFC 5426), TCP (RFC 6587, octets counted) or TLS (RFC 5425)."""

from __future__ import annotations

import os
import re
import select
import socket
import ssl
from datetime import UTC
from urllib.parse import urlsplit

from portal.security_log.entries import Entry

AUTHPRIV, WARNING, NOTICE = 10, 4, 5  # RFC 5424 §6.2.1
PORTS = {"udp": 514, "tcp": 601, "tls": 6514}
PATIENCE = 5.0  # seconds for connecting and for each message


def message(entry: Entry, *, host: str, enterprise: int) -> bytes:
    """One message; what the entry tells stands in its structured data."""
    severity = NOTICE if entry.outcome == "done" else WARNING
    at = entry.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    given = " ".join(f'{name}="{_escaped(value)}"' for name, value in entry.told().items())
    head = f"<{AUTHPRIV * 8 + severity}>1 {at} {_printable(host, 255)} entaku {os.getpid()} {_printable(entry.act, 32)}"
    return f"{head} [entaku@{enterprise} {given}] {entry.act} {entry.outcome}".encode()


def _escaped(value: str) -> str:
    """RFC 5424 §6.3.3; a control character would end the message for receivers that read lines."""
    return re.sub(r'(["\\\]])', r"\\\1", re.sub(r"[\x00-\x1f\x7f]", " ", value))


def _printable(value: str, longest: int) -> str:
    return re.sub(r"[^\x21-\x7e]", "_", value)[:longest] or "-"


class Wire:
    """A connection to the SIEM. Raises OSError (what TLS finds wrong is one, too)."""

    def __init__(self, url: str, root_certificates: str = "") -> None:
        parts = urlsplit(url)
        self._scheme, host = parts.scheme, parts.hostname or ""
        port = parts.port or PORTS[self._scheme]
        if self._scheme == "udp":
            family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(family, kind, protocol)
            self._socket.settimeout(PATIENCE)
            self._socket.connect(address)
            return
        self._socket = socket.create_connection((host, port), timeout=PATIENCE)
        if self._scheme == "tls":
            trusted = ssl.create_default_context(cafile=root_certificates or None)
            trusted.minimum_version = ssl.TLSVersion.TLSv1_2
            self._socket = trusted.wrap_socket(self._socket, server_hostname=host)

    def send(self, message: bytes) -> None:
        if self._scheme == "udp":
            self._socket.send(message)
            return
        # A receiver sends nothing but its farewell: without this look the first message after it would be lost.
        if select.select([self._socket], [], [], 0)[0]:
            self._listen()
        self._socket.sendall(b"%d %s" % (len(message), message))

    def _listen(self) -> None:
        self._socket.settimeout(0)
        try:
            if not self._socket.recv(4096):
                raise ConnectionResetError
        except (BlockingIOError, ssl.SSLWantReadError):
            return  # a ticket of TLS 1.3, nothing that is said to us
        finally:
            self._socket.settimeout(PATIENCE)

    def close(self) -> None:
        self._socket.close()
