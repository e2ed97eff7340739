"""gunicorn's own lines, through our log."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from portal import logs
from portal.logs import processes


class GunicornLogger(Logger):  # type: ignore[misc]
    """No handlers of its own, and no line of access: it would hold the address and the path."""

    def setup(self, cfg: Config) -> None:
        logs.setup(logs.configuration())
        processes.last_words()
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(logging.INFO)
        self.access_log.handlers.clear()
        self.access_log.disabled = True

    def access(self, *said: Any) -> None:
        """Nothing, whatever the command line asks for."""

    def reopen_files(self) -> None:
        """There are none."""
