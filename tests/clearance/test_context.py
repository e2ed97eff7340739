"""The access context: entered from a session, unforgeable as the web role, gone with its transaction."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from clearance import context
from clearance.context import ContextsDoNotNest, acting, current
from tests import world
from tests.clearance.papers.models import Paper
from tests.world import World

pytestmark = pytest.mark.django_db


def paper(in_: World, level: int = 2, *codes: str) -> Paper:
    from clearance.markings import marking

    with world.as_owner():
        return Paper.objects.create(marking=marking(level, codes), circle=in_.circle, wrapped_key=b"", key_version=1)


def attempt(sql: str, *params: Any) -> None:
    """Run SQL as injected SQL would run, in a savepoint."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_a_context_reaches_what_its_person_may_read(world: World) -> None:
    hidden = paper(world, 2, "SEMICON")
    assert not Paper.objects.exists()
    with acting(person=world.engineer.pk, assurance=proved2()):
        assert list(Paper.objects.all()) == [hidden]
    with acting(person=world.colleague.pk, assurance=proved2()):
        assert not Paper.objects.exists()
    assert not Paper.objects.exists()


def test_a_job_reaches_just_the_items_it_is_about(world: World) -> None:
    one, _other = paper(world, 2, "SEMICON"), paper(world, 2, "SEMICON")
    with acting(items=[one.pk]):
        assert list(Paper.objects.all()) == [one]


def test_contexts_do_not_nest(world: World) -> None:
    with acting(person=world.engineer.pk), pytest.raises(ContextsDoNotNest), acting(person=world.official.pk):
        pass


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO clearance_context SELECT * FROM clearance_context",
        "UPDATE clearance_context SET inverse = '{0,0,0,0,0}'",
        "SELECT * FROM clearance_context",
        "SELECT * FROM clearance_contextkey",
        "SELECT * FROM clearance_session",
        "INSERT INTO clearance_session SELECT '\\x00', '00000000-0000-0000-0000-000000000000', now()",
        "UPDATE clearance_deployment SET ceiling = 4",
        "SELECT clearance_compute('00000000-0000-0000-0000-000000000000', now(), now(), now())",
        "SELECT clearance_believe('{}', '\\x00', 'act')",
        "SELECT clearance_cleared('00000000-0000-0000-0000-000000000000', NULL, true, now())",
        "CREATE TEMP TABLE clearance_session (secret_hash bytea)",
        "CREATE FUNCTION public.clearance_granted() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE papers_paper DISABLE ROW LEVEL SECURITY",
        "DROP POLICY readable ON papers_paper",
        "UPDATE clearance_here SET inverse = '{0,0,0,0,0}'",
        "COPY papers_paper TO PROGRAM 'cat'",
        "SET SESSION AUTHORIZATION portal_owner",
    ],
)
def test_injected_sql_cannot_write_or_read_what_the_context_is_made_of(world: World, sql: str) -> None:
    with acting(person=world.engineer.pk), pytest.raises(DatabaseError):
        attempt(sql)


@pytest.mark.parametrize("purpose", ["act", "session"])
def test_a_claim_without_the_portals_mac_is_refused(world: World, purpose: str) -> None:
    claim = json.dumps({"for": purpose, "person": str(world.official.pk), "issued": timezone.now().timestamp()})
    function = {"act": "clearance_act", "session": "clearance_open_session"}[purpose]
    for mac in (b"", b"\0" * 32, None):
        with pytest.raises(DatabaseError):
            attempt(f"SELECT * FROM {function}(%s, %s)", claim, mac)


def test_a_claim_serves_only_its_own_purpose(world: World) -> None:
    text, mac = context._signed({"for": "session", "person": str(world.official.pk)})
    with pytest.raises(DatabaseError):
        attempt("SELECT * FROM clearance_act(%s, %s)", text, mac)


def test_settings_that_look_like_a_context_change_nothing(world: World) -> None:
    paper(world, 2, "SEMICON")
    with acting(person=world.colleague.pk, assurance=proved2()):
        for name in ("app.person", "app.level", "clearance.person_id", "role.person"):
            attempt("SELECT set_config(%s, %s, false)", name, str(world.official.pk))
        assert not Paper.objects.exists()


def test_a_guessed_session_secret_opens_nothing(world: World) -> None:
    paper(world, 2, "SEMICON")
    with transaction.atomic():
        attempt("SELECT * FROM clearance_enter(%s)", uuid4().bytes)
        assert current() is None
        assert not Paper.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_context_ends_with_its_transaction_and_is_not_seen_by_another_connection(world: World) -> None:
    paper(world, 2, "SEMICON")
    with acting(person=world.engineer.pk, assurance=proved2()):
        assert Paper.objects.count() == 1
        with psycopg.connect(**connection_arguments()) as other:
            assert other.execute("SELECT count(*) FROM papers_paper").fetchone() == (0,)
            assert other.execute("SELECT count(*) FROM clearance_here").fetchone() == (0,)
    with transaction.atomic():
        assert Paper.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_no_secret_stands_in_the_list_of_running_statements(world: World) -> None:
    client: Client = world_client(world)
    client.get("/")
    secret = context.secret_of(client.session.session_key or "")
    with psycopg.connect(**connection_arguments()) as other:
        statements = [row[0] or "" for row in other.execute("SELECT query FROM pg_stat_activity").fetchall()]
    assert statements
    assert not any(secret.hex() in statement for statement in statements)
    assert not any('"for": "session"' in statement for statement in statements)


def connection_arguments() -> dict[str, Any]:
    parameters = connection.get_connection_params()
    return {name: parameters[name] for name in ("host", "dbname", "user", "password")}


def world_client(in_: World) -> Client:
    return world.sign_in(in_.engineer, level=2)


def proved2() -> Any:
    return world.proved(2)
