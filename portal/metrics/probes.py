"""What is asked for at each scrape: readiness, the worker's heartbeat, the seal, the queue."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from amqp.exceptions import ChannelError
from django.conf import settings
from django.core.cache import cache
from kombu import Connection
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from portal.metrics.moments import BEATEN, SEALED
from portal.readiness import readiness


class Probes(Collector):
    """What cannot be asked for is left out: a figure that is not known must not look like a good one."""

    def collect(self) -> Iterator[Metric]:
        ready = GaugeMetricFamily("entaku_ready", "Whether each part the portal needs works.", labels=["part"])
        findings = readiness.findings()
        for part, trouble in findings.items():
            ready.add_metric([part], 0 if trouble else 1)
        yield ready
        yield from self._ages()
        if not findings.get("broker"):
            yield from self._queue()

    @staticmethod
    def _ages() -> Iterator[Metric]:
        try:
            left = cache.get_many([BEATEN, SEALED])
        except Exception:  # noqa: BLE001 -- the cache is away: readiness tells
            return
        for key, name, said in (
            (BEATEN, "entaku_worker_heartbeat_age_seconds", "Seconds since the worker's last heartbeat."),
            (SEALED, "entaku_audit_seal_lag_seconds", "Seconds since the audit log was last sealed."),
        ):
            if key in left:
                yield GaugeMetricFamily(name, said, value=max(0.0, time.time() - float(left[key])))

    @staticmethod
    def _queue() -> Iterator[Metric]:
        name = settings.CELERY_TASK_DEFAULT_QUEUE
        try:
            with Connection(settings.BROKER_URL, ssl=settings.CELERY_BROKER_USE_SSL, connect_timeout=2) as connection:
                try:
                    channel: Any = connection.default_channel
                    waiting = channel.queue_declare(name, passive=True).message_count
                except ChannelError:  # the broker knows no empty queue
                    waiting = 0
        except Exception:  # noqa: BLE001 -- gone between the one question and the other
            return
        queue = GaugeMetricFamily("entaku_queue_length", "Tasks that wait for a worker.", labels=["queue"])
        queue.add_metric([name], waiting)
        yield queue
