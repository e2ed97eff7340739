"""The application log: one line an event, where and what kind; never whom or what about."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import structlog
from celery import shared_task
from celery.signals import setup_logging
from celery.worker.request import Request
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from gunicorn.config import Config
from kombu import Connection

from accounts import enqueue
from portal import celery
from portal.logs import errors, fields
from portal.logs.lines import OURS, Handler, formatter
from portal.logs.servers import GunicornLogger
from portal.logs.tasks import HEADER
from portal.requests import RequestMiddleware
from tests.world import World
from vault import blobs

pytestmark = pytest.mark.django_db

EMAIL = "@".join(("hanako.kageyama", "kagero.example"))
PLANTED = {
    "e-mail": EMAIL,
    "IPv4": "203.0.113.77",
    "IPv6": "2001:db8:77::cafe",
    "proxy": "198.51.100.23",
    "agent": "PlantedBrowser/7.7",
    "name": "影山花子",
    "title": "陽炎計画の概要",
    "file": "陽炎計画.txt",
    "content": "蜃気楼の在りか",
    "query": "カゲロウ検索",
    "path": "kagero-path-7",
    "token": "kgr-7tokentokentoken",
    "password": "陽炎の合言葉 7777",
    "cookie": "kagerocookie7",
}


class Log(io.StringIO):
    """What the processes wrote."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def of(self, event: str, **told: object) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event and told.items() <= line.items()]


@pytest.fixture
def log() -> Iterator[Log]:
    """The very handler of the settings, with its pen on paper of ours."""
    (handler,) = [each for each in logging.root.handlers if isinstance(each, Handler)]
    written = Log()
    before = handler.setStream(written)
    yield written
    assert before is not None
    handler.setStream(before)


@shared_task(name="tests.fail_with")
def fail_with(words: str) -> None:
    raise ValueError(f"cannot work on {words}")


@shared_task(name="tests.say_something")
def say_something(words: str) -> None:
    structlog.get_logger("portal.tests").info("said")


@contextmanager
def asked_through(broker: Connection) -> Iterator[None]:
    """Tasks go to this broker instead of being run at once."""
    conf = celery.app.conf
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(conf, "task_always_eager", False)
        patch.setattr(celery.app, "producer_or_acquire", lambda producer=None: nullcontext(broker.Producer()))
        yield


def worked_off(broker: Connection) -> dict[str, Any]:
    """The next message is run as a worker's process does; those of its headers that are ours."""
    with closing(broker.SimpleQueue("entaku")) as queue:
        message = queue.get(timeout=1)
    Request(message, app=celery.app, on_ack=lambda *_: message.ack()).execute()
    return {name: value for name, value in message.headers.items() if name == HEADER}


def stranger() -> Client:
    return Client(
        REMOTE_ADDR=PLANTED["IPv4"],
        headers={
            "x-forwarded-for": f"{PLANTED['IPv6']}, {PLANTED['proxy']}",
            "user-agent": PLANTED["agent"],
            "referer": f"http://testserver/{PLANTED['path']}",
        },
        raise_request_exception=False,
    )


def test_of_a_day_of_requests_faults_and_tasks_no_planted_word_is_written(
    world: World, client_for: Any, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = stranger()
    client.cookies["anything"] = PLANTED["cookie"]
    client.post("/account/login/", {"login": EMAIL, "password": PLANTED["password"]})
    client.post("/account/password/reset/", {"email": EMAIL})
    client.get(f"/{PLANTED['path']}/", {"q": PLANTED["query"]})
    client.get(reverse("accounts:invitation", args=[PLANTED["token"]]))
    client.get("/", headers={"host": f"{PLANTED['path']}.example"})

    official = client_for(world.official)
    official.raise_request_exception = False
    official.defaults |= client.defaults | {"HTTP_USER_AGENT": PLANTED["agent"]}
    form = reverse("documents:receive") + f"?circle={world.circle.pk}"
    given = {"title": PLANTED["title"], "marking_choice": "HI//SEMICON", "originator": str(world.ministry.pk)}

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile(PLANTED["file"], PLANTED["content"].encode())

    received = official.post(form, {**given, "file": file()})
    assert received.status_code == 302, received.content.decode()
    assert PLANTED["title"] in official.get(received["Location"]).content.decode()
    official.get(reverse("documents:index"), {"q": PLANTED["query"]})

    def full(*arguments: object, **more: object) -> None:
        raise OSError(28, "No space left on device", f"/srv/{PLANTED['file']}")

    with monkeypatch.context() as broken:  # a storage that refuses
        broken.setattr(blobs.NewBlob, "write", full)
        official.post(form, {**given, "file": file()})

    def fail(*arguments: object, **more: object) -> None:
        warnings.warn(f"about {PLANTED['name']}", RuntimeWarning, stacklevel=1)
        try:
            raise ValidationError(PLANTED["title"])
        except ValidationError as error:
            raise ValueError(f"{PLANTED['name']} <{EMAIL}> {PLANTED['IPv6']}") from error

    with monkeypatch.context() as broken, warnings.catch_warnings():  # a view that fails
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        broken.setattr("portal.dashboard.page", fail)
        assert official.get("/", {"q": PLANTED["query"]}).status_code == 500
        broken.setattr("accounts.views.render", fail)
        client.get(reverse("accounts:invitation", args=[PLANTED["token"]]))

    logging.captureWarnings(False)

    fail_with.apply([PLANTED["content"]], throw=False)
    library = logging.getLogger("a.library")
    library.warning(f"put together of {PLANTED['name']}")
    library.warning("filled with %s and %d", PLANTED["IPv4"], 7)
    library.error("named %(who)s", {"who": EMAIL})
    logging.getLogger("portal.anything").info("sent to %s", EMAIL)
    structlog.get_logger("portal.anything").info("found", title=PLANTED["title"], view=PLANTED["name"], count=3)

    text = log.getvalue()
    assert {kind for kind, word in PLANTED.items() if word in text or word.encode().decode("latin-1") in text} == set()
    assert not re.search(r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}", text)  # no address at all
    assert "@" not in text
    # and yet the operator learns what happened
    assert log.of("request", view="documents:receive", method="POST", status=302)
    assert log.of("request", view="none", status=404)
    (failure,) = log.of("Internal Server Error: …", view="home")
    assert [link["kind"] for link in failure["error"]] == ["django.core.exceptions.ValidationError", "ValueError"]
    assert any(frame.startswith("portal/dashboard.py:") for frame in failure["error"][1]["frames"])
    (stored,) = log.of("the blob storage refused an upload")
    assert stored["error"][-1]["says"] == "ENOSPC No space left on device"
    (task,) = log.of("task failed", task="tests.fail_with")
    assert task["error"][0]["kind"] == "ValueError"
    assert log.of("filled with … and 7")
    assert log.of("warning", kind="RuntimeWarning")
    assert log.of("found", count=3, left_out=["title", "view"])


def test_one_line_a_request_tells_view_status_time_and_queries(world: World, client_for: Any, log: Log) -> None:
    official = client_for(world.official)
    official.get("/")
    official.get(reverse("documents:index"), {"q": "何か"})
    first, second = log.of("request")
    assert set(first) == {
        "at", "level", "event", "process", "pid", "logger", "request", "view", "method", "status", "ms", "queries",
    }  # fmt: skip
    assert (first["view"], second["view"]) == ("home", "documents:index")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["at"])
    assert first["request"] != second["request"]
    assert first["queries"] > 5
    assert first["ms"] > 0


def test_what_is_logged_within_a_request_carries_its_id(world: World, client_for: Any, log: Log) -> None:
    engineer = client_for(world.engineer)
    engineer.raise_request_exception = False
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("portal.dashboard.page", None)
        engineer.get("/")
    assert len({line["request"] for line in log.lines}) == 1
    assert len(log.lines) == 2


def test_a_tasks_lines_carry_the_id_of_the_request_that_asked_for_it(
    rf: RequestFactory, log: Log, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """Through a broker, as it goes in the product: sent, read off the queue, run as a worker runs it."""
    with Connection("memory://") as broker, asked_through(broker):

        def asking(request: HttpRequest) -> HttpResponse:
            with django_capture_on_commit_callbacks(execute=True):
                enqueue.on_commit(say_something, PLANTED["token"])
            return HttpResponse()

        RequestMiddleware(asking)(rf.get("/"))
        say_something.apply_async([PLANTED["token"]])  # by nobody's request, as beat does
        first, second = (worked_off(broker) for _ in range(2))
    (asked,) = log.of("request")
    assert first == {HEADER: asked["request"]}
    assert second == {}
    lines = [(line["event"], line.get("request")) for line in log.lines if line.get("task") == "tests.say_something"]
    assert lines == [("said", asked["request"]), ("task", asked["request"]), ("said", None), ("task", None)]
    assert PLANTED["token"] not in log.getvalue()


def test_nothing_but_an_id_is_taken_from_the_broker(log: Log) -> None:
    with Connection("memory://") as broker, asked_through(broker):
        say_something.apply_async([PLANTED["token"]], headers={HEADER: PLANTED["token"]})
        worked_off(broker)
    assert log.of("said")
    assert PLANTED["token"] not in log.getvalue()


def test_health_checks_and_static_files_write_no_line(client: Client, log: Log) -> None:
    assert client.get("/healthz").status_code == 200
    assert log.lines == []


def test_a_violated_constraint_is_named_without_the_value_that_violated_it() -> None:
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL ROLE portal_owner")
        cursor.execute("CREATE TABLE people (email text CONSTRAINT one_each UNIQUE)")
        insert, values = "INSERT INTO people VALUES (%s)", [EMAIL]
        cursor.execute(insert, values)
        with pytest.raises(IntegrityError) as raised, transaction.atomic():
            cursor.execute(insert, values)
        cursor.execute("DROP TABLE people")
        cursor.execute("SET LOCAL ROLE NONE")
    first, second = errors.told(raised.value)
    assert (first["kind"], first["says"]) == ("psycopg.errors.UniqueViolation", "23505 one_each")
    assert (second["kind"], second["says"]) == ("django.db.utils.IntegrityError", "23505 one_each")
    assert any(frame.startswith("tests/portal/test_logs.py:") for frame in second["frames"])
    assert EMAIL not in json.dumps([first, second])


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ValueError("花子"), ""),
        (KeyError("花子"), ""),
        (UnicodeDecodeError("utf-8", "花子".encode(), 0, 1, "花子"), ""),
        (FileNotFoundError(2, "花子", "花子.txt"), "ENOENT No such file or directory"),
        (ModuleNotFoundError("No module named 'anything'"), "No module named 'anything'"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_exception_tells_its_kind_and_not_what_it_quotes(error: Exception, says: str) -> None:
    assert errors.said(error) == says


@pytest.mark.parametrize(
    ("template", "arguments", "text"),
    [
        ("%s took %.2f s, %d%%", ("花子", 1.5, 3), "… took 1.5 s, 3%"),
        ("%(name)s: %(count)d", {"name": "花子", "count": 3}, "…: 3"),
        ("%r and %r", ("花子",), "… and None"),
        ("nothing", (), "nothing"),
        ("%s of %s", ("a" * 64, "a" * 63), f"{'a' * 64} of …"),
    ],
)
def test_of_the_values_of_a_message_only_numbers_and_ids_are_put_in(template: str, arguments: Any, text: str) -> None:
    assert fields.filled(template, arguments) == text


def test_our_own_messages_are_literals() -> None:
    """Their text is written as it stands, so it must stand in the code."""
    call = re.compile(r"\b(?:log|logger)\.(?:debug|info|warning|error|exception|critical)\(\s*([^\s])([^\s])")
    root = Path(errors.ROOT)
    found = 0
    for app in OURS:
        for path in (root / app).rglob("*.py"):
            for first, _second in call.findall(path.read_text()):
                assert first == '"', path
                found += 1
    assert found > 10


def test_for_a_person_at_a_terminal_a_line_reads_as_one(log: Log) -> None:
    record = logging.LogRecord("portal.x", logging.ERROR, __file__, 1, "failed after %d tries", (3,), None)
    try:
        raise OSError(28, "花子")
    except OSError:
        record.exc_info = sys.exc_info()
    text = formatter(readable=True).format(record)
    assert re.match(r"\d\d:\d\d:\d\d error +failed after 3 tries\n", text)
    assert text.endswith("  OSError ENOSPC No space left on device")
    assert "花子" not in text


def test_gunicorns_lines_take_the_same_way_and_it_writes_none_of_access(log: Log) -> None:
    stream = next(each for each in logging.root.handlers if isinstance(each, Handler)).stream
    gunicorn = GunicornLogger(Config())
    handler = next(each for each in logging.root.handlers if isinstance(each, Handler))
    handler.setStream(stream)
    sys.excepthook, logging.raiseExceptions = sys.__excepthook__, True
    logging.captureWarnings(False)
    gunicorn.info("Booting worker with pid: %s", 7)
    gunicorn.info("Listening at: %s (%s)", f"http://{PLANTED['IPv4']}:8000", 7)
    gunicorn.access(None, None, {"REMOTE_ADDR": PLANTED["IPv4"]}, None)
    events = [(line["event"], line["logger"]) for line in log.lines]
    assert events == [("Booting worker with pid: 7", "gunicorn.error"), ("Listening at: … (7)", "gunicorn.error")]


def test_a_line_that_cannot_be_written_says_so_and_quotes_nothing(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    class Unspeakable:
        def __str__(self) -> str:
            raise ValueError(PLANTED["name"])

    (handler,) = [each for each in logging.root.handlers if isinstance(each, Handler)]
    handler.handle(logging.LogRecord("portal.x", logging.ERROR, __file__, 1, "too few %s %s", (PLANTED["name"],), None))
    handler.handle(logging.LogRecord("portal.x", logging.ERROR, __file__, 1, Unspeakable(), (PLANTED["name"],), None))
    assert [line["event"] for line in log.lines] == ["too few … None"]
    said = capsys.readouterr().err
    assert json.loads(said) == {"level": "error", "event": "a line could not be written", "kind": "ValueError"}


def test_celery_leaves_the_logging_to_us() -> None:
    assert setup_logging.receivers
