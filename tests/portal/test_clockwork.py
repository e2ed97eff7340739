"""Beat and worker come back at once: after a clock was set back, after the broker was away."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.beat import PersistentScheduler

from portal.clockwork import PromptConsumer, SteadyScheduler

AN_HOUR = timedelta(hours=1)


@pytest.fixture
def app() -> Celery:
    app = Celery("clock", set_as_current=False)
    app.conf.result_expires = None  # or Celery adds an entry of its own, which is due at four in the morning
    app.conf.beat_schedule = {
        "each second": {"task": "a", "schedule": 1.0},
        "each two": {"task": "b", "schedule": 2.0},
    }
    return app


@contextlib.contextmanager
def scheduler(kind: type[PersistentScheduler], app: Celery, folder: Path) -> Iterator[tuple[Any, list[str]]]:
    """A schedule of the kind, and the names of what it sends."""
    made: Any = kind(app, schedule_filename=str(folder / kind.__name__))
    sent: list[str] = []
    made.apply_entry = lambda entry, producer=None: sent.append(entry.name)
    made.producer = None
    yield made, sent
    made.close()


def ran_ahead(made: Any) -> None:
    """Everything was sent under a clock an hour ahead, which was then set right."""
    made.tick()
    for entry in made.schedule.values():
        entry.last_run_at = made.app.now() + AN_HOUR
    made._heap = None
    made.tick()


def due_again(made: Any, entry: str) -> timedelta:
    seconds: float = made.schedule[entry].is_due().next
    return timedelta(seconds=seconds)


def test_a_clock_that_was_set_back_keeps_nothing_waiting(app: Celery, tmp_path: Path) -> None:
    with scheduler(SteadyScheduler, app, tmp_path) as (made, _sent):
        ran_ahead(made)
        assert due_again(made, "each second") <= timedelta(seconds=1)
        assert due_again(made, "each two") <= timedelta(seconds=2)
        ours = [turn.time for turn in made._heap if turn.entry.name.startswith("each")]
        assert max(ours) <= made._when(made.schedule["each two"], 2.1)


def test_without_it_celery_sends_nothing_for_an_hour(app: Celery, tmp_path: Path) -> None:
    with scheduler(PersistentScheduler, app, tmp_path) as (made, _sent):
        ran_ahead(made)
        assert due_again(made, "each two") > timedelta(minutes=59)


def test_what_is_due_is_sent_as_ever(app: Celery, tmp_path: Path) -> None:
    with scheduler(SteadyScheduler, app, tmp_path) as (made, sent):
        for entry in made.schedule.values():
            entry.last_run_at = made.app.now() - AN_HOUR
        while made.tick() == 0:
            pass
        assert sorted(sent) == ["each second", "each two"]


class Broker:
    """A connection that notes how it is asked to come back."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def ensure_connection(self, errback: object = None, **how: Any) -> Broker:
        self.asked = how
        return self

    def as_uri(self) -> str:
        return ""


def test_the_worker_looks_for_the_broker_twice_a_second_for_as_long_as_it_takes(app: Celery) -> None:
    consumer, broker = PromptConsumer.__new__(PromptConsumer), Broker()
    consumer.app, consumer.first_connection_attempt = app, False
    assert consumer.ensure_connected(broker) is broker
    assert broker.asked["max_retries"] is None
    assert (broker.asked["interval_start"], broker.asked["interval_max"]) == (0.5, 0.5)


def test_a_lost_connection_that_kombu_cannot_close_takes_no_worker_along(
    app: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(*_: object) -> None:
        raise AttributeError("'NoneType' object has no attribute 'hostname'")

    monkeypatch.setattr("celery.worker.consumer.consumer.Consumer.on_connection_error_after_connected", trip)
    PromptConsumer.__new__(PromptConsumer).on_connection_error_after_connected(ConnectionError())
