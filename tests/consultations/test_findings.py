"""Findings: drawn from several cases, judged by the rule, approved by another, released; and the statistics."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils.translation import override

from accounts.services import NotAllowed
from clearance.markings import marking
from consultations import case_database
from consultations.findings import drafting, releasing, statistics, wording
from consultations.findings.sealing import Draft, open_draft
from consultations.models import CaseFile, Finding
from consultations.queries import board
from consultations.services import custody
from dialogues.models import Thread
from disclosure.models import Release
from disclosure.services import Withheld
from intake import mailbox
from intake.agreement import fingerprint
from intake.models import Envelope
from intake.receipt import Receipt
from tests import world as build
from tests.clearance.acts import recorded
from tests.consultations.offices import Bureau
from tests.consultations.test_cases import key, staffed, taken_in
from tests.dialogues import scenes
from vault import Unreadable

pytestmark = pytest.mark.django_db
__all__ = ["staffed"]
TEXT = Draft("図面の要求が増えている", "検査データまで求められる例が複数ある。", firms=200, people=5000)


def drafted(bureau: Bureau, receipts: list[Receipt], name: str = "甲", draft: Draft = TEXT) -> Finding:
    with bureau.being(name) as actor:
        files = [board.case(receipt.case_id) for receipt in receipts]
        return drafting.begin(actor=actor, unlocked=key(bureau, name), cases=files, draft=draft)


def ask(bureau: Bureau, finding: Finding, name: str = "甲") -> None:
    with bureau.being(name) as actor:
        drafting.ask(actor=actor, unlocked=key(bureau, name), finding=finding)


def answer(bureau: Bureau, finding: Finding, name: str, *, approve: bool = True, revision: int = 1) -> None:
    with bureau.being(name) as actor:
        drafting.answer(actor=actor, unlocked=key(bureau, name), finding=finding, revision=revision, approve=approve)


def judged(bureau: Bureau, finding: Finding, name: str = "甲") -> drafting.Judged:
    with bureau.being(name):
        return drafting.judge(unlocked=key(bureau, name), finding=Finding.objects.get(pk=finding.pk))


def several(bureau: Bureau, number: int, **given: Any) -> list[Receipt]:
    return [taken_in(bureau, **{"consent": "GENERAL", **given}) for _ in range(number)]


def test_five_senders_behind_it_another_officer_and_then_the_room(staffed: Bureau) -> None:
    world = staffed.world
    room = scenes.scene(world)
    with build.as_owner():
        build.authorise(staffed.people["甲"], 2, "SEMICON", basis="OFFICIAL")
        build.join(world.circle, staffed.people["甲"])
    finding = drafted(staffed, several(staffed, 5))
    assert judged(staffed, finding).fit
    with pytest.raises(NotAllowed):
        answer(staffed, finding, "乙")
    ask(staffed, finding)
    with pytest.raises(NotAllowed):
        answer(staffed, finding, "甲")
    answer(staffed, finding, "乙")
    with pytest.raises(NotAllowed):
        answer(staffed, finding, "丙")
    with staffed.being("甲") as actor:
        releasing.release(
            actor=actor, unlocked=key(staffed, "甲"), finding=finding, room=room, marking=marking(1),
            way=releasing.MESSAGE,
        )  # fmt: skip
        with pytest.raises(NotAllowed):
            releasing.release(
                actor=actor, unlocked=key(staffed, "甲"), finding=finding, room=room, marking=marking(1),
                way=releasing.MESSAGE,
            )  # fmt: skip
    with build.being(world.engineer):
        thread = Thread.objects.get(room=room)
        assert (thread.title, "5者以上" in thread.messages.get().body) == (TEXT.title, True)
    assert [event["detail"]["as"] for event in recorded("finding.release")] == ["MESSAGE"]
    with build.as_owner():
        assert Release.objects.count() == 1


def asked(bureau: Bureau, finding: Finding) -> int:
    with bureau.being("甲") as actor:
        return drafting.ask_sender(actor=actor, unlocked=key(bureau, "甲"), finding=finding, text="対話の場に出します")


def changed(bureau: Bureau, finding: Finding, draft: Draft) -> None:
    with bureau.being("甲") as actor:
        drafting.change(actor=actor, unlocked=key(bureau, "甲"), finding=finding, draft=draft)


def agree(bureau: Bureau, receipt: Receipt) -> str:
    """The sender says yes to the last question; what they were asked."""
    with build.as_role("portal_intake"):
        question = mailbox.find(receipt).questions[-1]  # type: ignore[union-attr]
        shown = fingerprint(question.text)
        mailbox.consent(receipt, token=question.text, question=question.id, shown=shown, answer=True)
        bureau.carry()
    return question.text


def test_of_one_sender_is_told_what_they_agreed_to_to_the_letter(staffed: Bureau) -> None:
    (receipt,) = several(staffed, 1, consent="LISTEN")
    draft = replace(TEXT, industry="SEMICON", region="KANTO")
    finding = drafted(staffed, [receipt], draft=draft)
    assert not judged(staffed, finding).fit
    with pytest.raises(ValidationError):
        ask(staffed, finding)
    assert asked(staffed, finding) == 1
    words = agree(staffed, receipt)
    now = judged(staffed, finding)
    assert now.fit
    assert words.endswith(f"「{TEXT.title}」\n{wording.released(now.draft, now.verdict)}")
    with override("en"):
        assert words.endswith(wording.released(draft, now.verdict)), "they agreed to these words"
    ask(staffed, finding)
    for other in (replace(draft, region=""), draft):
        changed(staffed, finding, other)
        assert not judged(staffed, finding).fit, "what was asked is compared with its facts, and its revision"


@pytest.mark.parametrize("number", [2, 5])
def test_no_sender_is_shown_a_finding_that_others_told_of(staffed: Bureau, number: int) -> None:
    receipts = several(staffed, number, consent="LISTEN")
    finding = drafted(staffed, receipts)
    with pytest.raises(ValidationError, match="二人以上"):
        asked(staffed, finding)
    with build.as_role("portal_intake"):
        assert not any(mailbox.find(receipt).questions for receipt in receipts)  # type: ignore[union-attr]
    if number > 2:
        return
    client, page = staffed.unlocked_client("甲"), reverse("consultations:finding_consent", args=[finding.pk])
    for shown in (client.get(page), client.post(page, {"text": "対話の場に出します"})):
        assert ("二人以上" in shown.content.decode(), TEXT.text in shown.content.decode()) == (True, False)
    assert page not in client.get(reverse("consultations:finding", args=[finding.pk])).content.decode()
    with build.as_owner():
        CaseFile.objects.filter(pk=receipts[0].case_id).update(repeat_of=receipts[1].case_id)
    assert asked(staffed, finding) == 2, "one sender who came twice"


def test_what_is_only_to_be_heard_or_was_withdrawn_is_used_in_nothing(staffed: Bureau) -> None:
    receipts = [*several(staffed, 5), *several(staffed, 1, consent="LISTEN")]
    assert not judged(staffed, drafted(staffed, receipts)).fit
    finding = drafted(staffed, receipts[:5])
    ask(staffed, finding)
    with build.as_role("portal_intake"):
        mailbox.withdraw(receipts[0], token="w")
        staffed.carry()
    with pytest.raises(ValidationError):
        answer(staffed, finding, "乙")


def test_whoever_reads_a_case_behind_it_no_more_approves_nothing(staffed: Bureau) -> None:
    receipts = several(staffed, 6)
    finding = drafted(staffed, receipts)
    ask(staffed, finding)
    with staffed.being("甲") as actor:
        custody.rekey(
            actor=actor, unlocked=key(staffed, "甲"), case=receipts[0].case_id, without={key(staffed, "乙").key_id}
        )
    with pytest.raises(ValidationError):
        answer(staffed, finding, "乙")
    answer(staffed, finding, "丙")


def linked(links: dict[Receipt, Receipt], how: str = "repeat_of") -> None:
    with build.as_owner():
        for later, earlier in links.items():
            CaseFile.objects.filter(pk=later.case_id).update(**{how: earlier.case_id})


def test_one_sender_who_comes_five_times_is_one_source(staffed: Bureau) -> None:
    receipts = several(staffed, 5)
    finding = drafted(staffed, receipts)
    assert judged(staffed, finding).fit
    unseen = several(staffed, 1)[0]
    with build.as_owner():
        Envelope.objects.filter(case=unseen.case_id).delete()
    first, second, *others = receipts
    ways = {
        "all of one": dict.fromkeys(receipts[1:], first),
        "one after the other": dict(zip(receipts[1:], receipts, strict=False)),
        "of one that nobody here reads": dict.fromkeys(receipts, unseen),
        "in a ring": {first: second, second: first, **dict.fromkeys(others, first)},
    }
    for name, links in ways.items():
        with build.as_owner():
            CaseFile.objects.update(repeat_of=None)
        linked(links)
        assert len(judged(staffed, finding).statement.sources) == 1, name
    linked({first: others[0]}, "merged_into")
    assert not judged(staffed, finding).fit


def test_whom_a_sender_kept_out_learns_neither_their_case_nor_its_day(staffed: Bureau) -> None:
    one, other = taken_in(staffed, "技術"), taken_in(staffed, "技術")
    linked({one: other})
    with staffed.being("乙"):
        assert not board.cases().exists()
        ((quarter, source, classed),) = case_database.received()
        assert (quarter.month % 3, quarter.day, classed) == (1, 1, "CONSULTATION")
        assert not {str(one.case_id), str(other.case_id)} & {source, str(UUID(source[:32]))}
        assert set(case_database.roots([one.case_id, other.case_id]).values()) == {source}
    with build.being(staffed.world.engineer):
        assert case_database.received() == []
        assert case_database.roots([one.case_id]) == {one.case_id: None}


def test_a_draft_is_read_by_those_alone_who_read_every_case_behind_it(staffed: Bureau) -> None:
    finding = drafted(staffed, [*several(staffed, 1), taken_in(staffed, "技術", consent="GENERAL")], name="丙")
    for name in ("甲", "乙", "manager"):
        with staffed.being(name):
            assert not Finding.objects.exists(), name
    with staffed.being("丙"):
        assert open_draft(key(staffed, "丙"), finding) == TEXT
        with pytest.raises(Unreadable):
            open_draft(key(staffed, "甲"), finding)


FORGED = {
    "approve one's own": ("甲", {"state": "APPROVED"}),
    "approve in another's name": ("乙", {"state": "APPROVED", "approved_by": "丙"}),
    "release unapproved": ("甲", {"state": "RELEASED", "released_on": date(2026, 11, 22), "approved_by": "乙"}),
    "change what was asked": ("乙", {"sealed": b"another"}),
}


@pytest.mark.parametrize("how", FORGED)
def test_the_database_holds_the_second_pair_of_eyes(staffed: Bureau, how: str) -> None:
    finding = drafted(staffed, several(staffed, 5))
    ask(staffed, finding)
    who, fields = FORGED[how]
    given = {**fields, **({"approved_by": staffed.people[fields["approved_by"]]} if "approved_by" in fields else {})}
    if given.get("state") in ("APPROVED", "RELEASED"):
        given.setdefault("approved_by", staffed.people[who])
        given["approved_on"] = date(2026, 11, 22)
    with staffed.being(who), pytest.raises(DatabaseError), transaction.atomic():
        Finding.objects.filter(pk=finding.pk).update(**given)


def test_a_quarter_is_told_once_and_then_the_same(staffed: Bureau) -> None:
    receipts = several(staffed, 18)
    with build.as_owner():
        CaseFile.objects.filter(pk__in=[each.case_id for each in receipts[:9]]).update(classed="SUBCONTRACT")
    quarter = statistics.quarters(date(2027, 1, 15))[0]
    assert quarter.months == [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
    with staffed.being("manager") as actor:
        assert not statistics.shown(quarter, statistics.BY_CLASS, unlocked=None).told
        with transaction.atomic():
            told = statistics.tell(actor=actor, quarter=quarter, by=statistics.BY_CLASS, unlocked=None)
        again = statistics.shown(quarter, statistics.BY_CLASS, unlocked=None)
        assert (again.told, again.bars) == (True, told.bars)
    with staffed.being("甲") as actor:
        theme = statistics.shown(quarter, statistics.BY_THEME, unlocked=key(staffed, "甲"))
        assert not theme.told
    with build.being(staffed.world.engineer):
        assert statistics.shown(quarter, statistics.BY_CLASS, unlocked=None).bars == []


def test_a_few_cases_are_counted_for_nobody(staffed: Bureau) -> None:
    several(staffed, 3)
    quarter = statistics.quarters(date(2027, 1, 15))[0]
    with staffed.being("manager") as actor, pytest.raises(Withheld):
        statistics.tell(actor=actor, quarter=quarter, by=statistics.BY_CLASS, unlocked=None)


def test_on_the_pages_from_draft_to_room(staffed: Bureau) -> None:
    world = staffed.world
    room = scenes.scene(world)
    with build.as_owner():
        build.authorise(staffed.people["甲"], 2, "SEMICON", basis="OFFICIAL")
        build.join(world.circle, staffed.people["甲"])
    receipts = several(staffed, 5)
    mine, other = staffed.unlocked_client("甲"), staffed.unlocked_client("乙")
    empty = mine.get(reverse("consultations:findings")).content.decode()
    assert "知見はまだありません" in empty
    given = {
        "cases": [str(receipt.case_id) for receipt in receipts], "title": TEXT.title, "text": TEXT.text,
        "industry": "", "region": "", "firms": "200", "people": "",
    }  # fmt: skip
    assert (
        "もとになる事案" in mine.post(reverse("consultations:finding_draft"), {**given, "cases": []}).content.decode()
    )
    made = mine.post(reverse("consultations:finding_draft"), given)
    assert made.status_code == 302
    page = made["Location"]
    assert "公開の決まりを満たしています" in mine.get(page).content.decode()
    decide = page + "decide/"
    mine.post(decide, {"ask": "1"})
    shown = other.get(page).content.decode()
    assert TEXT.text in shown
    assert "承認する" in shown
    other.post(decide, {"approve": "1", "revision": "1"})
    assert state(page) == "ASKED", "the tick is missing"
    other.post(decide, {"approve": "1", "revision": "1", "confirmed": "on"})
    assert state(page) == "APPROVED"
    release = page + "release/"
    assert room.name in mine.get(release).content.decode()
    second = mine.post(release, {"room": str(room.pk), "way": "DOCUMENT"}).content.decode()
    assert "格付・取扱制限" in second
    marked = second.split('name="marking" value="')[1].split('"')[0]
    final = {"room": str(room.pk), "way": "DOCUMENT", "marking": marked, "confirmed": "on"}
    assert mine.post(release, final).status_code == 302
    assert state(page) == "RELEASED"
    assert staffed.client("甲").get(page)["Location"].startswith(reverse("consultations:unlock"))


def state(page: str) -> str:
    with build.as_owner():
        return Finding.objects.get(pk=UUID(page.rstrip("/").rsplit("/", 1)[-1])).state


def test_only_what_may_be_used_is_offered_and_the_cases_are_changed_too(staffed: Bureau) -> None:
    (silent,) = several(staffed, 1, consent="LISTEN")
    client = staffed.unlocked_client("甲")
    assert "知見に使える相談はまだありません" in client.get(reverse("consultations:finding_draft")).content.decode()
    usable, other = several(staffed, 2)
    offered = client.get(reverse("consultations:finding_draft")).content.decode()
    assert str(silent.case_id) not in offered
    assert f"｜だれの話か分からない形でなら、使ってよい {board.reference(usable.case_id)}" in offered
    finding = drafted(staffed, [silent, usable])
    change = reverse("consultations:finding_change", args=[finding.pk])
    assert str(silent.case_id) in client.get(change).content.decode(), "to be unticked"
    given = {"cases": [str(usable.case_id), str(other.case_id)], "title": TEXT.title, "text": TEXT.text}
    assert client.post(change, given).status_code == 302
    assert {each.file.pk for each in judged(staffed, finding).cases} == {usable.case_id, other.case_id}
    with staffed.being("乙"):
        assert open_draft(key(staffed, "乙"), Finding.objects.get(pk=finding.pk)) == Draft(TEXT.title, TEXT.text)


def test_a_finding_says_who_can_review_it_or_what_keeps_everybody_out(staffed: Bureau) -> None:
    both, own = several(staffed, 2)
    client = staffed.unlocked_client("甲")
    shared = reverse("consultations:finding", args=[drafted(staffed, [both]).pk])
    page = client.get(shared).content.decode()
    assert "確認できる方：" in page
    assert "担当 乙" in page.split("確認できる方：")[1].split("</p>")[0]
    assert "担当 甲" not in page.split("確認できる方：")[1].split("</p>")[0]
    with build.as_owner():
        Envelope.objects.filter(case=own.case_id).exclude(key_id=staffed.key_id("甲")).delete()
    alone = reverse("consultations:finding", args=[drafted(staffed, [both, own]).pk])
    page = client.get(alone).content.decode()
    assert f"事案{board.reference(own.case_id)}を外すと、確認を依頼できます" in page
    assert "確認を依頼する" not in page


def test_quarters_are_named_by_their_months_and_begin_with_the_desk(staffed: Bureau) -> None:
    quarter = statistics.quarters(date(2026, 11, 15))[0]
    assert quarter.label == "2026年7月〜9月"
    with override("en"):
        assert quarter.label == "July to September 2026"
    with staffed.being("甲"):
        assert statistics.since_opened(statistics.quarters(date(2020, 1, 1))) == []
    assert (
        "まだ示せる統計はありません" in staffed.client("甲").get(reverse("consultations:statistics")).content.decode()
    )
