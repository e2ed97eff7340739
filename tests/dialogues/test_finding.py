"""Finding what was said: what a plain search over readable messages would find, with where it was said."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event
from clearance.access import visible_to
from clearance.markings import marking
from clearance.search import folded
from clearance.search.laying import lay_all
from dialogues.models import Message, Room, Thread
from dialogues.queries.finding import messages
from dialogues.services import speaking
from tests.dialogues import scenes
from tests.thorough import FEW_CASES
from tests.world import World, as_owner, as_role, being, sign_in
from vault import keys

pytestmark = pytest.mark.django_db

SAID = (
    "重要鉱物の在庫は四週間分です。", "ﾘﾁｳﾑ蓄電池の調達先が偏っています。", "リチウム　蓄電池", "ＬＮＧタンカーの迂回",
    "LNG tanker rerouting", "銅", "Straße", "**鉱物**の輸出管理",
)  # fmt: skip
parts = st.builds(lambda text, at, size: text[at % len(text) :][:size], st.sampled_from(SAID), st.integers(0, 20), st.integers(1, 5))  # noqa: E501  # fmt: skip
questions = st.lists(parts, min_size=1, max_size=2).map(" ".join).filter(str.strip)


@pytest.fixture
def spoken(world: World) -> list[Thread]:
    """The same said under several markings, in a room of the world's circle and in one that few are in."""
    with as_owner():
        here, there = scenes.scene(world), scenes.room_on(world.other_circle, world.second_official, name="別の場")
        threads: list[Thread] = []
        for room, level in (
            (here, marking(1)),
            (here, world.hi_semicon),
            (there, world.hi_semicon),
            (here, marking(0)),
        ):
            by = world.second_official
            thread = Thread(room=room, circle_id=room.circle_id, marking=level, author=by, title=f"話題{len(threads)}")
            thread.save(force_insert=True)
            threads.append(thread)
            for body in SAID:
                Message(
                    thread=thread, circle_id=room.circle_id, marking=level, author=by, body=body
                ).save(force_insert=True)  # fmt: skip
    return threads


def lay() -> None:
    with as_role("portal_worker"):
        lay_all()


def found(actor: Any, words: str, room: Room | None = None) -> list[Message]:
    hits, after, pages = [], "", 0
    while pages == 0 or after:
        page = messages(actor, words, room=room, after=after)
        hits += [hit.message for hit in page.hits]
        after, pages = page.next, pages + 1
    return hits


def test_it_finds_what_a_plain_search_over_readable_messages_finds(spoken: list[Thread], world: World) -> None:
    shown: list[int] = []
    lay()
    with as_owner():  # one that has no tokens yet
        late = spoken[0]
        Message(
            thread=late, circle_id=late.circle_id, marking=late.marking, author=late.author, body="鉱物の追補"
        ).save(force_insert=True)  # fmt: skip

    @settings(FEW_CASES, suppress_health_check=list(HealthCheck))
    @given(words=questions, who=st.sampled_from(["official", "second_official", "engineer", "foreign", "outsider"]))
    def check(words: str, who: str) -> None:
        with being(world.people[who]) as actor:
            readable = visible_to(actor, Message.objects.select_related("marking")).order_by("-created", "-id")
            wanted = folded(words).split()
            plain = [row.pk for row in readable if all(word in folded(row.body) for word in wanted)]
            assert [row.pk for row in found(actor, words)] == plain
        shown.append(len(plain))

    check()
    assert sum(map(bool, shown)) > len(shown) / 3


def test_the_page_shows_where_it_was_said_and_leads_there(spoken: list[Thread], world: World) -> None:
    client, address = sign_in(world.engineer), reverse("dialogues:search")
    page = client.get(address, {"q": "ｔａｎｋｅｒ"}).content.decode()
    assert page.count("LNG <mark>tanker</mark> rerouting") == 3
    assert "別の場" not in page
    with as_owner():
        one = Message.objects.get(thread=spoken[1], pk__in=[m.pk for m in Message.objects.all() if "tanker" in m.body])
    (link,) = re.findall(rf'href="(/rooms/[^"]+#said-{one.pk})"', page)
    there = client.get(link.partition("#")[0]).content.decode()
    assert f'id="said-{one.pk}"' in there
    # The newest on that page is the one that was found.
    assert re.findall(r'id="said-([^"]+)"', there)[-1] == str(one.pk)
    within = client.get(address, {"q": "tanker", "room": str(spoken[0].room_id)}).content.decode()
    assert within.count("<mark>tanker</mark>") == 3
    assert client.get(address, {"q": "tanker", "room": str(spoken[2].room_id)}).status_code == 404
    assert client.get(address, {"q": "tanker", "room": "x"}).status_code == 404
    with as_owner():
        event = Event.objects.filter(act="message.list").earliest("at")
    assert (event.level, event.detail) == (2, {"shown": 3, "searched": event.detail["searched"]})
    assert "この言葉を含む発言は見つかりませんでした" in client.get(address, {"q": "無い言葉"}).content.decode()


def test_what_one_may_not_read_changes_nothing_and_what_is_taken_back_is_gone(
    spoken: list[Thread], world: World
) -> None:
    lay()
    client = sign_in(world.foreign)

    def look() -> str:
        page = scenes.page(client, "search", query="?q=鉱物")
        return re.sub(r'(csrfmiddlewaretoken" value="|after=)[^"#]+', "", page)  # made anew each time

    before = look()
    assert before.count("<mark>鉱物</mark>") == 4  # under SENSITIVE and PUBLIC
    with as_owner():
        hidden = list(Message.objects.filter(thread__in=spoken[1:3]))
        Message.objects.filter(pk__in=[each.pk for each in hidden]).update(withdrawn=True)
    assert look() == before
    with being(world.second_official) as actor:
        one = next(each for each in Message.objects.filter(thread=spoken[0]) if "四週間" in each.body)
        speaking.withdraw(actor=actor, message=one)
    assert look().count("<mark>鉱物</mark>") == 3
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT tokens FROM dialogues_message WHERE id = %s", [one.pk])
        assert cursor.fetchone() == (None,)


def test_pages_follow_each_other_and_titles_are_opened_once(
    spoken: list[Thread], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_owner():
        scenes.many_messages(spoken[1], world.second_official, 60)
    with being(world.engineer) as actor:
        opened: list[str] = []
        monkeypatch.setattr(keys, "watchers", [opened.append])
        page = messages(actor, "件目の発言")
        assert (len(page.hits), bool(page.next)) == (50, True)
        opened.clear()
        assert len({hit.room.name + hit.thread.title for hit in page.hits}) == 1
        assert opened == ["item"] * 2
        monkeypatch.undo()
        rest = messages(actor, "件目の発言", after=page.next)
        assert (len(rest.hits), rest.next) == (10, "")
    with being(world.official) as other:  # another reader's cursor is none
        assert len(messages(other, "件目の発言", after=page.next).hits) == 50
