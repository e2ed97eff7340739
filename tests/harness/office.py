"""The scene's desks: one whose officer reads an anonymous case, one that its sender excluded, and their manager."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Appointment, Person
from accounts.sessions import hashed
from consultations import custody
from consultations.custody import UnlockedKey
from consultations.findings import drafting
from consultations.findings.sealing import Draft
from consultations.models import DeskOfficer, EscrowHolder, Finding, OfficerKey, Recovery, Unlocking
from consultations.models.cases import AnswerTemplate, CaseFile
from consultations.queries import board
from consultations.services import saying
from consultations.tasks import take_in
from intake import directory, pending, rounds, sending
from intake.acknowledgement import unsigned
from intake.models import Case, Desk, Entry
from intake.receipt import Receipt
from intake.sealing import Header
from tests import world as build
from tests.world import World
from vault.hybrid import PrivateKey, new_key

HOLDER = "auditor"
# Key pairs take a while to make, and the scene is staged many times: the same ones each time.
KEYS = {name: PrivateKey.generate() for name in ("official", "second_official")}


@dataclass
class Office:
    """`official` serves at the desk that reads the case, `second_official` at the one that is excluded."""

    world: World
    desk: Desk
    officer: DeskOfficer
    holder: EscrowHolder
    recovery: Recovery
    template: AnswerTemplate
    case: Case
    entry: Entry
    finding: Finding
    rows: dict[str, OfficerKey]

    def unlock(self, client: Client, person: Person, level: int) -> None:
        """Have the officer's key lie open for this client's session, once that has proved a second factor."""
        name = next((name for name in self.rows if self.world.people[name] == person), None)
        if name is None or level < 2:
            return
        secret, session = new_key(), hashed(str(client.session.session_key))
        key = self.rows[name]
        with build.as_owner():
            sealed = custody.seal(session, person.pk, key.pk, KEYS[name].seed, secret)
            until = timezone.now() + timedelta(minutes=30)
            Unlocking.objects.create(session_id=session, person=person, key=key, sealed=sealed, until=until)
        client.cookies[settings.DESK_COOKIE_NAME] = custody.as_cookie(secret)

    def keys(self) -> dict[str, Any]:
        """For the parameters of its pages."""
        return {
            "desk": self.desk.pk, "officer": self.officer.pk, "holder": self.holder.pk, "recovery": self.recovery.pk,
            "template": self.template.pk, "case": self.case.pk, "entry_id": self.entry.pk, "finding": self.finding.pk,
            "code": "class",
        }  # fmt: skip

    def erase(self) -> None:
        """Make it so that the case and what was drawn from it never were."""
        Finding.objects.all().delete()
        Case.objects.all().delete()


def open_office(world: World, words: Mapping[str, str]) -> Office:
    """Desks, keys, a holder, a recovery that was asked for; then a case, and what the office said in it."""
    people = world.people
    manager = people["clearance_officer"]
    with build.as_owner():
        Appointment.objects.create(person=manager, duty=Appointment.Duty.DESK_MANAGER)
        desks = [Desk.objects.create(name_ja=f"窓口{n}", name_en=f"Desk {n}", place=n) for n in (1, 2)]
        rows, officers = {}, []
        for name, desk in zip(KEYS, desks, strict=True):
            public = KEYS[name].public.to_bytes()
            rows[name] = OfficerKey.objects.create(person=people[name], public=public)
            appointed = DeskOfficer.objects.create(desk=desk, person=people[name], appointed_by=manager)
            officers.append(appointed)  # and the key is entered there
        holder = EscrowHolder.objects.create(person=people[HOLDER], appointed_by=manager)
        recovery = Recovery.objects.create(
            person=people["second_official"], key=rows["second_official"], public=KEYS["official"].public.to_bytes()
        )
        template = AnswerTemplate.objects.create(desk=desks[0], title="受付のお知らせ", body_ja="受け付けました。")
    case = _sent(desks[1].pk, words)
    with build.as_role("portal_worker"):
        take_in()
    official = people["official"]
    with build.being(official) as actor:
        key = UnlockedKey(rows["official"].pk, KEYS["official"], timezone.now() + timedelta(minutes=30))
        file: CaseFile = board.case(case)
        saying.say(actor=actor, unlocked=key, file=file, kind=Entry.Kind.ANSWER, text=words["office's answer"])
        saying.say(actor=actor, unlocked=key, file=file, kind=Entry.Kind.NOTE, text=words["office's note"])
        draft = Draft(words["finding"], words["finding"], firms=200, people=5000)
        finding = drafting.begin(actor=actor, unlocked=key, cases=[file], draft=draft)
    with build.as_owner():
        entry = Entry.objects.get(case_id=case, kind=Entry.Kind.CONCERN)
        return Office(
            world, desks[0], officers[0], holder, recovery, template, Case.objects.get(pk=case), entry, finding, rows
        )


def _sent(excluded: UUID, words: Mapping[str, str]) -> UUID:
    """The id of a case as it came in by the web, with two files."""
    receipt = Receipt(os.urandom(12))
    name = words["concern's file"] + ".txt"
    files = [pending.keep([name.encode()], label=name, kind="text", cleaned=True) for _ in range(2)]
    bundle = sending.seal(
        receipt=receipt, header=Header("OTHER", "GENERAL", (str(excluded),)), text=words["concern"], answers={},
        files=files, readers=directory.allowed(directory.from_database(), [excluded]), urgent=False, way=Case.Way.WEB,
        sign=unsigned,
    )  # fmt: skip
    with build.as_role("portal_intake"):
        rounds.hand_over([bundle])
    return receipt.case_id
