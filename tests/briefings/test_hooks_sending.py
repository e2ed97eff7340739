"""One request to an address that somebody entered: signed, to the internet alone, bounded, and no other than
was asked for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from briefings.delivery import sending, signing
from briefings.delivery.addresses import Undeliverable, check_address, may_be_reached
from tests.authority import Authority
from tests.briefings.receiver import Receiver, documented, receiving

INSIDE = """
    0.0.0.0 10.0.0.1 127.0.0.1 127.255.255.254 100.64.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1
    192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::a00:1 100::1 2001::1
    2001:db8::1 2002:7f00:1:: 2002:808:808:: 3fff::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 5f00::1
"""
OUTSIDE = "1.1.1.1 8.8.8.8 172.15.0.1 172.32.0.1 223.255.255.1 2001:4860:4860::8888 2400:4050::1 2a00:1450::1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def listening(authority: Authority) -> Iterator[Receiver]:
    with receiving(*authority.issue("receiver", "localhost", "hooks.example.test")) as made:
        yield made


@pytest.fixture
def receiver(listening: Receiver, authority: Authority, settings: Any) -> Receiver:
    """Trusted, and on a network that the deployment names."""
    settings.HOOK_ROOT_CERT = str(authority.root)
    settings.HOOK_NETWORKS = (ip_network("127.0.0.0/8"), ip_network("::1"))
    listening.answers, listening.got, listening.told = [], [], []
    listening.connections, listening.name, listening.secret = 0, "localhost", signing.new_secret()
    return listening


def refused(receiver: Receiver, address: str = "") -> str:
    with pytest.raises(Undeliverable) as told:
        sending.post(address or receiver.address, b"{}", {})
    return told.value.reason


def test_only_addresses_of_the_internet_are_reached() -> None:
    assert [each for each in INSIDE.split() if may_be_reached(ip_address(each))] == []
    assert [each for each in OUTSIDE.split() if not may_be_reached(ip_address(each))] == []


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.jp/", "ftp://hooks.example.jp/", "hooks.example.jp", "https://", "https:///x",
        "https://user@hooks.example.jp/", "https://u:p@hooks.example.jp/", "https://hooks.example.jp/#x",
        "https://127.0.0.1/", "https://[::1]/", "https://127.1/", "https://0x7f000001/", "https://2130706433/",
        "https://1.2.3.0x4/", "https://hooks.example.jp:22/", "https://hooks.example.jp:99999/",
        "https://hooks.example.jp:x/", "https://hooks.example.jp/a b", "https://hooks.example.jp/\r\nHost: x",
        "https://hooks.example.jp/" + "a" * 500, "https://例え.jp/", "https://a..b/",
    ],
)  # fmt: skip
def test_what_is_no_such_address_is_not_taken(address: str) -> None:
    with pytest.raises(ValidationError):
        check_address(address)


def test_a_name_is_looked_up_once_and_that_address_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a name that stands for another address a moment later (DNS rebinding) leads nowhere."""
    asked: list[str] = []
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    receiver.name = "hooks.example.test"

    def stands_for(*addresses: str) -> None:
        def look(host: str, port: int, **_more: Any) -> list[Any]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

        # The module's own name for it: connecting to an address looks that up by itself, too.
        monkeypatch.setattr("briefings.delivery.addresses.socket", SimpleNamespace(
            getaddrinfo=look, SOCK_STREAM=socket.SOCK_STREAM
        ))  # fmt: skip

    stands_for("127.0.0.1")
    receiver.say("204 No Content")
    assert sending.post(receiver.address, b"{}", {}).status == 204
    assert asked == ["hooks.example.test"]
    (headers, _body) = receiver.got[0]
    assert headers[":"] == "POST /entaku?of=us HTTP/1.1"
    assert headers["host"] == f"hooks.example.test:{receiver.port}"
    stands_for("::1", "127.0.0.1")  # nobody listens at the first
    receiver.say("204 No Content")
    assert sending.post(receiver.address, b"{}", {}).status == 204
    stands_for("127.0.0.1", "10.0.0.1")
    assert refused(receiver) == "FORBIDDEN"
    stands_for()
    assert refused(receiver) == "NO_ADDRESS"
    assert receiver.connections == 2


def test_nothing_inside_is_reached_unless_the_deployment_names_it(receiver: Receiver, settings: Any) -> None:
    settings.HOOK_NETWORKS = ()
    assert refused(receiver) == "FORBIDDEN"
    assert receiver.connections == 0


def test_what_an_answer_may_be(receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver.say("302 Found")
    assert sending.post(receiver.address, b"{}", {}).status == 302  # told, not followed
    assert receiver.connections == 1
    receiver.answers.append(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\nfine")
    assert sending.post(receiver.address, b"{}", {}, whole=True).body == b"fine"
    receiver.say("200 OK", "x" * 100_000)
    assert len(sending.post(receiver.address, b"{}", {}, whole=True).body) <= sending.MOST
    for nonsense in (b"SSH-2.0-x\r\n\r\n", b"x" * 70_000, b"HTTP/1.1 999 x\r\n\r\n"):
        receiver.answers.append(nonsense)
        assert refused(receiver) == "NOT_HTTP"
    with monkeypatch.context() as hurried:
        hurried.setattr(sending.Clock.__init__, "__defaults__", (0.3,))
        receiver.answers.append(0.5)  # a byte at a time, each in time
        assert refused(receiver) == "TIMEOUT"
    settings.HOOK_ROOT_CERT = ""
    assert refused(receiver) == "TLS"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert refused(receiver, f"https://localhost:{port}/") in {"UNREACHABLE", "TIMEOUT"}


def test_the_documented_code_takes_what_is_signed_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    verify = documented()["verify"]
    old, new, key = signing.new_secret(), signing.new_secret(), uuid4()
    now = datetime.now(UTC)
    body = signing.message("new", now)
    headers = signing.headers(key, now, body, [new, old])
    for secret in (old, new):  # while one takes over from the other
        assert verify(headers, body, secret)["data"]["kind"] == "new"
    changed = [
        (headers, body + b" ", new), (headers, body, signing.new_secret()),
        (headers | {"webhook-id": str(uuid4())}, body, new),
        (headers | {"webhook-timestamp": str(int(now.timestamp()) + 1)}, body, new),
        (headers | {"webhook-timestamp": str(int(now.timestamp()) - 400)}, body, new),
        (headers | {"webhook-signature": "v1,"}, body, new),
        (signing.headers(key, now, body, [new]), body, old),
    ]  # fmt: skip
    for told, said, secret in changed:
        with pytest.raises(ValueError, match=r"署名|時刻"):
            verify(told, said, secret)
