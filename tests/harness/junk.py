"""What no form expects, and forms of it at random: values, bodies, types of content."""

from __future__ import annotations

import random
import re
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

NAME = re.compile(rb'<(?:input|textarea|select|button)\b[^>]*\bname="([^"]+)"')
VALUES: tuple[str, ...] = (
    "", " ", "\0", "a\0b", "0", "-1", "1", "2", "1e400", "NaN", "9" * 400, "9" * 5000, str(2**31), str(2**63),
    "٣", "１２",
    "0001-01-01", "9999-12-31", "2026-02-30", "10000-01-01", "0000-00-00", "12:00", "2026-11-22T25:61",
    "00000000-0000-0000-0000-000000000000", "0198c0de-0000-7000-8000-00000000zzzz", "not-a-uuid", "null", "[]", "{}",
    "'; DROP TABLE accounts_person; --", "%", "_%", "\\", "<script>alert(1)</script>", "{{ 7|add:7 }}", "%(x)s", "${x}",
    "\u202egnp.exe", "a\u200bb", "\ufeff", "\u2028", "\U0001f600" * 200, "ﷺ" * 300, "Z̸̢" * 500, "あ" * 10_000, "on",
    "../../etc/passwd", "\r\nSet-Cookie: a=b", "HI//SEMICON", "ＨＩ//SEMICON", "HI//ſEMICON", "CESI//SEMICON", "SDS",
    "PUBLIC//SEMICON", "TLP:RED", "STEWARD", "person@example.test", "ſ@example.test", "a@b", "@", "approve", "refuse",
    "COMPANY", "NDA", "CESI", "ja", "en", "xx", "JP", "1" * 13, "other", "preview", "confirmed",
)  # fmt: skip
NAMES: tuple[str, ...] = (
    "confirmed",
    "confirm",
    "edit",
    "preview",
    "answer",
    "next",
    "after",
    "page",
    "q",
    "__proto__",
    "",
)
TYPES: tuple[str, ...] = (
    "application/json", "text/plain", "application/xml", "multipart/form-data", "multipart/form-data; boundary=",
    "multipart/form-data; boundary=b; charset=utf-7", "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded; charset=nonsense",
    "multipart/form-data; boundary=" + "b" * 300, "nonsense", "", "multipart/mixed; boundary=b",
)  # fmt: skip
PARTS: tuple[bytes, ...] = (
    b"", b"--b--\r\n", b"--b\r\n\r\n\r\n--b--\r\n",
    b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\xfe\0\r\n--b--',
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="../../a.svg"\r\n\r\n<svg onload=x>\r\n--b--\r\n',
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="\xff\0.txt"\r\n'
    b'Content-Transfer-Encoding: base64\r\n\r\n=*\r\n--b--\r\n',
    b'{"title": ["x"]}', b"\xff\xfe\0\x01", b"&" * 3000, b"a=" + b"%ff" * 50, b"=", b"title=%00&title=%ed%a0%80",
)  # fmt: skip


def names_in(page: bytes) -> list[str]:
    """What the forms of a page ask for."""
    return sorted({name.decode() for name in NAME.findall(page)} - {"csrfmiddlewaretoken"})


def fields(at: random.Random, names: list[str]) -> list[tuple[str, str]]:
    """Some of what is asked for, once, twice or not at all, and something besides."""
    chosen = [name for name in names for _ in range(at.choice((0, 1, 1, 1, 2)))]
    chosen += at.sample(NAMES, at.randint(0, 2))
    return [(name, at.choice(VALUES)) for name in chosen]


def request(at: random.Random, names: list[str]) -> dict[str, Any]:
    """Arguments for `Client.generic`: a body with its type."""
    drawn = at.random()
    if drawn < 0.75:
        return {"data": urlencode(fields(at, names)), "content_type": "application/x-www-form-urlencoded"}
    if drawn < 0.85:
        raw = bytes(at.randrange(256) for _ in range(at.randint(0, 60)))
        body = "&".join(f"{name}={quote_from_bytes(raw)}" for name in names or ["x"])
        return {"data": body, "content_type": "application/x-www-form-urlencoded"}
    kind = at.choice((*TYPES, "multipart/form-data; boundary=b", "multipart/form-data; boundary=b"))
    return {"data": at.choice(PARTS), "content_type": kind}
