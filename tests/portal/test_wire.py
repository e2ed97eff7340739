"""How the web server reads messages: where one ends is never open to two readings."""

from __future__ import annotations

import gunicorn
import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


def read(message: bytes) -> list[tuple[str, bytes]]:
    """Each request the server finds in the bytes: its path and body."""
    config = Config()
    config.set("forwarded_allow_ips", "")
    return [(request.path, request.body.read()) for request in RequestParser(config, iter([message]), ("x", 1))]


def test_an_ordinary_message_is_read() -> None:
    assert read(HEAD + b"Content-Length: 2\r\n\r\nok") == [("/", b"ok")]


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 4\r\nContent-Length: 30\r\n",
        b"Content-Length: +4\r\n",
        b"Content-Length: 4, 4\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"X: a\rTransfer-Encoding: chunked\r\n",
        b"X: a\nContent-Length: 4\r\n",
        b"X: a\x00b\r\n",
        b" folded: x\r\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(headers: bytes) -> None:
    with pytest.raises(Exception, match=r".") as refused:
        read(HEAD + headers + b"\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n")
    assert type(refused.value).__module__ == "gunicorn.http.errors", refused.value


def test_the_server_tells_no_version() -> None:
    assert gunicorn.SERVER == "gunicorn"
