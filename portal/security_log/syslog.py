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
        trusted: ssl.SSLContext | None = None
        if self._scheme == "tls":
            trusted = ssl.create_default_context(cafile=root_certificates or None)
            trusted.minimum_version = ssl.TLSVersion.TLSv1_2
        kind = socket.SOCK_DGRAM if self._scheme == "udp" else socket.SOCK_STREAM
        self._socket = _connected(host, port, kind, trusted)

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


def _connected(host: str, port: int, kind: socket.SocketKind, trusted: ssl.SSLContext | None) -> socket.socket:
    """A socket connected to the first of the host's addresses that answers.

    TLS is put around it before it connects: of a connection that breaks off while TLS is being put around it, the ssl
    module leaves the socket to nobody.
    """
    failure = OSError("no address")
    for family, of_kind, protocol, _name, address in socket.getaddrinfo(host, port, type=kind):
        made = socket.socket(family, of_kind, protocol)
        if trusted:
            made = trusted.wrap_socket(made, server_hostname=host)
        made.settimeout(PATIENCE)
        try:
            made.connect(address)
            return made
        except OSError as refused:
            made.close()
            failure = refused
    raise failure
