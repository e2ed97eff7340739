"""Serves the figures to a Prometheus on this machine: 127.0.0.1, a port of its own, nothing but /metrics."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from django.conf import settings
from django.http.request import split_domain_port
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from portal.metrics import figures, files
from portal.metrics.probes import Probes

log = structlog.get_logger("portal.metrics")

ADDRESS = "127.0.0.1"
HOSTS = ("127.0.0.1", "localhost")


class Counted(Collector):
    """The figures of these kinds of processes on this server, added up; in memory, this process's own."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    def collect(self) -> Iterator[Metric]:
        if files.VARIABLE in os.environ:
            merge: Any = MultiProcessCollector.merge
            yield from merge(files.all_files(*self.kinds))
        else:
            yield from figures.REGISTRY.collect()


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class SharedServer(Server):
    """Each web process listens on the same port, and any of them answers for all."""

    allow_reuse_port = True


class Silent(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *arguments: Any) -> None:
        """A scrape is not worth a line."""


def application(collectors: list[Collector]) -> Any:
    """The WSGI application that answers /metrics, asked by a local name (a page in a browser cannot pose as one)."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        host, _port = split_domain_port(environ.get("HTTP_HOST", ""))
        if environ["PATH_INFO"] != "/metrics" or environ["REQUEST_METHOD"] != "GET" or host not in HOSTS:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"only GET /metrics\n"]
        body = generate_latest(registry)
        start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST), ("Cache-Control", "no-store")])
        return [body]

    return answer


def serve_web() -> WSGIServer | None:
    """In each web process: the figures of the web, and of a worker on the same server, with the probes."""
    return serve(settings.METRICS_PORT, [Counted("web", "worker"), Probes()], shared=True)


def serve_worker() -> WSGIServer | None:
    """In the worker: its own figures, for one without a web process beside it."""
    return serve(settings.WORKER_METRICS_PORT, [Counted("worker")], shared=False)


def serve(port: int, collectors: list[Collector], *, shared: bool) -> WSGIServer | None:
    """Listen in a thread; None for port 0, and where the port is taken, which is logged: the portal works without."""
    if not port:
        return None
    kind = SharedServer if shared else Server
    try:
        server = make_server(ADDRESS, port, application(collectors), server_class=kind, handler_class=Silent)
    except OSError:
        log.exception("figures are not served", port=port)
        return None
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
