"""gunicorn's configuration, wherever it runs: its lines in our log, its processes' figures on a port of their own."""

import resource
import selectors
import sys
import time
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from portal.logs.servers import GunicornLogger

logger_class = GunicornLogger

SILENCE = 30.0  # seconds a new connection may say nothing; between two requests it is gthread's own `keepalive`


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn is untyped
    """gthread, but for a new connection that says nothing yet: it waits in the selector, not in a thread.

    gthread has a thread wait five seconds for its first byte: 1,000 silent connections would keep 16 threads from
    everybody else for five minutes.
    """

    def enqueue_req(self, conn: Any) -> None:
        """A request to a thread; a connection that is only open, to the selector."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + SILENCE
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: Any) -> Any:
        """A connection that ends is closed here, in the thread.

        gthread's one loop would wait for the client's side of it, two seconds a client, and serve nobody meanwhile.
        """
        kept = super().handle(conn)
        if not kept:
            conn.close(graceful=True)
            conn.close = _closed
        return kept


def _closed(graceful: bool = False) -> None:
    """What the loop is left to do with it."""


def on_starting(server: Any) -> None:
    """As many open connections as the machine allows: shells and systemd begin with 1,024 files."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def post_fork(server: Any, worker: Any) -> None:
    """Before the new process counts anything. Without --preload there is nothing yet that could count."""
    if "portal.metrics" in sys.modules:
        sys.modules["portal.metrics"].files.after_fork()


def post_worker_init(worker: Any) -> None:
    from portal.metrics.server import serve_web

    serve_web()
