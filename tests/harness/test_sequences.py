"""Random walks of what happens to a portal: granted, suspended, joined, left, relabelled, withdrawn, expired, and time
passing, all through the services. After each step every list of everybody is held against `story.py`, and so is each
page that opens or closes with it; every page at the walk's end.

HYPOTHESIS_PROFILE=thorough walks further and looks at every page after each step. That a walk notices what it is there
to notice is shown by `mutants.py`: with one rule after the other switched off, it has to find a difference.
"""

from __future__ import annotations

import copy
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.template import Template
from django.test import Client
from django.utils import timezone

from tests import world as build
from tests.harness.happenings import MOVED, Happenings
from tests.harness.mutants import ALWAYS, MUTANTS, Mutant, mutated
from tests.harness.walk import RENDER
from tests.thorough import THOROUGH
from tests.world import World
from vault import keys

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.shared]

WALKS, STEPS = (40, 60) if THOROUGH else (2, 8)
LINE = re.compile(r'href="/documents/([0-9a-f-]{36})/"')
WORD = re.compile(r"qzw-\w+")
LOOKED_AT = ("official", *MOVED)


class Difference(AssertionError):
    """A page shows what the story does not tell of, or not what it tells."""


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
        readable, rooms = self.look_at_lists(name)
        client = self._client(name)
        pages = self._pages(readable, rooms)
        before = self._before.get(name, {})
        changed = {address for address, there in pages.items() if before.get(address) != there}
        for address in pages if whole else {*changed, self.random.choice(sorted(pages))}:
            self._opens(name, client, address, pages[address])
        self._before[name] = pages

    def look_at_lists(self, name: str) -> tuple[set[str], set[str]]:
        """The lists of one person; the papers and rooms that are to be on them."""
        client, story = self._client(name), self.story
        readable, rooms = story.readable(name), story.rooms_of(name)
        self.seen[True] += len(readable)
        self.seen[False] += len(story.papers) - len(readable)
        self.look_at_documents(name)
        self._same(name, "rooms", self._words(client, "/rooms/", "room"), rooms)
        for room in sorted(rooms):
            address = f"/rooms/{self.rows[room.removeprefix('qzw-')].pk}/"
            shown = self._words(client, address, "doc", "thread")
            self._same(name, room, shown, story.readable(name, room.removeprefix("qzw-")))
        return readable, rooms

    def look_at_documents(self, name: str) -> None:
        """The list of documents of one person and their first page."""
        papers = {paper for paper in self.story.readable(name) if "doc" in paper}
        found = self._page(self._client(name), "/documents/")
        self._same(name, "documents", self._words_in(found, "doc"), papers)
        self._same(name, "lines", set(LINE.findall(found)), {str(self.rows[paper].pk) for paper in papers})
        newest = self._words(self._client(name), "/", "doc")
        self._same(name, "the first page", newest - papers, set())
        if len(newest) != min(len(papers), 6):
            raise Difference(name, "the first page", newest, papers, self.history)

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
        found = self._get(client, address)
        assert found.status_code == (200 if there else 404), (name, address, there, self.history)
        if not there:
            assert not WORD.search(found.content.decode()), (name, address, self.history)

    @staticmethod
    def _get(client: Client, address: str) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Template, "_render", RENDER)
            return client.get(address)

    def _same(self, name: str, where: str, shown: set[str], expected: set[str]) -> None:
        if shown != expected:
            raise Difference(name, where, shown ^ expected, self.history)

    def _words(self, client: Client, address: str, *of: str) -> set[str]:
        """The planted words of these kinds that a page shows."""
        return self._words_in(self._page(client, address), *of)

    @staticmethod
    def _words_in(page: str, *of: str) -> set[str]:
        return {word for word in WORD.findall(page) if word.startswith(tuple(f"qzw-{kind}" for kind in of))}

    def _page(self, client: Client, address: str) -> str:
        found = self._get(client, address)
        assert found.status_code == 200, address
        return str(found.content.decode())

    def notices(self, mutant: Mutant, seed: int) -> bool:
        """Whether a few of the happenings that come to show it do; they are undone."""
        with mutated(mutant), self.undone():
            try:
                self.until_different(mutant.shown_by, 8, seed=seed)
            except Difference:
                return True
            finally:
                keys.forget()
        return False

    def until_different(self, names: tuple[str, ...], most: int, *, seed: int) -> None:
        """Let these happen in turn and look at what each person is shown first. Raises Difference."""
        self.random = random.Random(seed)
        for number in range(most):
            step = names[number % len(names)]
            self.history.append(f"{step}: {getattr(self, step)()}")
            self.story.now = timezone.now() + self.passed
            for name in MOVED:
                self.look_at_documents(name)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens within is forgotten here too when the database forgets it."""
        kept = {
            name: copy.deepcopy(value) for name, value in vars(self).items() if name in {"story", "random", "passed"}
        }
        kept |= {name: value.copy() for name, value in vars(self).items() if name in {"rows", "history", "_clients"}}
        yield
        vars(self).update(kept)

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


def test_a_walk_notices_each_rule_that_is_switched_off(world: World) -> None:
    """From one beginning, with the happenings that come to show it."""
    walk = Walk(world, 7)
    for name in MOVED:
        walk.look_at_documents(name)
    tried = {name: mutant for name, mutant in MUTANTS.items() if THOROUGH or name in ALWAYS}
    missed = {
        name
        for name, mutant in tried.items()
        if not any(walk.notices(mutant, mutant.seed + more) for more in (0, 10, 20))
    }
    assert missed == set()
    walk.until_different(("join", "give"), 2, seed=1)  # and finds none where the rules are as they were
