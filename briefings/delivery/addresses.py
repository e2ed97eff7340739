"""Which addresses a webhook may go to. People enter them, so the worker could be led to ask things on the inside for
them (SSRF): the name is looked up once, what it stands for is judged, and exactly that is connected to."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..models import Delivery
from ..models.hooks import LONGEST_ADDRESS

Reason = Delivery.Reason
Address = IPv4Address | IPv6Address

HTTPS = 443
UNPRIVILEGED = 1024
GLOBAL_V6 = ip_network("2000::/3")
# Of the global range of IPv6: for the use of protocols (Teredo among them), for documentation, and 6to4, which hides an
# address of IPv4. NAT64, mapped and compatible ones lie outside the range.
NOT_GLOBAL_V6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
# 6to4 relays, which `is_global` lets through.
NOT_GLOBAL_V4 = (ip_network("192.88.99.0/24"),)


class Undeliverable(Exception):
    """It cannot be delivered for this coarse reason."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        self.reason, self.status = reason, status
        super().__init__(reason)


@dataclass(frozen=True)
class Place:
    """Where to connect, in this order, and what is said there."""

    host: str
    port: int
    target: str
    addresses: tuple[Address, ...]


def check_address(address: str) -> None:
    """What may be entered as the address of a hook. Raises ValidationError."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or HTTPS
        host.encode("idna")
    except ValueError:
        raise ValidationError(_("住所の形が正しくありません。"), code="address") from None
    if parts.scheme != "https":
        raise ValidationError(_("https:// で始まる住所を入力してください。"), code="https")
    if len(address) > LONGEST_ADDRESS or not address.isascii() or any(sign <= " " for sign in address):
        raise ValidationError(_("住所は、500字以内の英数字と記号で入力してください。"), code="address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValidationError(_("利用者名、パスワード、「#」から後ろは入れられません。"), code="address")
    if not host or _is_literal(host):
        raise ValidationError(_("IPアドレスではなく、ホスト名で入力してください。"), code="literal")
    if port != HTTPS and port < UNPRIVILEGED:
        raise ValidationError(_("ポート番号は、443か1024以上にしてください。"), code="port")


def resolve(address: str, within: float) -> Place:
    """Look the name up, once. Raises Undeliverable; every address the name has must be one that may be reached."""
    try:
        check_address(address)
    except ValidationError:
        raise Undeliverable(Reason.FORBIDDEN) from None
    parts = urlsplit(address)
    host, port = (parts.hostname or "").encode("idna").decode(), parts.port or HTTPS
    found = _looked_up(host, port, within)
    if not found:
        raise Undeliverable(Reason.NO_ADDRESS)
    if not all(may_be_reached(each) for each in found):
        raise Undeliverable(Reason.FORBIDDEN)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(host, port, target, tuple(found))


def may_be_reached(address: Address) -> bool:
    """Whether it is one of the internet, or of a network that the deployment names."""
    if any(address in network for network in settings.HOOK_NETWORKS):
        return True
    if isinstance(address, IPv4Address):
        here = any(address in network for network in NOT_GLOBAL_V4)
        return address.is_global and not (address.is_multicast or address.is_reserved or here)
    return address in GLOBAL_V6 and not any(address in network for network in NOT_GLOBAL_V6)


def _is_literal(host: str) -> bool:
    """Also of the old forms that a resolver takes for numbers: 127.1, 0x7f000001, 2130706433."""
    try:
        ip_address(host)
    except ValueError:
        last = host.rstrip(".").rpartition(".")[2]
        return last.isdecimal() or last.startswith("0x")
    return True


def _looked_up(host: str, port: int, within: float) -> list[Address]:
    """In a thread of its own: the system's resolver takes no time limit."""
    found: list[Address] = []
    failed: list[Exception] = []

    def look() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(ip_address(str(row[4][0]).partition("%")[0]) for row in rows))
        except (OSError, ValueError) as error:
            failed.append(error)

    asked = threading.Thread(target=look, daemon=True)
    asked.start()
    asked.join(within)
    if asked.is_alive():
        raise Undeliverable(Reason.TIMEOUT)
    return found if not failed else []
