"""Walks every URL as one persona, each request undone afterwards, and keeps what came back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from django.db import transaction
from django.template import Template
from django.test import Client

from tests.harness.routes import routes

# Made anew with each form.
TOKEN = re.compile(rb'(name="(?:csrfmiddlewaretoken|receipt)" value=")[^"]+')
# As the product renders, and so nearly every test (tests/conftest.py): Django's test environment puts one in its place
# that copies the context of every part.
RENDER = vars(Template)["_render"]
# These name the minute at which they were made; with the clock held still they are compared where they are tested
# (tests/briefings/test_pdf.py).
OF_THE_MINUTE = {"briefings:pdf"}
# What differs between any two answers and says nothing.
PASSING = {"set-cookie", "date", "expires"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def walk(
    client: Client, keys: Mapping[str, Any], method: str = "get", data: Mapping[str, Any] | None = None,
    *, only: Callable[[str], bool] | None = None, **headers: str,
) -> Iterator[tuple[str, Answer]]:  # fmt: skip
    """Name of the route, answer; nothing that a request changed outlives it. `data` is sent with each."""
    cookies = client.cookies.output(header="", sep=";")
    for route in routes():
        if only and not only(route.name):
            continue
        client.cookies = SimpleCookie(cookies)  # a walk over signing out stays signed in
        with transaction.atomic():
            response = getattr(client, method)(route.url(keys), data, headers=headers)
            body = b"".join(response.streaming_content) if response.streaming else response.content
            transaction.set_rollback(True)
        kept = tuple(sorted((k.lower(), v) for k, v in response.headers.items() if k.lower() not in PASSING))
        yield route.name, Answer(response.status_code, kept, TOKEN.sub(rb"\1", body))
