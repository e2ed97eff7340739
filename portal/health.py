"""/healthz (alive) and /readyz (everything it needs answers), before all other middleware and within a bounded time."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase

from portal.readiness import readiness, report

LOOPBACK = ("127.0.0.1", "::1")
FORWARDING = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


class HealthMiddleware:
    """Before sessions and all: answers while the database is down, and without opening a transaction."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/healthz":
            return alive(request)
        if request.path_info == "/readyz":
            return ready(request)
        return self.get_response(request)


def ready(request: HttpRequest) -> HttpResponse:
    """200 when every check passes, else 503; which one fails is told to the local operator only."""
    findings = readiness.findings()
    well = not any(findings.values())
    body = report(findings) if from_operator(request) else ("ready\n" if well else "")
    response = HttpResponse(body, status=200 if well else 503, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined] # Readiness logs what changed, not each question
    return response


def from_operator(request: HttpRequest) -> bool:
    """Somebody on this machine, asking it by a local name; never where a proxy stands before us.

    Behind one, `manage.py readiness` tells the same.
    """
    meta = request.META
    forwarded = any(name in meta for name in FORWARDING) or any(name.startswith("HTTP_X_FORWARDED") for name in meta)
    host, _port = split_domain_port(meta.get("HTTP_HOST", ""))
    return (
        settings.TRUSTED_PROXIES == 0 and meta.get("REMOTE_ADDR") in LOOPBACK and not forwarded and host in LOCAL_HOSTS
    )
