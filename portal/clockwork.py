"""Celery's beat and consumer, made to come back at once: after the broker was away, and after the clock was set."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler
from celery.utils.log import get_logger
from celery.worker.consumer import Consumer

log = get_logger(__name__)

# Celery's own pauses grow by two seconds each time, to half a minute: it would miss the broker long after it is back.
AGAIN: dict[str, Any] = {"max_retries": None, "interval_start": 0.5, "interval_step": 0, "interval_max": 0.5}
SLACK = timedelta(seconds=2)  # a clock that is being slewed is no clock that was set back


class PromptConsumer(Consumer):
    """The worker's side of the broker: asks twice a second whether it is back, for as long as it takes."""

    connection_errors: tuple[type[BaseException], ...]

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        # What kombu raises for a message that is acknowledged through a connection that is gone: as good as its loss.
        self.connection_errors = (*self.connection_errors, AttributeError)

    def ensure_connected(self, conn: Any) -> Any:
        ensure = conn.ensure_connection

        def often(errback: Any = None, _most: Any = None, **more: Any) -> Any:
            return ensure(errback, **AGAIN, **more)

        conn.ensure_connection = often
        return super().ensure_connected(conn)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Let go of the broken connection. kombu tries to give back through it what was not acknowledged, trips over
        the half that is closed already, and would take the worker along; what waits stands in the database."""
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError as error:
            log.warning("a lost connection to the broker was not closed in order", exc_info=error)


class SteadyScheduler(PersistentScheduler):
    """Beat's schedule. What was sent under a clock that ran ahead does not keep its next turn waiting for that time:
    Celery's own would send nothing – no heartbeat, no seal – until the clock has caught up."""

    def tick(self, *args: Any, **given: Any) -> Any:
        self.mind_the_clock()
        return super().tick(*args, **given)

    def mind_the_clock(self) -> None:
        """Count what is said to have been sent in the future as sent now, and order the turns anew."""
        now = self.app.now()
        ahead = [entry for entry in self.schedule.values() if entry.last_run_at and entry.last_run_at > now + SLACK]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            log.warning("the clock was set back")
            self._heap: Any = None  # built anew by the tick

    def _ensure_connected(self) -> Any:
        return self.connection.ensure_connection(None, **AGAIN)
