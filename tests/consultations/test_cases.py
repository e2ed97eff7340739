"""The office's side of a case: who sees it, what is said in it, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.http import Http404

from clearance.clock import today
from consultations import tasks
from consultations.models import CaseFile, Classed, Outcome, Tombstone
from consultations.queries import board
from consultations.queries.board import Waits
from consultations.services import handling, opening, saying
from documents.services.receiving import RecordData
from intake import mailbox
from intake.agreement import fingerprint
from intake.consents import Consent
from intake.models import Case, Entry
from intake.receipt import Receipt
from tests import world as build
from tests.clearance.acts import recorded
from tests.consultations.offices import Bureau

pytestmark = pytest.mark.django_db


@pytest.fixture
def staffed(bureau: Bureau) -> Bureau:
    """甲 reads at both desks, 乙 at 技術 alone, 丙 at 取引; each has a key."""
    bureau.appoint("甲", "取引", "技術")
    bureau.appoint("乙", "技術")
    bureau.appoint("丙", "取引")
    bureau.keys = {name: bureau.key(name) for name in ("甲", "乙", "丙")}  # type: ignore[attr-defined]
    return bureau


def key(bureau: Bureau, name: str) -> Any:
    return bureau.keys[name]  # type: ignore[attr-defined]


def taken_in(bureau: Bureau, *excluded: str, **given: Any) -> Receipt:
    receipt = bureau.send(*excluded, **given)
    with build.as_role("portal_worker"):
        tasks.take_in()
    return receipt


def file_for(bureau: Bureau, name: str, receipt: Receipt) -> CaseFile:
    with bureau.being(name):
        return board.case(receipt.case_id)


def waits(bureau: Bureau, name: str, receipt: Receipt) -> str:
    return file_for(bureau, name, receipt).waits  # type: ignore[attr-defined, no-any-return]


def say(bureau: Bureau, name: str, receipt: Receipt, kind: Entry.Kind, text: str) -> None:
    file = file_for(bureau, name, receipt)
    with bureau.being(name) as actor:
        saying.say(actor=actor, unlocked=key(bureau, name), file=file, kind=kind, text=text)


def reply(bureau: Bureau, receipt: Receipt, text: str, token: str = "a") -> None:
    with build.as_role("portal_intake"):
        mailbox.reply(receipt, token=token, text=text)
        bureau.carry()


def test_a_case_is_seen_by_the_officers_it_is_sealed_to_and_by_nobody_else(staffed: Bureau) -> None:
    receipt = taken_in(staffed, "技術", text="図面の件")
    with staffed.being("丙"):
        assert [file.pk for file in board.cases()] == [receipt.case_id]
    for name in ("甲", "乙", "manager", "子"):
        with staffed.being(name):
            assert not board.cases().exists(), name
            assert not Entry.objects.exists()
            with pytest.raises(Http404):
                board.case(receipt.case_id)


def test_the_board_says_what_a_case_waits_for(staffed: Bureau) -> None:
    receipt = taken_in(staffed)
    assert waits(staffed, "甲", receipt) == Waits.NEW
    say(staffed, "甲", receipt, Entry.Kind.NOTE, "まず確認する")
    assert waits(staffed, "甲", receipt) == Waits.NEW, "a note is no answer"
    file = file_for(staffed, "甲", receipt)
    with staffed.being("甲") as actor:
        handling.triage(actor=actor, unlocked=key(staffed, "甲"), file=file, pace="NOW")
    assert waits(staffed, "甲", receipt) == Waits.FOR_US
    say(staffed, "甲", receipt, Entry.Kind.QUESTION, "いつごろからですか")
    assert waits(staffed, "乙", receipt) == Waits.FOR_THEM
    reply(staffed, receipt, "半年前からです")
    assert waits(staffed, "甲", receipt) == Waits.FOR_US
    file = file_for(staffed, "甲", receipt)
    with staffed.being("甲") as actor:
        handling.close(
            actor=actor, unlocked=key(staffed, "甲"), file=file, outcome=Outcome.ADVISED, text="助言しました"
        )
    assert waits(staffed, "甲", receipt) == Waits.CLOSED
    reply(staffed, receipt, "まだ続いています", "b")
    assert waits(staffed, "甲", receipt) == Waits.FOR_US, "whoever writes again is heard again"
    with staffed.being("甲") as actor:
        assert board.totals(actor) == {"NEW": 0, "FOR_US": 1, "FOR_THEM": 0, "CLOSED": 0, "mine": 0}


def test_the_sender_reads_what_was_shared_and_no_note(staffed: Bureau) -> None:
    receipt = taken_in(staffed)
    say(staffed, "甲", receipt, Entry.Kind.ANSWER, "お返事です")
    say(staffed, "甲", receipt, Entry.Kind.NOTE, "内輪の話")
    with build.as_role("portal_intake"):
        found = mailbox.find(receipt)
    assert found is not None
    assert [said.text for said in found.entries][1:] == ["お返事です"]
    assert found.stage == Case.Stage.READ
    with staffed.being("乙") as actor:
        opened = opening.open_case(actor=actor, unlocked=key(staffed, "乙"), file=board.case(receipt.case_id))
    assert [one.text for one in opened.notes] == ["内輪の話"]
    assert [event["target_id"] for event in recorded("consultation.answer")] == [str(receipt.case_id)]


def test_whose_mailbox_is_gone_gets_no_answer_and_the_office_still_notes(staffed: Bureau) -> None:
    receipt = taken_in(staffed)
    with build.as_role("portal_intake"):
        mailbox.forget(receipt)
        staffed.carry()
    with pytest.raises(ValidationError, match="削除"):
        say(staffed, "甲", receipt, Entry.Kind.ANSWER, "届かない")
    say(staffed, "甲", receipt, Entry.Kind.NOTE, "控え")
    file = file_for(staffed, "甲", receipt)
    with staffed.being("甲") as actor:
        handling.close(actor=actor, unlocked=key(staffed, "甲"), file=file, outcome=Outcome.NOTHING, text="控えのみ")
    assert waits(staffed, "甲", receipt) == Waits.CLOSED


@pytest.mark.parametrize("answer", [True, False])
def test_consent_counts_only_as_the_receipt_has_signed_it(staffed: Bureau, answer: bool) -> None:
    receipt = taken_in(staffed, consent="LISTEN")
    file = file_for(staffed, "甲", receipt)
    with staffed.being("甲") as actor:
        asked = saying.ask_consent(
            actor=actor, unlocked=key(staffed, "甲"), file=file, wanted=Consent.GENERAL, text="ほかの話と合わせて",
            language="ja",
        )  # fmt: skip
    with build.as_role("portal_intake"):
        shown = fingerprint(mailbox.find(receipt).questions[0].text)  # type: ignore[union-attr]
        mailbox.consent(receipt, token="c", question=asked.pk, shown=shown, answer=answer)
        staffed.carry()
    opened = peeked(staffed, "甲", receipt)
    assert opened.consent == (Consent.GENERAL if answer else Consent.LISTEN)
    forged = {"question": str(asked.pk), "answer": "yes", "signature": "AA=="}
    with staffed.being("甲"), pytest.raises(DatabaseError), transaction.atomic():
        saying.put(key(staffed, "甲"), file, Entry.Kind.CONSENT, forged)


def peeked(bureau: Bureau, name: str, receipt: Receipt) -> opening.Opened:
    with bureau.being(name):
        return opening.peek(key(bureau, name), board.case(receipt.case_id))


def test_only_a_reader_is_given_a_case(staffed: Bureau) -> None:
    receipt = taken_in(staffed, "技術")
    file = file_for(staffed, "丙", receipt)
    with staffed.being("丙") as actor:
        with pytest.raises(ValidationError):
            handling.assign(actor=actor, file=file, to=staffed.people["乙"])
        handling.hand_over(
            actor=actor, unlocked=key(staffed, "丙"), file=file, to=staffed.people["丙"], text="引き継ぎます"
        )
    assert file_for(staffed, "丙", receipt).assignee_id == staffed.people["丙"].pk


def test_two_cases_are_merged_and_reopened_as_two(staffed: Bureau) -> None:
    first, second = taken_in(staffed), taken_in(staffed)
    one, two = file_for(staffed, "甲", first), file_for(staffed, "甲", second)
    with staffed.being("甲") as actor:
        with pytest.raises(ValidationError):
            handling.merge(actor=actor, unlocked=key(staffed, "甲"), file=one, into=one)
        handling.merge(actor=actor, unlocked=key(staffed, "甲"), file=one, into=two)
        with pytest.raises(ValidationError):
            handling.merge(actor=actor, unlocked=key(staffed, "甲"), file=two, into=one)
    assert waits(staffed, "甲", first) == Waits.CLOSED
    with staffed.being("甲") as actor:
        handling.reopen(actor=actor, file=one)
        handling.mark_repeat(actor=actor, file=one, of=two)
    file = file_for(staffed, "甲", first)
    assert (file.merged_into_id, file.repeat_of_id) == (None, second.case_id)


def test_what_was_taken_into_the_record_is_never_destroyed(staffed: Bureau) -> None:
    receipt = taken_in(staffed)
    file = file_for(staffed, "甲", receipt)
    with staffed.being("甲") as actor:
        handling.take_up(
            actor=actor, unlocked=key(staffed, "甲"), file=file, data=RecordData("相談対応記録", "5", "DESTROY")
        )
        with pytest.raises(ValidationError):
            handling.ask_destruction(actor=actor, file=file)
        handling.classify(actor=actor, file=file, classed=Classed.WHISTLEBLOWING)
    assert peeked(staffed, "甲", receipt).record_file == "相談対応記録"
    with build.as_role("portal_worker"):
        for _ in range(3):
            tasks.destroy_due()
    assert file_for(staffed, "甲", receipt).destroy_on is None
    with build.as_owner(), pytest.raises(DatabaseError), transaction.atomic():
        CaseFile.objects.filter(pk=file.pk).update(destroy_on=today())


def aged(receipt: Receipt, **fields: Any) -> None:
    with build.as_owner():
        CaseFile.objects.filter(pk=receipt.case_id).update(**fields)


def consent_given(bureau: Bureau, receipt: Receipt) -> bool:
    from consultations import case_database

    with bureau.being("manager"):
        return case_database.consent(receipt.case_id, "府公第123号")


def run_daily() -> None:
    with build.as_role("portal_worker"):
        tasks.destroy_due()


def test_a_case_is_destroyed_on_its_day_warned_of_twice_and_with_a_consent(staffed: Bureau) -> None:
    receipt = taken_in(staffed)
    day = today()
    aged(receipt, destroy_on=day)
    with build.as_owner():
        Entry.objects.update(day=day - timedelta(days=400))
    run_daily()
    file = file_for(staffed, "甲", receipt)
    assert (file.warned_first_on, file.destroy_on) == (day, day + timedelta(days=30)), (
        "nobody has less than thirty days"
    )
    aged(receipt, warned_first_on=day - timedelta(days=30), destroy_on=day)
    run_daily()
    file = file_for(staffed, "甲", receipt)
    assert (file.warned_last_on, file.destroy_on) == (day, day + timedelta(days=7))
    aged(receipt, destroy_on=day)
    run_daily()
    assert file_for(staffed, "甲", receipt), "without a consent it stays"
    with staffed.being("甲"):
        from consultations import case_database

        assert not case_database.consent(receipt.case_id, "勝手に"), "only the manager records one"
        assert case_database.to_destroy(365) == []
    assert consent_given(staffed, receipt)
    aged(receipt, destroy_on=day - timedelta(days=1))
    run_daily()
    with build.as_role("portal_worker"):
        from consultations import case_database

        assert case_database.destroy(receipt.case_id) is None, "what was said on the day may be still on its way"
    assert file_for(staffed, "甲", receipt)
    aged(receipt, destroy_on=day - timedelta(days=2))
    run_daily()
    run_daily()
    with staffed.being("甲"):
        assert not board.cases().exists()
    with build.as_owner():
        assert not Case.objects.exists()
        stone = Tombstone.objects.get()
    assert (stone.pk, stone.consent_reference, stone.destroyed_on) == (receipt.case_id, "府公第123号", day)
    assert len(recorded("consultation.destroy")) == 1
    with build.as_role("portal_intake"):
        assert mailbox.find(receipt) is None


def test_whoever_comes_back_keeps_the_case_and_takes_back_the_consent(staffed: Bureau) -> None:
    receipt = taken_in(staffed)
    day = today()
    aged(receipt, destroy_on=day, warned_first_on=day - timedelta(days=40), warned_last_on=day - timedelta(days=9))
    assert consent_given(staffed, receipt)
    aged(receipt, consent_on=day - timedelta(days=8))
    reply(staffed, receipt, "また来ました")
    run_daily()
    file = file_for(staffed, "甲", receipt)
    assert (file.consent_reference, file.warned_first_on) == ("", None)
    assert file.destroy_on == day + timedelta(days=365)


def test_the_worker_destroys_nothing_by_sql_that_is_not_due(staffed: Bureau) -> None:
    from consultations import case_database

    receipt = taken_in(staffed)
    with build.as_role("portal_worker"):
        assert case_database.destroy(receipt.case_id) is None
    with staffed.being("甲"), pytest.raises(DatabaseError), transaction.atomic():
        case_database.destroy(receipt.case_id)


def test_letters_say_that_something_waits_once_a_day_and_nothing_else(staffed: Bureau) -> None:
    receipt = taken_in(staffed, "技術", urgent=True, text="秘密の図面", theme="HANDOVER")
    assert [letter.to for letter in mail.outbox] == [[staffed.people["丙"].email]]
    with build.as_role("portal_worker"):
        tasks.take_in()
        tasks.remind()
        tasks.remind()
    assert len(mail.outbox) == 2, "one at once, one that day"
    with build.as_owner():
        Case.objects.update(received_on=today() - timedelta(days=100))
    with build.as_role("portal_worker"):
        tasks.remind()
        tasks.remind()
    assert [letter.to[0] for letter in mail.outbox[2:]] == [staffed.people["manager"].email]
    assert "1件" in mail.outbox[2].body
    told = "".join(letter.subject + letter.body for letter in mail.outbox)
    for word in ("秘密", "図面", board.reference(receipt.case_id), str(receipt.case_id), str(today().year), "取引"):
        assert word not in told, word


@pytest.mark.parametrize(
    "forged",
    [
        {"by_sender": True, "shared": True, "kind": "REPLY"},
        {"by_sender": True, "shared": True, "kind": "CONSENT"},
    ],
)
def test_the_database_lets_nobody_speak_as_the_sender(staffed: Bureau, forged: dict[str, Any]) -> None:
    receipt = taken_in(staffed)
    with staffed.being("甲"), pytest.raises(DatabaseError), transaction.atomic():
        Entry(id=receipt.entry_id("x"), case_id=receipt.case_id, place=9, day=today(), sealed=b"x", **forged).save(
            force_insert=True
        )
    for change in (Entry.objects.all().delete, lambda: Entry.objects.update(by_sender=False)):
        with staffed.being("甲"), pytest.raises(DatabaseError), transaction.atomic():
            change()
