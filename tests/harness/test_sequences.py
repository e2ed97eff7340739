"""Random walks of what happens to a portal: granted, suspended, joined, left, relabelled, withdrawn, expired, and time
passing, all through the services. After each step every list of everybody is held against `story.py`, and so is each
page that opens or closes with it; every page at the walk's end.

HYPOTHESIS_PROFILE=thorough walks further and looks at every page after each step.
"""

from __future__ import annotations

import os
import re
from collections import Counter

import pytest
from django.test import Client
from django.utils import timezone

from tests import world as build
from tests.harness.happenings import MOVED, Happenings
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.shared]

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
WALKS, STEPS = (40, 60) if THOROUGH else (2, 8)
WORD = re.compile(r"qzw-\w+")
LOOKED_AT = ("official", *MOVED)


class Walk(Happenings):
    """A walk, and what everybody sees on it."""

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world, seed)
        self.seen = Counter[bool]()
        self._before: dict[str, dict[str, bool]] = {}
        self._clients: dict[tuple[str, int], Client] = {}

    def look(self, *, whole: bool) -> None:
        """Every list of everybody; and each page that opens or closes with the last step, one other, or the `whole`."""
        self.story.now = timezone.now() + self.passed
        for name in LOOKED_AT:
            self._look_as(name, whole)

    def _look_as(self, name: str, whole: bool) -> None:
        client, story = self._client(name), self.story
        readable, rooms = story.readable(name), story.rooms_of(name)
        papers = {paper for paper in readable if "doc" in paper}
        self.seen[True] += len(readable)
        self.seen[False] += len(story.papers) - len(readable)
        self._same(name, "documents", self._words(client, "/documents/", "doc"), papers)
        newest = self._words(client, "/", "doc")
        assert newest <= papers, (name, newest - papers, self.history)
        assert len(newest) == min(len(papers), 6), (name, newest, papers, self.history)
        self._same(name, "rooms", self._words(client, "/rooms/", "room"), rooms)
        for room in sorted(rooms):
            address = f"/rooms/{self.rows[room.removeprefix('qzw-')].pk}/"
            shown = self._words(client, address, "doc", "thread")
            self._same(name, room, shown, story.readable(name, room.removeprefix("qzw-")))
        pages = self._pages(readable, rooms)
        before = self._before.get(name, {})
        changed = {address for address, there in pages.items() if before.get(address) != there}
        for address in pages if whole else {*changed, self.random.choice(sorted(pages))}:
            self._opens(name, client, address, pages[address])
        self._before[name] = pages

    def _pages(self, readable: set[str], rooms: set[str]) -> dict[str, bool]:
        """The pages of single things, by address, and whether they are to open."""
        pages = {}
        for paper, on in self.story.papers.items():
            if "doc" in paper:
                pages[f"/documents/{self.rows[paper].pk}/"] = paper in readable
            else:
                room = f"/rooms/{self.rows[on.room].pk}/"
                there = f"qzw-{on.room}" in rooms
                pages[room] = pages[f"{room}token"] = there
                pages[f"{room}threads/{self.rows[paper].pk}/"] = there and paper in readable
        return pages

    def _opens(self, name: str, client: Client, address: str, there: bool) -> None:
        found = client.get(address)
        assert found.status_code == (200 if there else 404), (name, address, there, self.history)
        if not there:
            assert not WORD.search(found.content.decode()), (name, address, self.history)

    def _same(self, name: str, where: str, shown: set[str], expected: set[str]) -> None:
        assert shown == expected, (name, where, shown ^ expected, self.history)

    @staticmethod
    def _words(client: Client, address: str, *of: str) -> set[str]:
        """The planted words of these kinds that a page shows."""
        found = client.get(address)
        assert found.status_code == 200, address
        return {
            word
            for word in WORD.findall(found.content.decode())
            if word.startswith(tuple(f"qzw-{kind}" for kind in of))
        }

    def _client(self, name: str) -> Client:
        level = self.story.people[name].proved
        key = name, level
        if key not in self._clients:
            self._clients[key] = build.sign_in(self.world.people[name], level=level)
        return self._clients[key]


@pytest.mark.parametrize("seed", range(WALKS))
def test_every_page_of_everybody_follows_what_happens(world: World, seed: int) -> None:
    walk = Walk(world, seed)
    walk.look(whole=True)
    happened = Counter[str]()
    for step in range(STEPS):
        happened[walk.happen()] += 1
        walk.look(whole=THOROUGH or step == STEPS - 1)
    assert len(happened) > 6, happened
    share = walk.seen[True] / walk.seen.total()
    assert 0.1 < share < 0.9, f"{share:.0%} of what is there is visible: too little or too much to prove anything"
