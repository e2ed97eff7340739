"""The web process as production starts it (deploy/entaku-web.service), on a port of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path


@contextlib.contextmanager
def server(
    application: str = "portal.wsgi", *, workers: int = 1, threads: int = 8, more: Mapping[str, str] | None = None
) -> Iterator[tuple[int, int]]:
    """Its port, and the pid of a worker. `more` are further variables of its environment."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name != "ENTAKU_DB_OWNER_PASSWORD"}
    gunicorn = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", application, "--config", "python:portal.serving", "--preload",
         "--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads),
         "--bind", f"127.0.0.1:{port}", "--log-level", "error", "--no-control-socket"],
        env={**environment, **(more or {})},
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 30
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            assert time.monotonic() < deadline
            assert gunicorn.poll() is None
            time.sleep(0.1)
        time.sleep(2)
        children = Path(f"/proc/{gunicorn.pid}/task/{gunicorn.pid}/children").read_text().split()
        yield port, int(children[0])
    finally:
        gunicorn.terminate()
        gunicorn.wait(30)
