"""How the processes log: one JSON line an event, saying where and what kind, never whom or what about (docs/adr/0015).

Django takes `setup` from LOGGING_CONFIG. Text that somebody else's code puts together is not written; values go in
declared fields (`portal.logs.fields`); of an exception its kind and frames (`portal.logs.errors`).
"""

from __future__ import annotations

import logging.config
from typing import Any

import structlog


def setup(configuration: dict[str, Any]) -> None:
    """Send everything that is logged in this process, by structlog or by `logging`, through the one handler."""
    logging.config.dictConfig(configuration)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def configuration(*, readable: bool = False) -> dict[str, Any]:
    """What LOGGING holds: lines for a person at a terminal where `readable`, else JSON."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": "portal.logs.lines.formatter", "readable": readable}},
        "handlers": {"stderr": {"class": "portal.logs.lines.Handler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # Each has handlers of its own by default (Django's would mail a report of the whole request).
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # The line of the request says that it was refused; one of these a 404 would say it again.
            "django.request": {"level": "ERROR"},
            "django.security": {"level": "ERROR"},
            "celery": {"level": "WARNING"},
            "celery.app.trace": {"level": "CRITICAL"},  # `portal.logs.tasks` writes the line of a failed task
            "kombu": {"level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "urllib3": {"level": "ERROR"},
            "fido2": {"level": "WARNING"},
        },
    }
