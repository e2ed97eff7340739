"""A browser's part, over real connections: cookies, forms, files; by nginx, or to a web server as nginx asks it."""

from __future__ import annotations

import http.client
import re
import secrets
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from http.cookies import SimpleCookie
from pathlib import Path

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return unescape(self.body.decode())

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


class Visitor:
    """One person at one browser. `at` names a web server's port; without it, nginx is asked."""

    def __init__(self, front: int, root: Path) -> None:
        self.front, self.origin = front, f"https://localhost:{front}"
        self.trust = ssl.create_default_context(cafile=str(root))
        self.cookies: dict[str, str] = {}

    def get(self, path: str, *, at: int = 0, **headers: str) -> Answer:
        return self.ask("GET", path, at=at, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(
        self, path: str, fields: Mapping[str, str], *, file: tuple[str, bytes] | None = None, at: int = 0
    ) -> Answer:
        """The form of that page, filled in and sent."""
        token = TOKEN.search(self.get(path, at=at).text)
        assert token, f"no form at {path}"
        border = secrets.token_hex(16)
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {"csrfmiddlewaretoken": token[1], **fields}.items()
        ]
        if file:
            head = f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{file[0]}"\r\n\r\n'
            parts += [head.encode(), file[1], b"\r\n"]
        body = b"".join((*parts, f"--{border}--\r\n".encode()))
        headers = {"Content-Type": f"multipart/form-data; boundary={border}", "Origin": self.origin}
        return self.ask("POST", path, at=at, headers=headers, body=body)

    def ask(
        self, method: str, path: str, *, at: int, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer:  # fmt: skip
        sent = {"Host": f"localhost:{self.front}", "Accept-Language": "ja", **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if at:
            sent |= {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
        connection: http.client.HTTPConnection = (
            http.client.HTTPConnection("127.0.0.1", at, timeout=30)
            if at
            else http.client.HTTPSConnection("localhost", self.front, timeout=30, context=self.trust)
        )
        with closing(connection):
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        for line in response.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def sign_in(self, email: str, password: str, *, at: int = 0) -> None:
        answer = self.post("/account/login/", {"login": email, "password": password}, at=at)
        assert answer.status == 302, answer.text[:2000]
