"""Desks with officers and their keys, holders of shares, and cases that came in: for the tests of this app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Appointment, Person, Session
from accounts.sessions import SessionStore, hashed
from clearance.access import Actor
from consultations.custody import UnlockedKey
from consultations.models import DeskOfficer, OfficerKey
from consultations.services import custody
from intake import rounds, sending
from intake.models import Desk
from intake.receipt import Receipt
from tests import world as build
from tests.world import World

PHRASE = "青い傘 と 七つの 古い 橋"
OTHER = "夜明けの港に白い船が二そう並ぶ頃"


@dataclass
class Bureau:
    """The manager, two desks, an officer for each and a third one, three holders."""

    world: World
    folder: Path
    desks: dict[str, Desk] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    sessions: dict[UUID, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        duty = Appointment.Duty
        with build.as_owner():
            self.people["manager"] = build.person(self.world.ministry, "責 任子", duty.DESK_MANAGER)
            for name in ("甲", "乙", "丙"):
                self.people[name] = build.person(self.world.ministry, f"担当 {name}", duty.OFFICIAL)
            for name in ("子", "丑", "寅"):
                self.people[name] = build.person(self.world.ministry, f"支え {name}", duty.AUDITOR)
            for place, name in enumerate(("取引", "技術")):
                self.desks[name] = Desk.objects.create(name_ja=name, name_en=name, place=place)

    @contextmanager
    def being(self, name: str, level: int = 2) -> Iterator[Actor]:
        with build.being(self.people[name], level) as actor:
            yield actor

    def appoint(self, name: str, *desks: str) -> None:
        with self.being("manager") as actor:
            for desk in desks:
                custody.appoint_officer(actor=actor, desk=self.desks[desk], person=self.people[name])

    def end(self, name: str, desk: str) -> None:
        with self.being("manager") as actor:
            found = DeskOfficer.objects.get(desk=self.desks[desk], person=self.people[name], until=None)
            custody.end_officer(actor=actor, officer=found)

    def hold(self, *names: str) -> None:
        with self.being("manager") as actor:
            for name in names:
                custody.appoint_holder(actor=actor, person=self.people[name])

    def session(self, name: str) -> str:
        """The hash of a session of theirs."""
        person = self.people[name]
        if person.pk not in self.sessions:
            store = SessionStore()
            store["_auth_user_id"] = str(person.pk)
            store.create()
            self.sessions[person.pk] = hashed(str(store.session_key))
            with build.as_owner():
                Session.objects.filter(session_key=self.sessions[person.pk]).update(person=person)
        return self.sessions[person.pk]

    def key(self, name: str, phrase: str = PHRASE) -> UnlockedKey:
        """They make their key."""
        session = self.session(name)
        with self.being(name) as actor:
            return custody.make_key(actor=actor, session=session, passphrase=phrase).key

    def unlock(self, name: str, phrase: str = PHRASE) -> custody.Opening | None:
        session = self.session(name)
        with self.being(name) as actor:
            return custody.unlock(actor=actor, session=session, passphrase=phrase)

    def send(self, *excluded: str, text: str = "図面を渡すよう求められています", **given: Any) -> Receipt:
        """A concern that has come in."""
        receipt = Receipt.fresh()
        usual: dict[str, Any] = {
            "theme": "OTHER", "answers": {}, "files": [], "urgent": False, "consent": "LISTEN", "language": "ja",
        }  # fmt: skip
        kept_out = [self.desks[name].pk for name in excluded]
        with build.as_role("portal_intake"):
            sending.send(receipt=receipt, text=text, excluded=kept_out, **{**usual, **given})
            self.carry()
        return receipt

    def carry(self) -> None:
        rounds.carry()

    def client(self, name: str, level: int = 2) -> Client:
        return build.sign_in(self.people[name], level=level)

    def unlocked_client(self, name: str, phrase: str = PHRASE) -> Client:
        """Signed in, the key unlocked by its passphrase on the page."""
        client = self.client(name)
        answer = client.post(reverse("consultations:unlock"), {"password": phrase})
        assert answer.status_code == 302, answer.content.decode()
        return client

    def key_id(self, name: str) -> UUID:
        with build.as_owner():
            return OfficerKey.objects.get(person=self.people[name], retired=None).pk


def rows(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    """As the owner."""
    with build.as_owner(), connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return list(cursor.fetchall())
