"""What gunicorn serves in the test of the figures: answers that come through the middleware, from either process."""

import os

import django
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

django.setup()

from portal.requests import RequestMiddleware  # noqa: E402


def answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(os.getpid()))


respond = RequestMiddleware(answer)


def application(environ, start_response):  # type: ignore[no-untyped-def]
    response = respond(WSGIRequest(environ))
    start_response("200 OK", list(response.items()))
    return [response.content]
