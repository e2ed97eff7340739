"""Every page of the anonymous side in each of its states, as somebody is shown it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client

from intake import mailbox, rounds, spool
from intake.directory import Unavailable
from intake.models import Entry
from intake.receipt import Receipt
from intake.words import from_text
from tests.intake.desks import Office
from tests.intake.public import Visitor, served
from tests.intake.test_rounds import answer

TEXT = (
    "2026年10月5日に、大手の田中部長が工場に来ました。部品番号AB-1234の図面を、海外の会社に渡すように言われました。\n"
    "断ると、来年から注文を止めるそうです。\nこの部品を作れるのは、社員12人のうちの工場だけです。"
)


@dataclass(frozen=True)
class Tour:
    """`pages`: the HTML by what it shows. `answers`: all that were given on the way."""

    pages: dict[str, str]
    answers: list[Any]


_taken: dict[str, Tour] = {}


def taken(office: Office, language: str) -> Tour:
    """The tour as the intake's process serves it; taken once for all tests of a file."""
    if language not in _taken:
        answers: list[Any] = []
        request = Client.request

        def noted(self: Client, **more: Any) -> Any:
            answer = request(self, **more)
            answers.append(answer)
            return answer

        with patch.object(Client, "request", noted), served(INTAKE_ONION="http://" + 56 * "a" + ".onion/"):
            _taken[language] = Tour(tour(office, language), answers)
    return _taken[language]


def tour(office: Office, language: str = "ja") -> dict[str, str]:
    """The HTML of each page by what it shows."""
    shown: dict[str, str] = {}
    visitor = Visitor(language)

    def note(name: str) -> None:
        shown[name] = visitor.html

    for name, address in (("start", "/"), ("rights", "/rights/"), ("write", "/write/"), ("return", "/return/")):
        visitor.open(address)
        note(name)
    visitor.open("/nowhere/")
    note("not there")
    writing(visitor, note)
    words = visitor.words
    conversing(visitor, note, words)
    troubles(visitor, note)
    return shown


def writing(visitor: Visitor, note: Callable[[str], None]) -> None:
    unread = SimpleUploadedFile("山田製作所の見積.bin", b"\x00\x01\x02")
    empty = SimpleUploadedFile("empty.txt", b"")
    visitor.write(theme="", text="", files=[empty])
    note("write, with faults")
    visitor.write(text=TEXT, urgent="on", files=[unread], **{"answer-handover-what": "図面と、検査のデータです。"})
    note("check")
    draft = visitor.fields("draft")
    visitor.post("/sent/", draft)
    note("check, with faults")
    visitor.post("/write/", visitor.fields("draft"))
    note("write, filled in")
    again = visitor.fields("text")
    visitor.post("/check/", {**again, "drop": [kept_code(visitor)]})
    note("check, without files")
    visitor.post("/sent/", visitor.fields("draft"))
    note("sent")


def kept_code(visitor: Visitor) -> str:
    return visitor.html.partition('name="drop" id="drop-1" value="')[2].partition('"')[0]


def conversing(visitor: Visitor, note: Callable[[str], None], words: str) -> None:
    visitor.come_back(words)
    note("conversation, just sent")
    receipt = Receipt(from_text(words))
    rounds.carry()
    answer(receipt, "ご相談ありがとうございます。\nいつごろ求められましたか。", Entry.Kind.QUESTION)
    answer(receipt, "名前を出さずに、相手の会社に注意してもよいですか。", Entry.Kind.ASK_CONSENT)
    visitor.come_back(words)
    note("conversation, waiting")
    fields = visitor.fields("text")
    visitor.post("/conversation/", {**fields, "text": ""})
    note("conversation, with faults")
    visitor.post("/conversation/", {**fields, "text": "先月の10日です。"})
    note("check of a reply")
    visitor.post("/conversation/", {**visitor.fields("draft"), "do": "reply"})
    note("conversation, replied")
    for what in ("ask-withdraw", "withdraw", "ask-forget", "forget"):
        visitor.post("/conversation/", {"receipt": receipt.entropy.hex(), "do": what})
        note(what)
    visitor.come_back(words)
    note("nothing")
    visitor.come_back(words.replace(words.split()[3], "こめこめ"))
    note("return, mistyped")


def troubles(visitor: Visitor, note: Callable[[str], None]) -> None:
    visitor.post("/conversation/", {"receipt": "x"})
    note("refused")
    visitor.post("/check/", {"text": "あ" * 1_000_000})
    note("too large")
    with patch.object(spool, "room", return_value=spool.Room.SHORT):
        visitor.open("/write/")
    note("nearly full")
    visitor.write(text=TEXT)
    draft = visitor.fields("draft")
    with patch.object(spool, "room", return_value=spool.Room.NONE):
        visitor.post("/sent/", draft)
    note("full")
    with patch.object(mailbox.database, "find", side_effect=DatabaseError):
        visitor.post("/conversation/", {"receipt": Receipt.fresh().entropy.hex()})
    note("database away")
    with patch("intake.views_writing.offices", side_effect=Unavailable):
        visitor.post("/sent/", draft)
    note("database away, sending")
    with patch("intake.views_writing.send", side_effect=RuntimeError):
        visitor.post("/sent/", draft)
    note("failed")
