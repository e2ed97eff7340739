"""Sessions: what the table gives away (nothing), what can be done by writing to it (nothing), and when they end."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Session
from accounts.sessions import NOTED_EVERY, SessionStore, hashed
from accounts.tasks import forget_expired_sessions
from tests.accounts.conftest import PASSWORD, People
from tests.world import sign_in

pytestmark = pytest.mark.django_db


def fresh(**data: Any) -> SessionStore:
    store = SessionStore()
    for name, value in data.items():
        store[name] = value
    store.save()
    return store


def reopened(store: SessionStore) -> SessionStore:
    return SessionStore(store.session_key)


def row_of(store: SessionStore) -> Session:
    return Session.objects.get(pk=hashed(str(store.session_key)))


def test_the_engine_named_in_the_settings_is_this_one() -> None:
    assert import_module(settings.SESSION_ENGINE).SessionStore is SessionStore
    assert Session.get_session_store_class() is SessionStore
    assert "django.contrib.sessions" not in settings.INSTALLED_APPS


def test_a_session_opens_with_its_key_and_with_no_other() -> None:
    store = fresh(colour="藍")
    assert reopened(store)["colour"] == "藍"
    assert SessionStore(hashed(str(store.session_key))).get("colour") is None
    assert SessionStore("0" * 32).get("colour") is None


def test_the_table_holds_neither_key_nor_content(people: People) -> None:
    client = sign_in(people.engineer)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_key, session_data, person_id::text FROM accounts_session")
        rows = cursor.fetchall()
    assert [(row[0], row[2]) for row in rows] == [(hashed(key), str(people.engineer.pk))]
    assert not any(key in text or "account_authentication" in text for row in rows for text in row)


def test_saving_asks_the_database_for_nothing_back() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        store = fresh(colour="藍")
        store["colour"] = "紅"
        store.save()
    assert not [query for query in queries if "RETURNING" in query["sql"]]


FORGERIES = {
    "a payload written by hand": "UPDATE accounts_session SET session_data = 'eyJhIjogMX0='",
    "no base64 at all": "UPDATE accounts_session SET session_data = '藍'",
    "an empty one": "UPDATE accounts_session SET session_data = ''",
    "another session's payload": (
        "UPDATE accounts_session SET session_data = (SELECT x.session_data FROM accounts_session x"
        " WHERE x.session_key = %(other)s) WHERE session_key = %(own)s"
    ),
    "one byte changed": "UPDATE accounts_session SET session_data = overlay(session_data placing 'A' from 60)",
}


@pytest.mark.parametrize("sql", FORGERIES.values(), ids=FORGERIES)
def test_whoever_writes_the_table_becomes_nobody(people: People, sql: str) -> None:
    """As SQL injected into the web role would: it may write these rows, and gains nothing by it."""
    victim, own = sign_in(people.engineer), fresh(colour="藍")
    other = hashed(victim.cookies[settings.SESSION_COOKIE_NAME].value)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("portal_app",)
        cursor.execute(sql, {"other": other, "own": hashed(str(own.session_key))})
    store = reopened(own)
    changed = store.get("colour") != "藍"
    assert "_auth_user_id" not in store
    if changed:
        assert store.session_key is None  # the key is not taken over either
        assert list(store.keys()) == []


def test_a_row_renamed_to_ones_own_key_does_not_open(people: People) -> None:
    victim = sign_in(people.engineer)
    mine = "k" * 32
    Session.objects.filter(pk=hashed(victim.cookies[settings.SESSION_COOKIE_NAME].value)).update(
        session_key=hashed(mine)
    )
    assert "_auth_user_id" not in SessionStore(mine)


def test_the_end_of_a_session_cannot_be_put_off_in_the_table() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        store = fresh(colour="藍")
        Session.objects.update(expire_date=timezone.now() + timedelta(days=900), seen=timezone.now())
        clock.shift(timedelta(hours=12, seconds=1))
        assert reopened(store).get("colour") is None


def test_a_session_ends_after_an_hour_without_a_click_and_after_twelve_in_any_case() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        idle, busy = fresh(n=1), fresh(n=1)
        for _half_hour in range(23):
            clock.shift(timedelta(minutes=30))
            again = reopened(busy)
            assert again.get("n") == 1
            assert again.modified  # the middleware then saves, which notes the activity
            again.save()
        assert reopened(idle).get("n") is None
        clock.shift(timedelta(minutes=30))
        assert reopened(busy).get("n") is None


def test_activity_is_noted_once_a_minute_and_leaves_the_payload_alone() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        store = fresh(n=1)
        before = row_of(store).session_data
        clock.shift(NOTED_EVERY - timedelta(seconds=1))
        again = reopened(store)
        assert (again.get("n"), again.modified) == (1, False)
        clock.shift(timedelta(seconds=1))
        again = reopened(store)
        assert (again.get("n"), again.modified) == (1, True)
        again.save()
        assert (row_of(store).seen, row_of(store).session_data) == (timezone.now(), before)


def test_a_pages_own_polling_keeps_no_session_alive() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        store = fresh(n=1)
        for _minute in range(59):
            clock.shift(timedelta(minutes=1))
            polled = reopened(store)
            polled.background()
            assert polled.get("n") == 1
            polled.save()
        clock.shift(timedelta(minutes=1))
        assert reopened(store).get("n") is None


def test_two_clicks_at_once_do_not_undo_each_other() -> None:
    """A click that changed nothing writes no payload: it cannot lay an older one over what another click proved."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        store = fresh(n=1)
        clock.shift(timedelta(minutes=2))
        slow, quick = reopened(store), reopened(store)
        assert slow.get("n") == 1
        quick["proved"] = True
        quick.save()
        slow.save()
        assert reopened(store).get("proved") is True


@pytest.mark.parametrize("changed", [True, False])
def test_a_session_that_was_ended_stays_ended(changed: bool) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        store = fresh(n=1)
        clock.shift(timedelta(minutes=2))
        late = reopened(store)
        assert late["n"] == 1
        Session.objects.all().delete()
        if changed:
            late["n"] = 2
        with pytest.raises(UpdateError):
            late.save()
        assert not Session.objects.exists()


def test_a_new_key_keeps_the_content_and_forgets_the_old_key() -> None:
    store = fresh(n=1)
    old = str(store.session_key)
    store.cycle_key()
    store.save()
    assert store.session_key != old
    assert SessionStore(old).get("n") is None
    assert reopened(store)["n"] == 1


def test_twelve_hours_count_from_sign_in_not_from_the_first_visit_nor_from_a_later_key(people: People) -> None:
    def started(store: SessionStore) -> datetime:
        contents = SessionStore.peek(row_of(store))
        assert contents is not None
        return contents.started

    with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
        store = fresh(n=1)
        clock.shift(timedelta(minutes=20))
        store.cycle_key()  # as signing in does
        signed_in_at = timezone.now()
        store["_auth_user_id"] = str(people.engineer.pk)
        store.save()
        assert started(store) == signed_in_at
        clock.shift(timedelta(minutes=20))
        store.cycle_key()  # as a change of password does
        store.save()
        assert started(store) == signed_in_at
        assert store.get_expiry_date() == signed_in_at + timedelta(hours=12)


def test_the_cookie_ends_with_the_browser_and_is_kept_from_scripts(people: People) -> None:
    client = Client()
    client.post("/account/login/", {"login": people.engineer.email, "password": PASSWORD})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["expires"], cookie["max-age"], cookie["httponly"], cookie["samesite"]) == ("", "", True, "Lax")


def test_expired_rows_are_cleared_away() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        fresh(n=1)
        clock.shift(timedelta(minutes=50))
        kept = fresh(n=2)
        clock.shift(timedelta(minutes=20))
        forget_expired_sessions()
        assert [row.pk for row in Session.objects.order_by("pk")] == [hashed(str(kept.session_key))]


def test_the_asynchronous_side_hides_and_seals_just_the_same() -> None:
    async def round_trip() -> tuple[SessionStore, Any]:
        store = SessionStore()
        await store.aset("colour", "indigo")
        await store.asave()
        return store, await SessionStore(store.session_key).aget("colour")

    store, read = async_to_sync(round_trip)()
    assert read == "indigo"
    assert "indigo" not in row_of(store).session_data
