"""Which process this is, and its last words: what Python itself would print of a failure goes through the log too."""

from __future__ import annotations

import logging
import sys
import threading
from functools import cache
from pathlib import Path
from types import TracebackType

KINDS = {"gunicorn": "web", "celery": "worker"}

logger = logging.getLogger(__name__)


@cache
def kind() -> str:
    """`web`, `worker`, `beat` or `command`, by what was started."""
    started = Path(sys.argv[0])
    name = started.parent.name if started.stem == "__main__" else started.stem
    if name == "celery" and "beat" in sys.argv and "worker" not in sys.argv:
        return "beat"
    return KINDS.get(name, "command")


def last_words() -> None:
    """Log uncaught exceptions and warnings instead of printing them, values included; for servers."""
    sys.excepthook = _uncaught
    threading.excepthook = lambda failed: _uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)
    sys.unraisablehook = lambda failed: _uncaught(failed.exc_type, failed.exc_value, failed.exc_traceback)
    logging.captureWarnings(True)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is None or issubclass(kind, KeyboardInterrupt):
        return
    logger.critical("nobody caught this", exc_info=(kind, error, trace))
