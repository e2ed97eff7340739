"""The peer of the pages: a bare Django view with the same template over the same objects, held in memory.

Before it serves, it lets the portal's own views make each page once and keeps what they give to the template, opened
and fetched. From then on there is no database: a question to it raises.
"""

from __future__ import annotations

import os
from typing import Any, NoReturn
from uuid import UUID

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import RequestFactory
from django.urls import resolve

PERSON, PATHS = "ENTAKU_BENCH_PERSON", "ENTAKU_BENCH_PATHS"
READY_MADE = "?ready-made"

_kept: dict[str, tuple[str, dict[str, Any], Any]] = {}  # by path: template, what it is given, who is signed in
_made: dict[str, bytes] = {}


def answer(request: HttpRequest, path: str) -> HttpResponse:
    """The page; with READY_MADE its bytes alone, as a view that works out nothing at all."""
    if request.META["QUERY_STRING"]:
        return HttpResponse(_made[request.path])
    template, context, person = _kept[request.path]
    request.user = person
    request.actor = context.get("actor")  # type: ignore[attr-defined]
    return render(request, template, context)


def keep(person: UUID, paths: list[str]) -> None:
    """What the portal's views give to their templates for each of these pages."""
    from accounts.models import Person
    from accounts.sessions import SessionStore
    from bench.prepare import assurance
    from clearance import screens
    from clearance.context import acting

    reader = Person.objects.select_related("organisation").get(pk=person)
    for path in paths:

        def kept(request: Any, template: str, context: dict[str, Any], path: str = path, **more: Any) -> HttpResponse:
            _kept[path] = (template, {"actor": request.actor, **context}, request.user)
            made = render(request, template, context, **more)
            _made[path] = made.content
            return made

        vars(screens)["render"] = kept
        request: Any = RequestFactory().get(path)
        request.user, request.session = reader, SessionStore()
        match = request.resolver_match = resolve(path, "portal.embedded_urls")
        with acting(person=person, assurance=assurance()) as actor:
            request.actor = actor
            match.func(request, *match.args, **match.kwargs)
        vars(screens)["render"] = render


def refuse(*_arguments: object) -> NoReturn:
    raise AssertionError("the peer asks the database nothing")


def application_of(person: str, paths: list[str]) -> Any:
    django.setup(set_prefix=False)
    settings.MIDDLEWARE = []  # only now: allauth looks for its own when it is set up
    made = WSGIHandler()
    keep(UUID(person), paths)
    connections.close_all()
    setattr(type(connections["default"]), "connect", refuse)  # noqa: B010 - a question asked from now on is a fault
    return made


if PERSON in os.environ:
    application = application_of(os.environ[PERSON], os.environ[PATHS].split())
