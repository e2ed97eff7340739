"""One official with a room of their own, and a session of theirs: what the page and stream benchmarks need."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.utils import timezone

from accounts.models import Appointment, Organisation, Person
from accounts.sessions import SessionStore
from bench.prepare import assurance
from clearance.context import acting
from clearance.markings import marking
from clearance.models import Authorisation
from dialogues.models import Room
from dialogues.services.rooms import open_room


@dataclass(frozen=True)
class Host:
    person: Person
    room: Room
    cookie: str

    def client(self) -> Client:
        return client(self.cookie)


def client(cookie: str) -> Client:
    """One that is signed in by this session's cookie."""
    made = Client()
    made.cookies[settings.SESSION_COOKIE_NAME] = cookie
    return made


def host() -> Host:
    """Made by the owner; the room through the service."""
    owner = "owner"
    long_ago = timezone.now() - timedelta(days=10)
    ministry = Organisation.objects.using(owner).create(kind="MINISTRY", name="計測庁（架空）")
    person = Person(email=f"host{time.time_ns()}@example.test", name="計測 太郎", organisation=ministry)
    person.set_unusable_password()
    person.save(using=owner)
    Appointment.objects.using(owner).create(person=person, duty=Appointment.Duty.OFFICIAL, since=long_ago)
    Authorisation.objects.using(owner).create(
        person=person, basis=Authorisation.Basis.OFFICIAL, highest=2, since=long_ago
    )
    person = Person.objects.get(pk=person.pk)  # as the web role sees it
    with acting(person=person.pk, assurance=assurance()) as actor:
        room = open_room(
            actor=actor,
            kind=Room.Kind.SUPPLY_CHAIN,
            name="計測の場",
            purpose="計測",
            ceiling=marking(2),
            marking=marking(1),
        )
    return Host(person, room, session(person))


def session(person: Person) -> str:
    """The cookie of a new session of theirs that has proved enough for level 2."""
    at = time.time()
    made = SessionStore()
    made[SESSION_KEY] = str(person.pk)
    made[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    made[HASH_SESSION_KEY] = person.get_session_auth_hash()
    made["account_authentication_methods"] = [
        {"method": "password", "at": at},
        {"method": "mfa", "type": "totp", "at": at},
    ]
    made["account_authentication_methods_user"] = str(person.pk)
    made.create()
    return str(made.session_key)
