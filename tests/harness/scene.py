"""The scene: a supply-chain room with something of every kind under HI//SEMICON, and a canary word in each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import default_token_generator
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.services.invitations import issue
from audit.models import Event, Seal
from clearance.markings import marking
from clearance.models import CircleInvitation, HandlerEntry, LimitLift, Role
from dialogues.models import Message, Room, Thread
from dialogues.services import membership, speaking
from documents.demo.pdf import pdf
from documents.models import Document, RelabelRequest
from documents.rendering import pdf as drawing
from documents.rendering.pages import Page
from documents.services import relabelling
from portal.tasks import seal_audit_log
from tests import world as build
from tests.accounts.doing import factors
from tests.dialogues import scenes
from tests.documents.acting import hand_over
from tests.harness.office import Office, open_office
from tests.harness.press import Press, open_press
from tests.remembered import Remembered
from tests.world import World

# One word for each protected thing: unlike anything else, and plain in every encoding a page may use.
WORDS = {
    "title": "qzx-title-canary",
    "file name": "qzx-filename-canary",
    "content": "qzx-content-canary",
    "thread": "qzx-thread-canary",
    "message": "qzx-message-canary",
    "answer": "qzx-answer-canary",
    "reason": "qzx-reason-canary",
    "consent": "qzx-consent-canary",
    "room": "qzx-room-canary",
    "purpose": "qzx-purpose-canary",
    "concern": "qzx-concern-canary",
    "concern's file": "qzx-attached-canary",
    "office's answer": "qzx-reply-canary",
    "office's note": "qzx-note-canary",
    "finding": "qzx-finding-canary",
    "briefing": "qzx-briefing-canary",
    "section": "qzx-section-canary",
    "draft": "qzx-draft-canary",
    "bureau": "qzx-bureau-canary",
    "audience": "qzx-audience-canary",
}
# Known to whoever may know the room; the others are under HI//SEMICON, but for a briefing's head.
OF_THE_ROOM = {"room", "purpose"}
# The head of a briefing lies under SENSITIVE in the same circle.
OF_THE_HEAD = {"briefing"}
# What officials write, and for whom: under SENSITIVE and HI//SEMICON.
OF_THE_PRESS = {"bureau", "audience", "draft"}
# Of what lies under HI//SEMICON, for officials alone: why a document is to be let out further.
OF_OFFICIALS = {"reason", "consent"}
# Of an anonymous case and what was drawn from it: for the one officer it is sealed to, whose key is unlocked.
OF_THE_CASE = {"concern", "concern's file", "office's answer", "office's note", "finding"}

# Who looks, and what their session has proved.
PERSONAS: dict[str, tuple[str, int]] = {
    "official": ("official", 2),
    "official by password": ("official", 1),
    "second official": ("second_official", 2),
    "clearance officer": ("clearance_officer", 2),
    "secretary": ("secretary", 2),
    "engineer": ("engineer", 2),
    "colleague": ("colleague", 2),
    "expired": ("expired", 2),
    "foreign": ("foreign", 2),
    "invited": ("invited", 2),
    "outsider": ("outsider", 2),
    "auditor": ("auditor", 2),
}
READERS = ("official", "second official", "secretary", "engineer")
# Which of the words each may come across; nobody else any.
KNOWN: dict[str, set[str]] = {
    "official": set(WORDS),
    "official by password": OF_THE_ROOM | OF_THE_HEAD | OF_THE_PRESS - {"draft"},
    "second official": set(WORDS) - OF_THE_CASE,
    "secretary": set(WORDS) - OF_OFFICIALS - OF_THE_CASE - OF_THE_PRESS,
    "engineer": set(WORDS) - OF_OFFICIALS - OF_THE_CASE - OF_THE_PRESS,
    "foreign": OF_THE_ROOM | OF_THE_HEAD,
    "invited": OF_THE_ROOM,
}


@dataclass
class Scene:
    world: World
    room: Room
    thread: Thread
    message: Message
    answer: Message
    document: Document
    request: RelabelRequest
    invitation: CircleInvitation
    entry: HandlerEntry
    lift: LimitLift
    newcomer: Person
    link: str
    office: Office
    press: Press
    blobs: dict[Path, bytes]

    def client(self, persona: str) -> Client:
        """A client signed in as the persona, or as nobody."""
        if persona == "anonymous":
            return Client()
        name, level = PERSONAS[persona]
        client = build.sign_in(self.world.people[name], level=level)
        session = client.session
        session["account_authentication_methods"][-1]["reauthenticated"] = True  # or keys are shown to nobody
        session.save()
        self.office.unlock(client, self.world.people[name], level)
        client.get(reverse("account_inactive"))  # enters the session in the database, or each request undone would
        return client

    def keys(self) -> dict[str, Any]:
        """For each parameter that stands in a URL the key of something that is there."""
        people, engineer = self.world.people, self.world.engineer
        return {
            "person": engineer.pk,
            "authorisation": engineer.authorisations.get().pk,
            "organisation": self.world.maker.pk,
            "certification": self.world.maker.certifications.get().pk,
            "item": self.entry.item_id,
            "entry": self.entry.pk,
            "lift": self.lift.pk,
            "room": self.room.pk,
            "thread": self.thread.pk,
            "message": self.message.pk,
            "member": self.world.circle.members.get(person=people["secretary"]).pk,
            "handler": self.world.circle.handlers.get(person=people["colleague"]).pk,
            "invitation": self.invitation.pk,
            "document": self.document.pk,
            "number": 1,
            "page_number": 1,
            "request_id": self.request.pk,
            "event": Event.objects.filter(target_id=str(self.document.pk)).latest("at", "id").pk,
            "size": Seal.objects.earliest("tree_size").tree_size,
            "token": self.link,
            "uidb36": user_pk_to_url_str(self.newcomer),
            "key": default_token_generator.make_token(self.newcomer),
            **self.office.keys(),
            **self.press.keys(),
            "pk": Authenticator.objects.get(user=engineer, type=Authenticator.Type.WEBAUTHN).pk,
        }

    def erase(self, persona: str) -> None:
        """Make it so that what is hidden from the persona never was: what is under HI//SEMICON, whose documents take
        their requests with them, and the anonymous case, which its officer knows of by whatever they signed in with."""
        with build.as_owner():
            self.press.erase(head=not OF_THE_HEAD & KNOWN.get(persona, set()))
            Message.objects.all().delete()
            Thread.objects.all().delete()
            Document.objects.all().delete()
            if PERSONAS.get(persona, ("",))[0] != "official":
                self.office.erase()
            HandlerEntry.objects.all().delete()


def stage(world: World) -> Scene:
    """What `_staged` made of the small world, laid down in the test's."""
    scene = REMEMBERED.lay()
    for path, content in scene.blobs.items():
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    world.people["invited"] = scene.world.people["invited"]
    scene.world = scene.office.world = world
    return scene


def _staged(world: World) -> Scene:
    """Hand over, open, say, ask: through the services, as the people who would."""
    blobs = Path(storages["blobs"].path(""))
    there = set(blobs.rglob("*"))
    world.people["invited"] = _invited()
    content = pdf([[WORDS["content"]]])
    with drawn_once():
        document = hand_over(world, world.official, content, name=f"{WORDS['file name']}.pdf", title=WORDS["title"])
    room = scenes.scene(world, name=WORDS["room"], purpose=WORDS["purpose"])
    with scenes.being(world.official) as actor:
        paper = Document.objects.get(pk=document.pk)
        thread = speaking.start_thread(
            actor=actor, room=room, title=WORDS["thread"], body=WORDS["message"], marking=world.hi_semicon,
            documents=[paper],
        )  # fmt: skip
        request = relabelling.propose(
            actor=actor, document=paper, marking=marking(1), reason=WORDS["reason"], consent=WORDS["consent"]
        )
        invitation = membership.invite(
            actor=actor, room=room, email=world.invited.email, whole_organisation=False, role=Role.PARTICIPANT
        )
    answer = scenes.say(thread, world.engineer, WORDS["answer"])
    factors(world.engineer)
    with build.as_owner():
        message = Message.objects.exclude(pk=answer.pk).get()
        entry = HandlerEntry.objects.create(item_id=document.pk, person=world.engineer, entered_by=world.official)
        lift = LimitLift.objects.create(
            person=world.engineer,
            day=timezone.localdate(),
            more=100,
            reason="急ぎの調査",
            asked_by=world.second_official,
        )
        newcomer = build.person(world.maker, "新 来子")
        _invitation, link = issue(newcomer)
    office = open_office(world, WORDS)
    press = open_press(world, WORDS)
    with build.as_role("portal_worker"):
        seal_audit_log()
    stored = {path: path.read_bytes() for path in blobs.rglob("*") if path.is_file() and path not in there}
    return Scene(
        world, room, thread, message, answer, document, request, invitation, entry, lift, newcomer, link, office, press,
        stored,
    )  # fmt: skip


REMEMBERED = Remembered(_staged, build.as_owner, upon=build.REMEMBERED)


@contextmanager
def drawn_once() -> Iterator[None]:
    """The scene's one file is drawn, in its process of its own, the first time alone."""

    def pages(pieces: Iterable[bytes], *, progress: Callable[[int], None]) -> list[Page]:
        return _drawn(b"".join(pieces))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "pages", pages)
        yield


@cache
def _drawn(content: bytes) -> list[Page]:
    return list(_DRAW([content], progress=lambda _percent: None))


_DRAW = drawing.pages


def _invited() -> Person:
    """Somebody with all the authorisation there is to be had, who has been asked in and has not answered."""
    with build.as_owner():
        firm = build.organisation("招待先工業（架空）")
        build.agreement(firm)
        person = build.person(firm, "招 待子")
        build.authorise(person, 2, "SEMICON")
    return person
