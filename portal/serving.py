"""gunicorn's configuration, wherever it runs: its lines in our log, its processes' figures on a port of their own."""

import sys
from typing import Any

from portal.logs.servers import GunicornLogger

logger_class = GunicornLogger


def post_fork(server: Any, worker: Any) -> None:
    """Before the new process counts anything. Without --preload there is nothing yet that could count."""
    if "portal.metrics" in sys.modules:
        sys.modules["portal.metrics"].files.after_fork()


def post_worker_init(worker: Any) -> None:
    from portal.metrics.server import serve_web

    serve_web()
