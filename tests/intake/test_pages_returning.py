"""The way back in, on another device and another day: what the words open, and what can be done there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError

from consultations.retention import kept_until
from intake import days, directory, rounds, shown, spool
from intake.agreement import agreed
from intake.models import Case, Desk, Entry
from intake.receipt import Receipt
from intake.words import from_text, to_words
from tests.intake.desks import Office, found
from tests.intake.public import Visitor, served
from tests.intake.test_rounds import answer
from tests.world import as_owner

pytestmark = pytest.mark.django_db
SIZE = 64 * 1024


@pytest.fixture(autouse=True)
def _served(office: Office) -> Iterator[None]:
    with served():
        yield


@pytest.fixture
def receipt(office: Office) -> Receipt:
    receipt = office.send(text="最初の相談です")
    rounds.carry()
    return receipt


@pytest.fixture
def visitor(receipt: Receipt) -> Visitor:
    """Come back to what they sent."""
    visitor = Visitor()
    visitor.come_back(" ".join(to_words(receipt.entropy, "ja")))
    return visitor


def do(visitor: Visitor, receipt: Receipt, **said: str) -> str:
    visitor.post("/conversation/", {"receipt": receipt.entropy.hex(), **said})
    return visitor.text


@pytest.mark.parametrize(
    ("kind", "stage", "words"),
    [
        (None, "NEW", "窓口に届きました"),
        (None, "READ", "担当者が読みました"),
        ("ANSWER", "READ", "窓口から返事があります"),
        ("QUESTION", "READ", "あなたの答えを待っています"),
        ("ASK_CONSENT", "READ", "あなたの答えを待っています"),
        ("ANSWER", "CLOSED", "対応を終えました"),
    ],
)
def test_where_it_stands_is_said_in_words(
    visitor: Visitor, receipt: Receipt, kind: str | None, stage: str, words: str
) -> None:
    if kind:
        answer(receipt, "窓口の言葉です", Entry.Kind(kind))
    with as_owner():
        Case.objects.update(stage=stage)
    assert words in do(visitor, receipt)
    assert not kind or "窓口の言葉です" in visitor.text


def test_a_question_waits_until_the_sender_writes(visitor: Visitor, receipt: Receipt) -> None:
    answer(receipt, "いつごろですか", Entry.Kind.QUESTION)
    answer(receipt, "注意してもよいですか", Entry.Kind.ASK_CONSENT)
    answer(receipt, "調べています", Entry.Kind.ANSWER)
    do(visitor, receipt)
    assert re.findall(r"<h4>(窓口[^<]*)</h4>", visitor.html) == ["窓口：返事", "窓口：お願い", "窓口：質問"]
    visitor.post("/conversation/", {**visitor.fields("question"), "answer": "yes"})
    assert "あなたの答えを待っています" in visitor.text
    assert "「続きを書く」から答えてください" in visitor.text
    visitor.post("/conversation/", {**visitor.fields("text"), "text": "先月です"})
    visitor.post("/conversation/", {**visitor.fields("draft"), "do": "reply"})
    assert "あなたの答えを待っています" not in visitor.text


def test_a_question_that_the_office_closed_over_waits_no_more(visitor: Visitor, receipt: Receipt) -> None:
    answer(receipt, "いつごろですか", Entry.Kind.QUESTION)
    answer(receipt, "終わりました", Entry.Kind.ANSWER)
    with as_owner():
        Case.objects.update(stage="CLOSED")
    assert "対応を終えました" in do(visitor, receipt)


def chosen(text: str) -> str:
    return re.sub(r"\s", "", text.partition("はじめに選んだこと")[2].partition("いつまで残るか")[0])


def test_what_was_chosen_is_shown_with_the_desks_by_name(office: Office) -> None:
    desk = office.desks["技術"]
    receipt = office.send(consent="UNNAMED", urgent=True, excluded=[desk.id])
    shown = chosen(do(Visitor(), receipt))
    assert "名前を出さずに、相手の会社に働きかけてよい" in shown
    assert "急ぎです" in shown
    assert "読ませない窓口技術" in shown
    assert "「続きを書く」に書いてください" in shown
    with as_owner():
        Desk.objects.filter(pk=desk.pk).update(active=False)
    directory.refresh()
    assert "読ませない窓口いまはない窓口" in chosen(do(Visitor(), receipt))


def test_a_yes_given_later_is_told_beside_what_was_chosen_at_first(visitor: Visitor, receipt: Receipt) -> None:
    for said, told in (("no", False), ("yes", True)):
        answer(receipt, "注意してもよいですか", Entry.Kind.ASK_CONSENT)
        do(visitor, receipt)
        visitor.post("/conversation/", {**visitor.fields("question"), "answer": said})
        assert ("「はい」と答えたお願い" in chosen(visitor.text)) == told
    assert "聞くだけにしてほしい" in chosen(visitor.text)


def test_what_was_just_sent_has_not_reached_the_office(office: Office) -> None:
    assert "まだ窓口には届いていません" in do(Visitor(), office.send())


def test_until_when_it_is_kept_is_said_as_the_office_counts_it(visitor: Visitor, receipt: Receipt) -> None:
    asked = answer(receipt, "質問です", Entry.Kind.QUESTION)
    until = days.shown(kept_until(asked.day))
    assert f"{until}のあと" in do(visitor, receipt)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_conversation_looks_like_one_from_outside(receipt: Receipt, language: str) -> None:
    visitor = Visitor(language)
    there = visitor.come_back(" ".join(to_words(receipt.entropy, language)))
    missing = visitor.come_back(" ".join(to_words(Receipt.fresh().entropy, language)))
    mistyped = visitor.come_back("a b c")
    assert len({(a.status_code, len(a.content), tuple(a.headers.items())) for a in (there, missing, mistyped)}) == 1


def test_a_slip_in_the_words_is_named_by_its_place_and_the_rest_stays(receipt: Receipt) -> None:
    words = to_words(receipt.entropy, "ja")
    words[3] = "zzz"
    visitor = Visitor()
    visitor.come_back("\n".join(words))
    assert "4番目" in visitor.text
    assert visitor.fields("words")["words"] == ["\n".join(words)]


def test_a_reply_is_checked_and_then_sent_once(visitor: Visitor, receipt: Receipt) -> None:
    fields = {**visitor.fields("text"), "text": "続きです <b>", "files": [SimpleUploadedFile("n.txt", b"text")]}
    visitor.post("/conversation/", fields)
    assert "まだ送られていません" in visitor.text
    assert spool.waiting() == []
    draft = visitor.fields("draft")
    for _ in range(2):
        visitor.post("/conversation/", {**draft, "do": "reply"})
        assert "送りました。" in visitor.text
    visitor.post("/conversation/", {**fields, "files": [SimpleUploadedFile("n.txt", b"text")]})  # back, checked again
    visitor.post("/conversation/", {**visitor.fields("draft"), "do": "reply"})
    rounds.carry()
    visitor.post("/conversation/", {**draft, "do": "reply"})
    assert "送りました。" in visitor.text
    entries = found(receipt).entries
    assert [said.text for said in entries] == ["最初の相談です", "続きです <b>"]
    assert [file["name"] for file in entries[1].content["files"]] == ["文書1.txt"]


def test_a_reply_can_be_changed_before_it_is_sent(visitor: Visitor) -> None:
    visitor.post("/conversation/", {**visitor.fields("text"), "text": "直す前"})
    visitor.post("/conversation/", {**visitor.fields("draft"), "do": "edit"})
    assert visitor.fields("text")["text"] == ["直す前"]
    assert spool.waiting() == []


def test_an_empty_reply_asks_for_words(visitor: Visitor) -> None:
    visitor.post("/conversation/", visitor.fields("text"))
    assert "文章を書くか、ファイルを選んでください" in visitor.text


def test_a_reply_that_finds_no_room_comes_back(visitor: Visitor, receipt: Receipt) -> None:
    visitor.post("/conversation/", {**visitor.fields("text"), "text": "続き"})
    draft = {**visitor.fields("draft"), "do": "reply"}
    with patch.object(spool, "room", return_value=spool.Room.NONE):
        visitor.post("/conversation/", draft)
    assert visitor.answer.status_code == 503
    visitor.post("/conversation/", visitor.fields("draft"))
    assert [said.text for said in found(receipt).entries][1:] == ["続き"]


@pytest.mark.parametrize("said", ["yes", "no"])
def test_a_request_is_answered_with_a_signature(visitor: Visitor, receipt: Receipt, said: str) -> None:
    asked = answer(receipt, "注意してもよいですか", Entry.Kind.ASK_CONSENT)
    do(visitor, receipt)
    fields = visitor.fields("question")
    for _ in range(2):
        visitor.post("/conversation/", {**fields, "answer": said})
    assert "窓口からのお願い" not in visitor.text
    (given,) = [entry for entry in found(receipt).entries if entry.kind == Entry.Kind.CONSENT]
    with as_owner():
        public = bytes(Case.objects.get().consent_public)
    yes = agreed(
        given.content, case_id=receipt.case_id, question_id=asked.id, question="注意してもよいですか", public=public
    )
    assert yes == (said == "yes")


def test_an_answer_counts_for_the_words_that_were_shown(visitor: Visitor, receipt: Receipt) -> None:
    asked = answer(receipt, "注意してもよいですか", Entry.Kind.ASK_CONSENT)
    do(visitor, receipt)
    fields = {**visitor.fields("question"), "answer": "yes"}
    with as_owner():
        Entry.objects.filter(pk=asked.pk).delete()
    reworded = answer(receipt, "社名を出してもよいですか", Entry.Kind.ASK_CONSENT)
    visitor.post("/conversation/", {**fields, "question": str(reworded.id)})
    assert "読みなおしてから、答えてください" in visitor.text
    assert "社名を出してもよいですか" in visitor.text
    assert Entry.Kind.CONSENT not in [said.kind for said in found(receipt).entries]
    visitor.post("/conversation/", {**visitor.fields("question"), "answer": "yes"})
    assert Entry.Kind.CONSENT in [said.kind for said in found(receipt).entries]


def test_withdrawing_is_confirmed_and_said(visitor: Visitor, receipt: Receipt) -> None:
    assert "取り下げますか" in do(visitor, receipt, do="ask-withdraw")
    assert not found(receipt).withdrawn
    for _ in range(2):
        assert "相談を取り下げました" in do(visitor, receipt, do="withdraw")
    assert found(receipt).withdrawn
    assert [said.kind for said in found(receipt).entries].count("WITHDRAWAL") == 1


def test_a_deleted_mailbox_opens_no_more(visitor: Visitor, receipt: Receipt) -> None:
    do(visitor, receipt, do="ask-forget")
    assert "相談箱と鍵を消しますか" in visitor.text
    assert "最初の相談です" in do(visitor, receipt)
    assert "消しました" in do(visitor, receipt, do="forget")
    assert "相談箱が見つかりません" in do(visitor, receipt)
    rounds.carry()
    assert "相談箱が見つかりません" in do(visitor, receipt)
    for what in ("forget", "withdraw", "ask-forget", "ask-withdraw"):
        assert "相談箱が見つかりません" in do(visitor, receipt, do=what)


def test_the_proof_is_as_large_as_a_page_and_tells_nothing(visitor: Visitor, receipt: Receipt) -> None:
    file = visitor.post("/proof/", {"receipt": receipt.entropy.hex()})
    assert file["Content-Type"] == "application/json"
    assert file["Content-Disposition"] == 'attachment; filename="acknowledgement.json"'
    assert file["Cache-Control"] == "no-store"
    assert len(file.content) == SIZE
    assert "round" in json.loads(file.content)
    assert receipt.entropy.hex() not in file.content.decode()
    missing = visitor.post("/proof/", {"receipt": Receipt.fresh().entropy.hex()})
    assert (missing.status_code, len(missing.content)) == (200, SIZE)
    assert visitor.open("/proof/").status_code == 302


def test_a_long_conversation_stays_one_size_sheet_by_sheet(visitor: Visitor, receipt: Receipt) -> None:
    for number in range(6):
        answer(receipt, f"{number}番目 " + '"' * 7990)
    seen = set[str]()
    sheet = ""
    for _ in range(40):
        visitor.post("/conversation/", {"receipt": receipt.entropy.hex(), "sheet": sheet})
        assert len(visitor.answer.content) == SIZE
        seen |= set(re.findall(r"\d番目|最初の相談です", visitor.text))
        older = re.search(r'value="(\d+)">もっと前', visitor.html)
        if not older:
            break
        sheet = older[1]
    assert seen == {*(f"{number}番目" for number in range(6)), "最初の相談です"}
    assert "もっと新しい" in visitor.text
    assert do(visitor, receipt, sheet="99999")
    assert do(visitor, receipt, sheet="x")


def test_no_piece_of_a_text_is_lost_between_sheets() -> None:
    text = "".join(chr(0x4E00 + number % 999) for number in range(20_000))
    assert "".join(shown.cut(text)) == text


@pytest.mark.parametrize(
    "said",
    [{"do": "x"}, {"receipt": "zz"}, {"receipt": "00"}, {"do": "consent", "question": "x"}, {"do": "reply"},
     {"do": "reply", "draft": "x"}, {"do": "edit"}],
    ids=range(7),
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_refused(visitor: Visitor, receipt: Receipt, said: dict[str, str]) -> None:
    visitor.post("/conversation/", {"receipt": receipt.entropy.hex(), **said})
    assert visitor.answer.status_code == 400
    assert len(visitor.answer.content) == SIZE


def test_while_the_database_is_away_the_words_stay(receipt: Receipt) -> None:
    visitor = Visitor()
    words = " ".join(to_words(receipt.entropy, "ja"))
    with patch("intake.database.find", side_effect=DatabaseError):
        visitor.come_back(words)
    assert visitor.answer.status_code == 503
    assert visitor.fields("words") == {"words": [words]}
    visitor.post("/conversation/", visitor.fields("words"))
    assert "最初の相談です" in visitor.text


def test_the_words_stand_in_no_address(visitor: Visitor, receipt: Receipt) -> None:
    assert from_text(" ".join(to_words(receipt.entropy, "ja"))) == receipt.entropy
    for address in re.findall(r'(?:href|action)="([^"]*)"', visitor.html):
        assert "?" not in address
        assert receipt.entropy.hex() not in address
