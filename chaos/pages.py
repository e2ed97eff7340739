"""A browser of sorts: cookies, forms as a page gives them, one connection a request; nothing that fails raises."""

from __future__ import annotations

import http.client
import uuid
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

PATIENCE = 12.0  # seconds for an answer


@dataclass
class Form:
    """The fields a browser would send back as they are, and the choices where none is made."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)

    def filled(self, **typed: str) -> dict[str, str]:
        return self.choices | self.fields | typed


class Forms(HTMLParser):
    """Every form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._select = self._area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        if not self.forms:
            return
        form, name = self.forms[-1], given.get("name", "")
        if tag == "input" and name:
            self._input(form, name, given)
        elif tag == "textarea":
            self._area = name
            form.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, given.get("value", ""))
            if "selected" in given:
                form.fields[self._select] = given.get("value", "")

    @staticmethod
    def _input(form: Form, name: str, given: Mapping[str, str]) -> None:
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind in ("radio", "checkbox"):
            if "checked" in given:
                form.fields[name] = value
            elif kind == "radio":
                form.choices.setdefault(name, value)
        elif kind not in ("file", "submit", "button"):
            form.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1].fields[self._area] += data


def form_with(page: str, name: str) -> Form | None:
    """The form of the page that has such a field."""
    return next((form for form in Forms(page).forms if name in form.choices | form.fields), None)


@dataclass(frozen=True)
class Answer:
    """Status 0 where none came."""

    status: int
    location: str = ""
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


NONE = Answer(0)


class Client:
    """Somebody's browser."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, dict[str, str]()

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, b"", {})

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        body = urlencode(fields).encode()
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def upload(self, path: str, fields: Mapping[str, str], name: str, content: bytes) -> Answer:
        """As the page's own script sends a file: the answer names where it is."""
        edge = uuid.uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        body = b"".join([*parts, head, content, f"\r\n--{edge}--\r\n".encode()])
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}", "Prefer": "return=minimal"}
        return self._ask("POST", path, body, kind)

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        sent = {"Host": f"localhost:{self.port}", "Connection": "close", **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            sent |= {"Origin": f"http://localhost:{self.port}", "Content-Length": str(len(body))}
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as connection:
                connection.request(method, path, body or None, sent)
                answer = connection.getresponse()
                for cookie in answer.headers.get_all("Set-Cookie") or []:
                    name, _, value = cookie.partition(";")[0].partition("=")
                    self.cookies[name] = value
                return Answer(answer.status, answer.headers.get("Location") or "", answer.read())
        except (OSError, http.client.HTTPException):
            return NONE

    def sign_in(self, persona: str) -> bool:
        """One click at /demo/, with a second factor."""
        self.cookies.clear()
        form = form_with(self.get("/demo/").text, "csrfmiddlewaretoken")
        if form is None:
            return False
        token = form.fields["csrfmiddlewaretoken"]
        typed = {"csrfmiddlewaretoken": token, "persona": persona, "assurance": "second_factor"}
        return self.post("/demo/sign-in/", typed).status == http.client.FOUND
