"""The whole product, started once: ready line, second start, taken port, killed parent, dead child, Ctrl-C."""

import contextlib
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import DjangoDbBlocker

from portal.checks import UnconfinedRole, assert_confined
from portal.embedded.instance import ROOT, Instance
from portal.embedded.ports import free_port
from portal.embedded.processes import kill_session, surroundings
from tests.portal.launched import ON_ONE_WORKER, Launched, wait

pytestmark = [pytest.mark.slow, ON_ONE_WORKER]


def test_the_ready_line_comes_once_and_when_everything_answers(entaku: Launched) -> None:
    assert entaku.lines.count(f"Entaku is ready: http://localhost:{entaku.port}/") == 1
    checks = {"database", "migrations", "broker", "worker", "storage", "keys"}

    def all_well() -> bool:  # a busy machine may miss a check's three seconds once
        status, report = entaku.get("/readyz")
        return status == 200 and set(re.findall(r"^(\w+): ok$", report, re.MULTILINE)) == checks

    assert wait(all_well)
    assert entaku.get("/healthz") == (200, "ok\n")


def test_progress_is_shown_in_both_languages(entaku: Launched) -> None:
    steps = [line for line in entaku.lines if re.match(r" *\d+\.\d s  ", line)]
    assert len(steps) >= 4
    assert all(re.search(r"[ぁ-ん]", line) and re.search(r" / [a-z]", line) for line in steps)


def test_no_forwarding_header_is_believed(entaku: Launched) -> None:
    body = entaku.get("/readyz", **{"X-Forwarded-For": "127.0.0.1"})[1]
    assert body in ("ready\n", "")  # no details


def test_a_charset_that_nobody_can_read_is_refused_with_a_page(entaku: Launched) -> None:
    for said in ("charset=rot13", "charset*=utf-8''%00"):
        status, page = entaku.get("/account/login/", **{"Content-Type": f"text/plain; {said}", "Accept-Language": "en"})
        assert (status, "We could not accept your request" in page) == (400, True), page


def test_the_roles_own_nothing_and_bypass_nothing(entaku: Launched) -> None:
    with entaku.connect() as connection:
        rows = connection.execute(
            "SELECT rolname, rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolinherit OR rolreplication, "
            " EXISTS (SELECT FROM pg_auth_members WHERE roleid = r.oid OR member = r.oid), "
            " EXISTS (SELECT FROM pg_shdepend WHERE refobjid = r.oid AND deptype = 'o') "
            "FROM pg_roles r WHERE rolname LIKE 'portal%' ORDER BY rolname"
        ).fetchall()
    assert rows == [
        ("portal_app", False, False, False),
        ("portal_intake", False, False, False),
        ("portal_owner", False, False, True),
        ("portal_worker", False, False, False),
    ]


@pytest.mark.parametrize("role", ["postgres", "portal_owner", "portal_app"])
def test_nobody_is_let_in_without_a_password(entaku: Launched, role: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=str(entaku.var / "run" / "pg"), dbname="entaku", user=role)


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_the_web_role_enters_no_other_database(entaku: Launched, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        entaku.connect("portal_app", database)


def test_each_line_of_web_and_worker_is_one_event(entaku: Launched) -> None:
    entaku.get("/account/login/?next=/kagero")
    for name in ("web", "worker"):
        lines = [json.loads(line) for line in (entaku.var / "logs" / f"{name}.log").read_text().splitlines()]
        assert all({"at", "level", "event", "process", "logger"} <= line.keys() for line in lines)
        assert {line["process"] for line in lines} == {name}
    web = (entaku.var / "logs" / "web.log").read_text()
    assert '"logger": "gunicorn.error"' in web
    assert "kagero" not in web


@pytest.fixture
def unblocked(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """These tests ask the launched database, not the suite's."""
    with django_db_blocker.unblock():
        yield


def as_role(entaku: Launched, role: str, password: str = "") -> BaseDatabaseWrapper:
    connection = connections["default"].copy()
    connection.settings_dict |= {
        "HOST": str(entaku.var / "run" / "pg"), "NAME": "entaku", "USER": role, "PORT": "",
        "PASSWORD": password or entaku.credentials()[role],
    }  # fmt: skip
    return connection


@pytest.mark.usefixtures("unblocked")
@pytest.mark.parametrize("role", ["portal_app", "portal_worker", "portal_intake"])
def test_the_confined_roles_may_start(entaku: Launched, role: str) -> None:
    with contextlib.closing(as_role(entaku, role)) as connection:
        assert_confined(connection)


UNCONFINED = {
    "SUPERUSER": "is a superuser",
    "BYPASSRLS": "bypasses row-level security",
    "CREATEROLE": "can create roles",
    "REPLICATION": "replication stream",
    "IN ROLE portal_owner": "is a member of .*portal_owner",
    "IN ROLE pg_read_all_data": "is a member of pg_read_all_data",
}


@pytest.mark.usefixtures("unblocked")
@pytest.mark.parametrize("option", UNCONFINED)
def test_a_role_that_can_pass_by_the_policies_may_not_start(entaku: Launched, option: str) -> None:
    with entaku.connect() as superuser:
        superuser.execute(f"CREATE ROLE straying LOGIN PASSWORD 'x' {option}")
        superuser.execute("GRANT CONNECT ON DATABASE entaku TO straying")
        try:
            with (
                contextlib.closing(as_role(entaku, "straying", "x")) as connection,
                pytest.raises(UnconfinedRole, match=f"role straying: .*{UNCONFINED[option]}"),
            ):
                assert_confined(connection)
        finally:
            superuser.execute("DROP OWNED BY straying")
            superuser.execute("DROP ROLE straying")


@pytest.mark.usefixtures("unblocked")
def test_the_owner_may_not_start_as_the_web_role(entaku: Launched) -> None:
    with (
        contextlib.closing(as_role(entaku, "portal_owner")) as connection,
        pytest.raises(UnconfinedRole, match="owns objects"),
    ):
        assert_confined(connection)


@pytest.mark.parametrize("command", [["-c", "import portal.wsgi"], ["-m", "celery", "-A", "portal.celery", "worker"]])
def test_web_and_worker_refuse_an_unconfined_role_in_one_sentence(entaku: Launched, command: list[str]) -> None:
    instance = Instance(entaku.var)
    instance.make_keys()
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env={**surroundings(), **instance.environment("portal_owner")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "Entaku refuses to start as the database role portal_owner: it owns objects." in done.stderr
    assert "Traceback" not in done.stderr


def test_manage_commands_find_the_running_data(entaku: Launched) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "readiness"], cwd=ROOT, env={**surroundings(), "VAR": str(entaku.var)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "database: ok" in done.stdout


def test_a_second_start_on_the_same_data_is_refused_in_one_sentence(entaku: Launched) -> None:
    second = Launched(entaku.var, free_port()).start()
    assert second.until_ended() == 1
    assert wait(lambda: len(second.lines) >= 2)
    assert len(second.lines) == 2
    assert all(f"http://localhost:{entaku.port}/" in line for line in second.lines)
    assert entaku.get("/healthz")[0] == 200


def test_a_taken_port_is_refused_in_one_sentence(entaku: Launched, tmp_path: Path) -> None:
    other = Launched(tmp_path / "var", entaku.port).start()
    assert other.until_ended() == 1
    assert wait(lambda: len(other.lines) >= 2)
    assert len(other.lines) == 2
    assert all(str(entaku.port) in line and "PORT=" in line for line in other.lines)
    assert not (tmp_path / "var" / "postgres").exists()


def test_after_a_killed_parent_the_next_start_works_on_the_same_data(entaku: Launched) -> None:
    with entaku.connect("portal_owner") as connection:
        connection.execute("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('残る')")
    before = entaku.children()
    assert set(before) == {"postgres", "valkey", "worker", "web", "courier", "intake"}
    entaku.process.kill()
    entaku.process.wait()
    entaku.start().until_ready()
    assert not [name for name, identity in before.items() if identity.alive()]
    with entaku.connect("portal_owner") as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("残る",)
        connection.execute("DROP TABLE kept")


def test_a_child_that_dies_stops_the_rest_by_name_and_last_lines(entaku: Launched) -> None:
    children = entaku.children()
    with (entaku.var / "logs" / "worker.log").open("a") as log:
        log.write("the last line of the worker\n")
    kill_session(children["worker"].pid)
    assert entaku.until_ended() == 1
    assert wait(lambda: entaku.lines and entaku.lines[-1].startswith("Entaku: the worker process stopped (SIGKILL)"))
    assert "    the last line of the worker" in entaku.lines
    assert not [name for name, identity in children.items() if identity.alive()]
    entaku.start().until_ready()


def test_ctrl_c_stops_every_child_and_keeps_the_data(entaku: Launched) -> None:
    children = entaku.children()
    entaku.process.send_signal(signal.SIGINT)
    assert entaku.until_ended() == 0
    assert not [name for name, identity in children.items() if identity.alive()]
    assert (entaku.var / "postgres" / "PG_VERSION").exists()
    assert not (entaku.var / "postgres" / "postmaster.pid").exists()  # shut down, not cut off
    assert "Traceback" not in "\n".join(entaku.lines)


def test_nothing_acknowledged_is_lost_when_parts_die_under_load(entaku: Launched) -> None:
    """The short form of `make chaos`, on the data here: killed web and worker, emptied broker, failing disk."""
    assert entaku.process.poll() is not None
    done = subprocess.run(
        [sys.executable, "-m", "chaos", "--short", "--seed", "1", "--goal", "30", "--var", str(entaku.var)],
        cwd=ROOT, env=surroundings(), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r" holds$", done.stdout, re.MULTILINE)) == 6
    assert " 0 lost;" in done.stdout
