"""What pages ask by themselves is no presence: left open over night, they sign out on time."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session
from accounts.sessions import IDLE, hashed
from dialogues.models import Room
from tests import world as build
from tests.harness.routes import routes
from tests.harness.scene import Scene, stage
from tests.world import World
from vault import keys

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
POLLED = sorted(
    {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r"""data-poll="\{% url ['"]([\w:]+)['"]""", path.read_text("utf-8"))
    }
)


def address(scene: Scene, name: str) -> str:
    with build.as_owner():
        keys = scene.keys()
    return next(route for route in routes() if route.name == name).url(keys)


def test_the_pages_that_poll_are_known() -> None:
    assert POLLED == ["dialogues:thread_token", "dialogues:token", "documents:state"]
    polling = [path for path in TEMPLATES.rglob("*.html") if "data-poll" in path.read_text("utf-8")]
    assert len(polling) == len(POLLED)


@pytest.mark.parametrize("name", POLLED)
def test_an_idle_page_is_answered_until_the_session_ends_on_time(world: World, name: str) -> None:
    scene = stage(world)
    where = address(scene, name)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = scene.client("official")
        assert client.get(reverse("dialogues:index")).status_code == 200  # the last click
        for _minute in range(int(IDLE / MINUTE) - 1):
            clock.shift(MINUTE)
            assert client.get(where).status_code == 200
        clock.shift(MINUTE)
        ended = client.get(where)
        assert ended.status_code == 302
        assert ended["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", POLLED)
def test_nor_does_a_poll_for_what_is_gone(world: World, name: str) -> None:
    scene = stage(world)
    where = address(scene, name)
    with build.as_owner():
        scene.erase("engineer")
        Room.objects.all().delete()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = scene.client("official")
        client.get(reverse("dialogues:index"))
        row = Session.objects.get(pk=hashed(client.cookies[settings.SESSION_COOKIE_NAME].value))
        clock.shift(5 * MINUTE)
        assert client.get(where).status_code == 404
        assert Session.objects.get(pk=row.pk).seen == row.seen


@pytest.mark.parametrize("name", POLLED)
def test_what_a_page_asks_by_itself_opens_nothing(world: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Left open, a page would otherwise use up what its reader may open in a day (clearance/limits.py)."""
    scene = stage(world)
    where = address(scene, name)
    client = scene.client("official")
    opened: list[str] = []
    monkeypatch.setattr(keys, "watchers", [*keys.watchers, opened.append])
    assert client.get(reverse("dialogues:index")).status_code == 200
    assert "item" in opened, "it would tell"
    opened.clear()
    assert client.get(where).status_code == 200
    assert "item" not in opened


def test_a_page_without_script_that_loads_itself_anew_is_no_presence_either(world: World) -> None:
    scene = stage(world)
    where = address(scene, "documents:document")
    page = (TEMPLATES / "documents" / "document.html").read_text("utf-8")
    assert re.findall(r'http-equiv="refresh" content="\d+;url=(\?\w+)"', page) == ["?waiting"]
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = scene.client("official")
        client.get(where)
        row = Session.objects.get(pk=hashed(client.cookies[settings.SESSION_COOKIE_NAME].value))
        clock.shift(5 * MINUTE)
        assert client.get(f"{where}?waiting").status_code == 200
        assert Session.objects.get(pk=row.pk).seen == row.seen
        assert client.get(where).status_code == 200  # a click counts
        assert Session.objects.get(pk=row.pk).seen == timezone.now()
