"""What the portal needs in order to work, each part tried out within a bounded time, however it fails."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache as once
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from kombu import Connection

from vault.providers import provider

log = structlog.get_logger(__name__)

CHECK_SECONDS = 3.0
KEPT_SECONDS = 0.5
HEARTBEAT = "worker-heartbeat"
HEARTBEAT_SECONDS = 30  # beat sends one each five seconds


class NotReady(Exception):
    """A check failed; the message says how, without any content."""


@contextmanager
def own_connection() -> Iterator[Any]:
    """A fresh connection that gives up soon, whatever the state of the others."""
    connection = connections["default"].copy()
    connection.settings_dict["OPTIONS"] = {**connection.settings_dict["OPTIONS"], "connect_timeout": 2}
    try:
        yield connection
    finally:
        connection.close()


def database() -> None:
    with own_connection() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@once
def known_migrations() -> frozenset[tuple[str, str]]:
    """Read once: a process does not outlive its own code."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return frozenset(loader.disk_migrations)


def migrations() -> None:
    with own_connection() as connection:
        missing = known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    if missing:
        raise NotReady(f"{len(missing)} not applied")


def broker() -> None:
    with Connection(settings.BROKER_URL, ssl=settings.CELERY_BROKER_USE_SSL, connect_timeout=2) as connection:
        connection.ensure_connection(max_retries=1, timeout=2)


def worker() -> None:
    if cache.get(HEARTBEAT) is None:
        raise NotReady(f"no heartbeat for {HEARTBEAT_SECONDS} seconds")


def storage() -> None:
    blobs = storages["blobs"]
    written = b"readable"
    name = blobs.save("readiness/probe", ContentFile(written))
    try:
        with blobs.open(name) as file:
            if file.read() != written:
                raise NotReady("what was read differs from what was written")
    finally:
        blobs.delete(name)


def keys() -> None:
    provider().check()


def report(findings: Mapping[str, str]) -> str:
    return "".join(f"{name}: {trouble or 'ok'}\n" for name, trouble in findings.items())


CHECKS: dict[str, Callable[[], None]] = {
    "database": database,
    "migrations": migrations,
    "broker": broker,
    "worker": worker,
    "storage": storage,
    "keys": keys,
}


class Run(threading.Thread):
    """One check in a thread of its own: what hangs hangs there."""

    def __init__(self, check: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.check, self.trouble = check, "no answer"

    def run(self) -> None:
        try:
            self.check()
        except Exception as error:  # noqa: BLE001 -- whatever a check raises is its finding
            self.trouble = f"{type(error).__name__}: {error}".splitlines()[0]
        else:
            self.trouble = ""


class Readiness:
    """One run at a time, kept for half a second: asking often makes no more work, and what hangs does not pile up."""

    def __init__(self, checks: Mapping[str, Callable[[], None]]) -> None:
        self.checks, self.runs = checks, dict[str, Run]()
        self.lock, self.taken, self.last = threading.Lock(), 0.0, dict[str, str]()

    def findings(self) -> dict[str, str]:
        """What is wrong with each check, "" where nothing is; within CHECK_SECONDS."""
        with self.lock:
            if time.monotonic() - self.taken > KEPT_SECONDS:
                found, before = self._ask(), self.last
                if found != before:
                    failing = [name for name, trouble in found.items() if trouble]
                    log.info("not ready" if failing else "ready", parts=failing)
                self.last, self.taken = found, time.monotonic()
            return self.last

    def _ask(self) -> dict[str, str]:
        for name, check in self.checks.items():
            if name not in self.runs or not self.runs[name].is_alive():
                self.runs[name] = Run(check)
                self.runs[name].start()
        deadline = time.monotonic() + CHECK_SECONDS
        for run in self.runs.values():
            run.join(max(0.0, deadline - time.monotonic()))
        return {name: run.trouble for name, run in self.runs.items()}


readiness = Readiness(CHECKS)
