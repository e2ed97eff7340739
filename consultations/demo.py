"""The demo's desks and anonymous cases: one of each state, all made up, dated from the day the demo world is made.

The two officers' keys are wrapped under one passphrase that the demo's page shows, and one sender's words stand there,
too: so that both sides of a conversation can be tried.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Person
from clearance.clock import today
from intake import database, directory, sending
from intake.acknowledgement import unsigned
from intake.models import Case, Desk, Entry
from intake.receipt import ENTROPY, Receipt
from intake.sealing import Header, seal_entry
from intake.words import to_words
from vault import passphrases
from vault.hybrid import PrivateKey

from .custody import UnlockedKey
from .models.cases import AnswerTemplate, CaseFile
from .models.custody import DeskOfficer, KeyWrap, OfficerKey
from .retention import kept_until
from .services.custody.unlocking import passphrase_place
from .services.opening import keys_of

PASSPHRASE = "円卓の見本の合言葉は架空です"  # noqa: S105 - of made-up people
OFFICERS = {
    "official": ("取引相談窓口",),
    "second_official": ("取引相談窓口", "技術相談窓口"),
    "anzen_kanda": ("技術相談窓口",),
}
MANAGER = "second_clearance_officer"
DESKS = (
    ("取引相談窓口", "Trading desk", "取引で困っていることを聞きます。", "Hears about trouble in trading."),
    ("技術相談窓口", "Technology desk", "技術の流出の心配を聞きます。", "Hears about worries that technology leaks."),
)


@dataclass(frozen=True)
class Told:
    """A made-up case: it came `days` ago; then what was said, by whom (`+` the sender, `-` the office, `?` asking)."""

    theme: str
    text: str
    days: int
    consent: str = "LISTEN"
    urgent: bool = False
    excluded: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    then: tuple[tuple[str, str], ...] = ()
    closed: bool = False


CASES = (
    Told(
        "HANDOVER",
        "取引先から、検査のデータと図面をすべて渡すように言われました。断ると次の仕事はないそうです。", 1,
        urgent=True, answers={"handover-how": "打合せのときに口で言われました"},
    ),
    Told(
        "ABROAD", "海外の会社から共同開発の話があり、材料の配合まで教えるように求められています。", 4,
        consent="GENERAL", excluded=("技術相談窓口",),
    ),
    Told(
        "TERMS", "値段を一方的に下げられました。書面はもらっていません。", 9, consent="UNNAMED",
        then=(
            ("-", "ご相談ありがとうございます。取適法で守られる点を説明します。"),
            ("+", "ありがとうございます。もう少し考えます。"),
        ),
    ),
    Told(
        "PEOPLE", "熟練の担当者が、海外の会社から何度も誘われています。", 20, consent="GENERAL",
        then=(("?", "いつごろから誘いがありますか。「春ごろ」などで結構です。"),),
    ),
    Told(
        "CAPITAL", "出資の話がありましたが、相手の正体が分かりません。", 60, consent="GENERAL",
        then=(("-", "確認の進め方をお伝えしました。専門の窓口もあわせてご案内します。"),), closed=True,
    ),
)  # fmt: skip


@transaction.atomic
def make_consultations(people: Mapping[str, Person]) -> None:
    """Desks, keys and cases, once. Run by the owner."""
    if Desk.objects.exists():
        return
    desks = {
        ja: Desk.objects.create(name_ja=ja, name_en=en, about_ja=about_ja, about_en=about_en, place=place)
        for place, (ja, en, about_ja, about_en) in enumerate(DESKS)
    }
    keys = {name: _key(people[name], [desks[desk] for desk in OFFICERS[name]], people[MANAGER]) for name in OFFICERS}
    AnswerTemplate.objects.create(
        desk=desks["取引相談窓口"], title="受付のお知らせ",
        body_ja="ご相談を受け付けました。担当者が読み、7開庁日以内に返事をします。",
        body_en="We have received your concern. An officer will read it and answer within seven working days.",
    )  # fmt: skip
    for number, told in enumerate(CASES):
        _case(receipt(number), told, desks, keys["official"], people["official"])


def receipt(number: int) -> Receipt:
    """The same for each demo world, or nobody could show it; nothing else is sealed to it."""
    return Receipt(hashlib.sha256(f"entaku demo {number}".encode()).digest()[:ENTROPY])


def words(language: str) -> str:
    """What the sender of the third case kept on their slip."""
    return " ".join(to_words(receipt(2).entropy, language))


def _key(person: Person, desks: Iterable[Desk], manager: Person) -> UnlockedKey:
    private = PrivateKey.generate()
    public = private.public.to_bytes()
    key = OfficerKey.objects.create(person=person, public=public)
    wrapped = passphrases.wrap(private.seed, PASSPHRASE, aad=passphrase_place(key.pk))
    KeyWrap.objects.create(person=person, key=key, wrapped=wrapped)
    for desk in desks:
        DeskOfficer.objects.create(desk=desk, person=person, appointed_by=manager)  # and the key is entered there
    return UnlockedKey(key.pk, private, timezone.now())


def _case(given: Receipt, told: Told, desks: Mapping[str, Desk], key: UnlockedKey, officer: Person) -> None:
    excluded = [desks[name].pk for name in told.excluded]
    bundle = sending.seal(
        receipt=given, header=Header(told.theme, told.consent, tuple(str(each) for each in excluded)), text=told.text,
        answers=told.answers, files=[], readers=directory.allowed(directory.from_database(), excluded),
        urgent=told.urgent, way=Case.Way.WEB, sign=unsigned,
    )  # fmt: skip
    database.deliver(bundle)
    day = today() - timedelta(days=told.days)
    Case.objects.filter(pk=given.case_id).update(received_on=day)
    Entry.objects.filter(case=given.case_id).update(day=day)
    last = _then(given.case_id, told, key, day)
    file = CaseFile(case_id=given.case_id, destroy_on=kept_until(last))
    if told.then:
        file.triaged_on, file.triaged_by, file.assignee = day, officer, officer
        Case.objects.filter(pk=given.case_id).update(stage=Case.Stage.READ)
    if told.closed:
        file.closed_on, file.closed_by, file.closed_place, file.outcome = last, officer, len(told.then), "ADVISED"
        Case.objects.filter(pk=given.case_id).update(stage=Case.Stage.CLOSED)
    file.save(force_insert=True)


KINDS = {"+": Entry.Kind.REPLY, "-": Entry.Kind.ANSWER, "?": Entry.Kind.QUESTION}


def _then(case: UUID, told: Told, key: UnlockedKey, day: date) -> date:
    """What was said after the concern, a day apart; the last day of it."""
    keys = keys_of(key, case)
    for place, (who, text) in enumerate(told.then, start=1):
        kind, entry, day = KINDS[who], receipt(0).entry_id(f"{case} {place}"), day + timedelta(days=1)
        sealed = seal_entry(keys, case_id=case, entry_id=entry, kind=kind, content={"text": text})
        Entry.objects.create(
            id=entry, case_id=case, place=place, kind=kind, day=day, by_sender=who == "+", sealed=sealed
        )
    return day
