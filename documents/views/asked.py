"""What the screens of documents share: the request with its actor, and what to say when something is not there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from clearance.access import Actor
from vault import Unreadable

from ..models import Document
from ..places import Place, places
from ..queries.listing import waiting_level

logger = logging.getLogger(__name__)

Path = ParamSpec("Path")
View = Callable[Concatenate["Request", Path], HttpResponseBase]


class Request(HttpRequest):
    """A request that has passed the access middleware."""

    actor: Actor
    refused: Exception | None


def screen(view: View[Path]) -> View[Path]:
    """A page for signed-in people that says, in words, what is behind a stronger sign-in and what does not open.

    Whoever's clearance would do but whose session would not meets the same page for what is there and for what is not.
    """

    @login_required
    @wraps(view)
    def shown(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Http404 as missing:
            level = waiting_level(request.actor)
            if not level:
                raise
            request.refused = missing  # the middleware notes the denial as it does any other
            return page(request, "documents/step_up.html", {"level": level}, status=404)
        except Unreadable:
            logger.exception("a stored document does not open")
            return page(request, "documents/unreadable.html", {}, status=500)

    return shown  # type: ignore[return-value]


class ToldOn:
    """`with ToldOn(form) as told:` a service's refusal becomes the form's errors; what it had begun is undone.

    `fields` gives the form's names for those the service uses.
    """

    def __init__(self, form: Form, **fields: str) -> None:
        self.form, self.fields, self.work = form, fields, transaction.atomic()

    def __enter__(self) -> None:
        self.work.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.work.__exit__(kind, raised, trace)
        if not isinstance(raised, ValidationError):
            return False
        if not hasattr(raised, "error_dict"):
            self.form.add_error(None, raised)
            return True
        for name, errors in raised.error_dict.items():
            field = self.fields.get(name, name)
            self.form.add_error(field if field in self.form.fields else None, errors)
        return True


def place_of(actor: Actor, document: Document) -> Place | None:
    """Where a document lies, as the actor knows it."""
    return places(actor, {document.circle_id}).get(document.circle_id)


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of one reader's: no cache keeps it."""
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
