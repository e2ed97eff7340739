"""What happens to a portal, through its services, and to the story beside it: for `test_sequences.py`."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Organisation
from clearance.clock import end_of
from clearance.markings import marking
from clearance.models import Authorisation, Circle, CircleMember, CircleOrganisation, Compartment, NamedHandler
from clearance.services import authorisations, certifications, circles, grants
from dialogues.models import Room
from dialogues.queries import invitations
from dialogues.services import membership, speaking
from documents.models import Document
from documents.services import relabelling, withdrawing
from tests import world as build
from tests.dialogues import scenes
from tests.documents.acting import hand_over
from tests.harness.story import Held, Paper, Story, Who
from tests.world import World, being

BOTH = frozenset({"SEMICON", "BATTERY"})
LIKEMINDED = frozenset({"JP", "US", "NL"})
MARKINGS: list[tuple[int, frozenset[str], frozenset[str] | None]] = [
    (0, frozenset(), None), (1, frozenset(), None), (1, frozenset(), LIKEMINDED), (1, frozenset({"BATTERY"}), None),
    (2, frozenset({"SEMICON"}), None), (2, frozenset({"BATTERY"}), LIKEMINDED), (2, BOTH, None),
]  # fmt: skip
# Whose authorisations and places come and go; the two officials do what officials do, and are looked at like the rest.
MOVED = ("secretary", "engineer", "colleague", "foreign", "outsider")
# What ends at a moment, by table: time passes by moving all of it into the past.
ENDING = {
    "clearance_authorisation": ("since", "until", "revoked_at"), "clearance_suspension": ("since", "until"),
    "clearance_organisationcertification": ("since", "until", "revoked_at"),
    "clearance_circlemember": ("since", "until"), "clearance_circleorganisation": ("since", "until"),
    "clearance_namedhandler": ("since", "until"), "documents_documentgrant": ("since", "until"),
    "documents_document": ("expires_at",),
}  # fmt: skip


class Happenings:
    """The portal and the story side by side, and everything that may happen to both."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        self.rows: dict[str, Any] = {}
        self.history: list[str] = []
        self._drawn: list[Callable[[Happenings], str]] = []
        self.passed = timedelta()
        with build.as_owner():
            Organisation.objects.filter(pk=world.outsider.organisation_id).update(country="FR")
            world.outsider.organisation.refresh_from_db()
        self._begin()

    def _begin(self) -> None:
        world, people = self.world, {}
        firms = {str(world.people[name].organisation_id): world.people[name].organisation for name in MOVED}
        with build.as_owner():
            for name in ("official", "second_official", *MOVED, "clearance_officer"):
                person = world.people[name]
                firm = person.organisation
                people[name] = Who(str(firm.pk), firm.country, firm.is_ministry)
                for held in person.authorisations.all():
                    codes = {code.code for code in Compartment.objects.all() if held.comp_mask >> code.bit & 1}
                    self.rows[str(held.pk)] = held
                    people[name].held[str(held.pk)] = Held(held.highest, frozenset(codes), held.until)
            self.rows |= {f"agreement {key}": firm.certifications.get() for key, firm in firms.items()}
        story = self.story = Story(people, {firm: Held(2) for firm in firms}, timezone.now())
        for number in (1, 2):
            self._open_room(story, f"room{number}")
        for number, (level, codes, countries) in enumerate(MARKINGS[:6]):
            self._lay(story, f"qzw-doc{number}", f"room{number % 2 + 1}", (level, codes, countries))

    def _open_room(self, story: Story, name: str) -> None:
        world = self.world
        with build.as_owner():
            circle = build.circle(
                marking(2, BOTH), world.second_official, world.secretary, steward=world.official
            )  # fmt: skip
            build.join_firm(circle, world.maker, world.engineer)
        room = scenes.room_on(circle, world.official, name=f"qzw-{name}")
        self.rows[name] = room
        story.rooms[f"qzw-{name}"] = Paper(name, 1)
        for person in ("official", "second_official", "secretary"):
            story.members.add((name, person))
        story.firms.add((name, str(world.maker.pk)))
        story.handlers.add((name, "engineer"))
        thread = f"qzw-thread{len(story.rooms)}"
        with being(world.official) as actor:
            self.rows[thread] = speaking.start_thread(
                actor=actor, room=room, title=thread, body=f"{thread}said", marking=marking(2, ["SEMICON"])
            )
        story.papers[thread] = Paper(name, 2, frozenset({"SEMICON"}))

    def _lay(self, story: Story, name: str, room: str, under: Any) -> None:
        level, codes, countries = under
        circle = self.rows[room].circle
        to = marking(level, codes, ["LIKEMINDED"] if countries else [])
        self.rows[name] = hand_over(
            self.world, self.world.official, b"x", title=name, circle=circle, marking=to, worked=False
        )
        until = None
        if self.random.random() < 0.4:
            until = timezone.now() + timedelta(days=self.random.randint(1, 5), hours=1)
            with build.as_owner():
                Document.objects.filter(pk=self.rows[name].pk).update(expires_at=until)
        story.papers[name] = Paper(room, level, codes, countries, until and until + self.passed)

    # --- what happens: each returns what it did, or nothing where there was nothing to do -------------------------

    def happen(self) -> str:
        """One thing, drawn at random, and none again before each has had its turn."""
        while True:
            self._drawn = self._drawn or self.random.sample(STEPS_OF, len(STEPS_OF))
            step = self._drawn.pop()
            if done := step(self):
                self.history.append(f"{step.__name__}: {done}")
                return step.__name__

    def grant(self) -> str:
        name, days = self.random.choice(MOVED), self.random.choice([1, 2, 5, None])
        highest, codes = self.random.choice([1, 2, 2]), self._codes()
        today = timezone.localdate()
        with being(self.world.clearance_officer) as actor:
            made = authorisations.grant(
                actor=actor, person=self.world.people[name], basis="NDA", highest=highest,
                compartments=list(Compartment.objects.filter(code__in=codes)),
                until=today + timedelta(days=days) if days else None,
            )  # fmt: skip
        until = end_of(today + timedelta(days=days)) + self.passed if days else None
        self.rows[str(made.pk)] = made
        self.story.people[name].held[str(made.pk)] = Held(highest, frozenset(codes), until)
        return f"{name} {highest} {codes} {days}"

    def suspend(self) -> str:
        return self._entitlement("suspend", lambda held: not held.suspended, reason="試験")

    def resume(self) -> str:
        return self._entitlement("resume", lambda held: held.suspended)

    def revoke(self) -> str:
        return self._entitlement("revoke", lambda held: not held.suspended, share=0.3, reason="試験")

    def _entitlement(self, what: str, fits: Callable[[Held], bool], *, share: float = 1, **given: Any) -> str:
        """Suspends, resumes or revokes an authorisation or an agreement that has not ended."""
        story = self.story
        held = {key: each for name in MOVED for key, each in story.people[name].held.items()}
        held |= {f"agreement {firm}": each for firm, each in story.agreements.items()}
        now = story.now
        running = [k for k, h in held.items() if not h.revoked and (h.until is None or now < h.until) and fits(h)]
        if not running or self.random.random() > share:
            return ""
        key = self.random.choice(running)
        if what == "revoke" and key.startswith("agreement"):
            return ""
        with being(self.world.clearance_officer) as actor:
            if key.startswith("agreement"):
                getattr(certifications, what)(actor=actor, certification=self.rows[key], **given)
            else:
                row = Authorisation.objects.get(pk=self.rows[key].pk)
                getattr(authorisations, what)(actor=actor, authorisation=row, **given)
        held[key].suspended = what == "suspend"
        held[key].revoked = what == "revoke"
        return key

    def join(self) -> str:
        """Asked in and accepted; a firm's person is named."""
        room = self._room()
        name = self.random.choice([name for name in MOVED if not self.story.takes_part(name, room)] or [""])
        person = self.world.people.get(name)
        if person is None or (room, name) in self.story.handlers:
            return ""
        tied = (room, str(person.organisation_id)) in self.story.firms
        with being(self.world.official) as actor:
            if tied:
                circles.name_handler(actor=actor, circle=self._circle(room), person=person)
                self.story.handlers.add((room, name))
                return f"{name} named in {room}"
            asked = membership.invite(
                actor=actor, room=self._found(room), email=person.email, whole_organisation=False, role="PARTICIPANT"
            )
        with being(person) as actor:
            membership.accept(actor=actor, invited=invitations.invitation(actor, asked.pk))
        self.story.members.add((room, name))
        return f"{name} in {room}"

    def leave(self) -> str:
        """By themselves, or taken out."""
        room = self._room()
        there = [
            name for name in MOVED if (room, name) in self.story.members or (room, name) in self.story.handlers
        ]  # fmt: skip
        if not there:
            return ""
        name = self.random.choice(there)
        person, by_themselves = self.world.people[name], self.random.random() < 0.5
        if by_themselves and self.story.takes_part(name, room):
            with being(person) as actor:
                circles.leave(actor=actor, circle=self._circle(room))
        else:
            with being(self.world.official) as actor:
                running = {"circle": self._circle(room), "person": person, "until__isnull": True}
                if member := CircleMember.objects.filter(**running).first():
                    membership.remove_member(actor=actor, room=self._found(room), member=member)
                for handler in NamedHandler.objects.filter(**running):
                    circles.strike_handler(actor=actor, handler=handler)
        self.story.members.discard((room, name))
        self.story.handlers.discard((room, name))
        return f"{name} from {room}"

    def firm(self) -> str:
        """The maker goes with all it has named, or comes back without."""
        room, firm = self._room(), self.world.maker
        with being(self.world.official) as actor:
            if (room, str(firm.pk)) in self.story.firms:
                tie = CircleOrganisation.objects.get(circle=self._circle(room), organisation=firm, until__isnull=True)
                membership.remove_organisation(actor=actor, room=self._found(room), tie=tie)
                self.story.firms.discard((room, str(firm.pk)))
                for name in ("engineer", "colleague"):
                    self.story.handlers.discard((room, name))
                return f"out of {room}"
            circles.add_organisation(actor=actor, circle=self._circle(room), organisation=firm)
        self.story.firms.add((room, str(firm.pk)))
        return f"into {room}"

    def give(self) -> str:
        """A document by name, for a while or for good; or taken back."""
        paper = self._paper()
        if not paper:
            return ""
        name, days = self.random.choice(MOVED), self.random.choice([1, 3, None])
        person = self.world.people[name]
        with being(self.world.official) as actor:
            item = Document.objects.get(pk=self.rows[paper].pk)
            if (paper, name) in self.story.grants:
                grants.strike(actor=actor, item=item, person=person)
                del self.story.grants[paper, name]
                return f"{paper} taken from {name}"
            until = timezone.now() + timedelta(days=days, hours=1) if days else None
            grants.give(actor=actor, item=item, person=person, until=until)
        self.story.grants[paper, name] = until and until + self.passed
        return f"{paper} to {name} for {days}"

    def relabel(self) -> str:
        """Upwards by one official, in any way down by two."""
        paper = self._paper()
        level, codes, countries = self.random.choice(MARKINGS)
        was = self.story.papers.get(paper)
        if was is None or (was.level, was.codes, was.countries) == (level, codes, countries):
            return ""
        to = marking(level, codes, ["LIKEMINDED"] if countries else [])
        with being(self.world.official) as actor:
            document = Document.objects.select_related("marking").get(pk=self.rows[paper].pk)
            if not relabelling.step(document.marking, to).widens:
                relabelling.relabel(actor=actor, document=document, marking=to)
                asked = None
            else:
                asked = relabelling.propose(actor=actor, document=document, marking=to, reason="試験")
        if asked:
            with being(self.world.second_official) as actor:
                relabelling.approve(actor=actor, request=type(asked).objects.get(pk=asked.pk))
        was.level, was.codes, was.countries = level, codes, countries
        return f"{paper} {to.text}"

    def withdraw(self) -> str:
        """A document, and another one comes."""
        paper = self._paper()
        if not paper:
            return ""
        with being(self.world.official) as actor:
            withdrawing.withdraw(actor=actor, document=Document.objects.get(pk=self.rows[paper].pk))
        self.story.papers[paper].withdrawn = True
        self._lay(self.story, f"qzw-doc{len(self.rows)}", self._room(), self.random.choice(MARKINGS))
        return paper

    def pass_time(self) -> str:
        days = self.random.choice([1, 1, 2, 3])
        with build.as_owner(), connection.cursor() as cursor:
            for table, columns in ENDING.items():
                changes = ", ".join(f"{column} = {column} - interval '{days} days'" for column in columns)
                cursor.execute(f"UPDATE {table} SET {changes}")
        self.passed += timedelta(days=days)
        return f"{days} days"

    def prove(self) -> str:
        """A session wears off, or proves a second factor again."""
        name = self.random.choice(("official", *MOVED))
        self.story.people[name].proved = 3 - self.story.people[name].proved
        return f"{name} {self.story.people[name].proved}"

    # --- what there is --------------------------------------------------------------------------------------------

    def _codes(self) -> list[str]:
        return self.random.choice([[], ["SEMICON"], ["BATTERY"], ["BATTERY", "SEMICON"]])

    def _room(self) -> str:
        return self.random.choice(["room1", "room2"])

    def _paper(self) -> str:
        """A document that is still there for the officials."""
        self.story.now = timezone.now() + self.passed
        proved, self.story.people["official"].proved = self.story.people["official"].proved, 2
        there = sorted(paper for paper in self.story.readable("official") if "doc" in paper)
        self.story.people["official"].proved = proved
        return self.random.choice(there) if there else ""

    def _found(self, room: str) -> Room:
        return Room.objects.get(pk=self.rows[room].pk)

    def _circle(self, room: str) -> Any:
        return Circle.objects.get(pk=self.rows[room].circle_id)


_OFTEN = ("join", "give", "relabel")
_NAMES = ("grant", "suspend", "resume", "revoke", "leave", "firm", "withdraw", "pass_time", "prove", *_OFTEN, *_OFTEN)
STEPS_OF: list[Callable[[Happenings], str]] = [getattr(Happenings, name) for name in _NAMES]
