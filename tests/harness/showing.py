"""Serves pages that the suite has at hand to a browser, as the portal's own, with axe beside them and nothing else."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from playwright.sync_api import Page

AXE = "/axe.js"
WINDOW = f'<!DOCTYPE html><script src="{AXE}"></script>'.encode()
MODULE = re.compile(r'(<script src="[^"?]+)(" type="module")')
SOURCE = Axe().axe_script.encode()


class Showing(ThreadingHTTPServer):
    """A window with axe in it, and the style sheets, scripts and pictures of what is shown there."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self._pages = 0

    def show(self, page: Page, html: str) -> None:
        """Its document from the first byte on, in the window that is there: axe would be read and warmed up for each.

        A module runs once in a window; under another address it is another one.
        """
        address = f"http://127.0.0.1:{self.server_port}/window"
        if page.url != address:
            page.goto(address)
        self._pages += 1
        page.set_content(MODULE.sub(rf"\1?{self._pages}\2", html))

    def found(self, path: str) -> tuple[bytes, str]:
        """Content and type. Raises LookupError."""
        if path == "/window":
            return WINDOW, "text/html; charset=utf-8"
        if path == AXE:
            return SOURCE, "text/javascript"
        _, static, name = path.partition("/static/")
        file = finders.find(name) if static else None
        if not file:
            raise LookupError
        return Path(file).read_bytes(), mimetypes.guess_type(path)[0] or "application/octet-stream"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Showing

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        try:
            content, kind = self.server.found(path)
        except LookupError:
            content, kind = b"", ""
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=3600")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_said: Any) -> None:
        """Nothing."""


@contextmanager
def showing() -> Iterator[Showing]:
    with Showing() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
