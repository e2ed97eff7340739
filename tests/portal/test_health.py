"""/healthz and /readyz: answered before everything else, in bounded time, with details for the local operator alone."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries, Settings

from portal import health, readiness
from portal.health import HealthMiddleware
from portal.readiness import HEARTBEAT, NotReady, Readiness
from portal.tasks import heartbeat


def well() -> None:
    pass


def broken() -> None:
    raise NotReady("no heartbeat")


def ask(path: str, **meta: str) -> HttpResponse:
    def unreachable(request: object) -> HttpResponse:
        raise AssertionError("the rest of the portal was asked")

    request = RequestFactory().get(path)
    request.META |= {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost:8000", **meta}
    response = HealthMiddleware(unreachable)(request)
    assert isinstance(response, HttpResponse)
    return response


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def use(**these: Callable[[], None]) -> None:
        monkeypatch.setattr(health, "readiness", Readiness(these))

    return use


def test_alive_touches_nothing() -> None:
    response = ask("/healthz")  # no database mark on this test: a query would fail it
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_when_every_check_passes(checks: Callable[..., None]) -> None:
    checks(database=well, broker=well)
    response = ask("/readyz")
    assert (response.status_code, response.content) == (200, b"database: ok\nbroker: ok\n")
    assert response["Cache-Control"] == "no-store"


def test_what_fails_is_named_to_the_local_operator(checks: Callable[..., None]) -> None:
    checks(database=well, worker=broken)
    response = ask("/readyz")
    assert (response.status_code, response.content) == (503, b"database: ok\nworker: NotReady: no heartbeat\n")


@pytest.mark.parametrize(
    "meta",
    [
        {"REMOTE_ADDR": "192.0.2.1"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_HOST": "rebound.example"},
        {"HTTP_HOST": "rebound.example:8000"},
    ],
)
def test_everyone_else_gets_a_bare_answer(checks: Callable[..., None], meta: dict[str, str]) -> None:
    checks(database=well, worker=broken)
    response = ask("/readyz", **meta)
    assert (response.status_code, response.content) == (503, b"")
    checks(database=well)
    response = ask("/readyz", **meta)
    assert (response.status_code, response.content) == (200, b"ready\n")


def test_behind_a_declared_proxy_nobody_passes_for_the_operator(
    checks: Callable[..., None], settings: Settings
) -> None:
    checks(worker=broken)
    settings.TRUSTED_PROXIES = 1
    assert ask("/readyz").content == b""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]", "[::1]:8000"])
def test_the_operator_may_use_any_local_name(checks: Callable[..., None], host: str) -> None:
    checks(worker=broken)
    assert b"worker" in ask("/readyz", HTTP_HOST=host, REMOTE_ADDR="::1").content


@pytest.fixture
def hanging() -> Iterator[Callable[[], None]]:
    end = threading.Event()

    def check() -> None:
        end.wait()

    yield check
    end.set()


def test_a_check_that_hangs_is_named_in_bounded_time_and_not_started_twice(
    monkeypatch: pytest.MonkeyPatch, hanging: Callable[[], None]
) -> None:
    monkeypatch.setattr(readiness, "CHECK_SECONDS", 0.2)
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 0.0)
    asked, threads, started = (
        Readiness({"database": hanging, "broker": well}),
        threading.active_count(),
        time.monotonic(),
    )
    for _ in range(3):
        assert asked.findings() == {"database": "no answer", "broker": ""}
    assert time.monotonic() - started < 2
    assert threading.active_count() == threads + 1


def test_many_questions_at_once_are_one_piece_of_work() -> None:
    done = []
    asked = Readiness({"database": lambda: done.append(1)})
    for _ in range(50):
        asked.findings()
    assert len(done) == 1


def test_the_heartbeat_makes_the_worker_ready() -> None:
    cache.delete(HEARTBEAT)
    with pytest.raises(NotReady):
        readiness.worker()
    heartbeat()
    readiness.worker()


def test_storage_is_tried_by_writing_and_leaves_nothing(settings: Settings, tmp_path: object) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "blobs": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    readiness.storage()
    assert storages["blobs"].listdir("readiness") == ([], [])


@pytest.mark.django_db
def test_migrations_are_compared_as_the_web_role(monkeypatch: pytest.MonkeyPatch) -> None:
    readiness.database()
    readiness.migrations()
    known = readiness.known_migrations() | {("portal", "9999_from_the_future")}
    monkeypatch.setattr(readiness, "known_migrations", lambda: known)
    with pytest.raises(NotReady, match="1 not applied"):
        readiness.migrations()


@pytest.mark.django_db
def test_health_needs_no_session_and_no_transaction(
    checks: Callable[..., None], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    checks(database=well)
    with django_assert_num_queries(0):
        assert Client().get("/healthz").status_code == 200
        assert Client().get("/readyz").status_code == 200
