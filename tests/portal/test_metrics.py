"""The figures: what is counted, added up over all processes, and that no label carries anything of anybody's."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from celery import shared_task
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from portal import tasks
from portal.embedded.ports import free_port
from portal.metrics import figures, files, moments, probes, server
from portal.readiness import Readiness
from tests.world import World, as_owner
from vault import keys

pytestmark = pytest.mark.django_db

LABELS = {"view", "method", "status", "part", "queue", "layer", "outcome", "to", "task", "le"}
ROOT = Path(__file__).parents[2]
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def parsed(text: str) -> Figures:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def asked(*collectors: Any, path: str = "/metrics", host: str = "127.0.0.1:9464") -> tuple[str, str]:
    """The status and body of a scrape."""
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {"PATH_INFO": path, "HTTP_HOST": host}
    status: list[str] = []
    body = server.application(list(collectors))(environ, lambda line, headers: status.append(line))
    return status[0], b"".join(body).decode()


def scrape() -> str:
    return asked(server.Counted("web"))[1]


def value(name: str, **labels: str) -> float:
    return float(figures.REGISTRY.get_sample_value(name, labels) or 0)


@shared_task(name="tests.fail")
def fail(words: str) -> None:
    raise ValueError(words)


def test_requests_are_counted_by_view_and_status_and_no_label_tells_of_anybody(
    world: World, client_for: Any, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    keys.forget()
    before = {layer: value("entaku_key_unwraps_total", layer=layer) for layer in ("item", "marking")}
    received = value("entaku_uploads_total", outcome="received")
    denied, refused = value("entaku_denials_total"), value("entaku_sign_ins_total", outcome="refused")
    official = client_for(world.official)
    form = reverse("documents:receive") + f"?circle={world.circle.pk}"
    given = {"title": "陽炎計画", "marking_choice": "HI//SEMICON", "originator": str(world.ministry.pk)}
    with django_capture_on_commit_callbacks(execute=True):
        answer = official.post(form, {**given, "file": SimpleUploadedFile("陽炎.txt", b"words")})
        assert answer.status_code == 302
        keys.forget()
        assert official.get(answer["Location"]).status_code == 200
        with as_owner():  # within a test's transaction its key is held until the commit that never comes
            keys.check()
        assert client_for(world.outsider).get(answer["Location"]).status_code == 404
        Client().post("/account/login/", {"login": world.official.email, "password": "wrong, and long enough"})
        Client().get("/kagero/", REMOTE_ADDR="203.0.113.77")
        Client().generic("KAGERO", "/")
    fail.apply(["陽炎"], throw=False)

    text = scrape()
    found = parsed(text)
    card = {"view": "documents:document", "method": "GET"}
    assert found["entaku_requests_total", tuple(sorted({**card, "status": "200"}.items()))] >= 1
    assert found["entaku_requests_total", tuple(sorted({**card, "status": "404"}.items()))] >= 1
    assert found["entaku_request_seconds_count", (("view", "documents:document"),)] >= 2
    assert found["entaku_request_queries_sum", (("view", "documents:document"),)] >= 5
    assert any(("method", "OTHER") in labels for name, labels in found if name == "entaku_requests_total")
    assert found["entaku_tasks_total", (("outcome", "failure"), ("task", "tests.fail"))] >= 1
    assert value("entaku_uploads_total", outcome="received") == received + 1
    assert value("entaku_denials_total") == denied + 1
    assert value("entaku_sign_ins_total", outcome="refused") == refused + 1
    for layer in before:
        assert value("entaku_key_unwraps_total", layer=layer) > before[layer], layer
    assert found["entaku_security_log_drops_total", (("to", "siem"),)] >= 0

    assert {name for _sample, labels in found for name, _value in labels} <= LABELS
    said = {value for _sample, labels in found for name, value in labels if name != "le"}
    assert all(re.fullmatch(r"[A-Za-z0-9_.:-]{1,80}", each) for each in said), said
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}|@|\d+\.\d+\.\d+\.\d+|kagero", text, re.IGNORECASE)
    for planted in (str(world.circle.pk), answer["Location"].strip("/").split("/")[1], "陽炎", world.official.name):
        assert planted not in text


def test_the_probes_tell_readiness_heartbeat_and_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ConnectionRefusedError("at 203.0.113.77")

    monkeypatch.setattr(probes, "readiness", Readiness({"database": lambda: None, "broker": broken}))
    found = parsed(asked(probes.Probes())[1])
    assert found == {
        ("entaku_ready", (("part", "database"),)): 1.0,
        ("entaku_ready", (("part", "broker"),)): 0.0,
    }  # what is not known is left out
    cache.set(moments.SEALED, time.time() - 100)
    tasks.heartbeat()
    found = parsed(asked(probes.Probes())[1])
    assert found["entaku_worker_heartbeat_age_seconds", ()] < 5
    assert 100 <= found["entaku_audit_seal_lag_seconds", ()] < 110


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/metrics", "localhost:9464", "200 OK"),
        ("/", "localhost:9464", "404 Not Found"),
        ("/metrics", "rebound.example:9464", "404 Not Found"),
    ],
)
def test_only_the_figures_are_served_and_to_who_asks_by_a_local_name(path: str, host: str, status: str) -> None:
    assert asked(server.Counted("web"), path=path, host=host)[0] == status


def test_a_port_that_is_taken_stops_nothing() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        assert server.serve(taken.getsockname()[1], [server.Counted("web")], shared=True) is None
    assert server.serve(0, [], shared=True) is None


def test_a_process_whose_files_cannot_be_written_works_on_and_counts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(files.VARIABLE, str(tmp_path / "missing"))
    monkeypatch.setattr(files, "counting", True)
    files.after_fork()
    assert not files.counting
    before = value("entaku_denials_total")
    figures.act("access.denied")
    figures.request("home", "GET", 200, seconds=0.1, queries=1)
    assert value("entaku_denials_total") == before


def test_files_of_ended_processes_go_at_the_next_start_and_new_ones_are_whole(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hole in a file on a full disk kills whoever writes into it."""
    settings.METRICS_DIR = tmp_path
    monkeypatch.delenv(files.VARIABLE, raising=False)
    monkeypatch.setattr(files.processes, "kind", lambda: "web")
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "prometheus_client")
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "counter_4194305.db").touch()  # above the largest pid there is
    files.choose()
    assert os.environ.pop(files.VARIABLE) == str(tmp_path / "web")
    left = {path.name: path.stat() for path in (tmp_path / "web").iterdir()}
    assert set(left) == {f"counter_{os.getpid()}.db", f"histogram_{os.getpid()}.db"}
    for stat in left.values():
        assert stat.st_blocks * 512 >= files.SIZE == stat.st_size
        assert stat.st_mode & 0o77 == 0


# --- a real gunicorn with two processes -----------------------------------------------------------------------------


def get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    with closing(connection):
        connection.request("GET", path)
        return connection.getresponse().read().decode()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, int, subprocess.Popen[str]]]:
    """The port of the pages, that of the figures, and gunicorn."""
    pages, scraped = free_port(), free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "tests.portal.served:application", "--config", "python:portal.serving",
         "--preload", "--worker-class", "gthread", "--threads", "4", "--workers", "2", "--no-control-socket",
         "--graceful-timeout", "1", "--bind", f"127.0.0.1:{pages}"],
        cwd=ROOT, stderr=subprocess.PIPE, text=True,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "tests.portal.served_settings",
             "ENTAKU_VAR": str(tmp_path), "ENTAKU_METRICS_PORT": str(scraped)},
    )  # fmt: skip
    yield pages, scraped, process
    process.terminate()
    process.communicate(timeout=20)


def answered(port: int, path: str = "/") -> str:
    deadline = time.monotonic() + 40
    while True:
        try:
            return get(port, path)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_gunicorns_processes_are_added_up_whichever_answers_and_whichever_dies(
    served: tuple[int, int, subprocess.Popen[str]], tmp_path: Path
) -> None:
    pages, scraped, process = served
    answered(pages)
    workers = set[str]()
    number = 1
    while len(workers) < 2 and number < 400:
        workers.add(get(pages, "/"))
        number += 1

    def counted() -> float:
        return parsed(answered(scraped, "/metrics"))[
            "entaku_requests_total", (("method", "GET"), ("status", "200"), ("view", "none"))
        ]

    assert {counted() for _ in range(4)} == {number}
    os.kill(int(workers.pop()), signal.SIGKILL)
    time.sleep(0.5)
    assert {counted() for _ in range(2)} == {number}  # the dead one's count stays
    assert len(list((tmp_path / "metrics" / "web").glob("counter_*.db"))) >= 3

    listening = {
        bytes.fromhex(address)[::-1]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        for address, port in [line.split()[1].split(":")]
        if int(port, 16) == scraped and line.split()[3] == "0A"
    }
    assert listening == {bytes([127, 0, 0, 1])}
    process.terminate()
    assert process.stderr is not None
    lines = process.stderr.read().splitlines()
    assert lines
    assert all(line.startswith('{"at": "') for line in lines), lines  # gunicorn's, too
