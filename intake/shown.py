"""A conversation as its sender reads it: by day, newest first, on sheets that all fit one page's size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.utils.html import escape
from django.utils.translation import gettext as _

from intake import days
from intake.agreement import YES
from intake.consents import Consent
from intake.directory import offices
from intake.mailbox import Conversation, Said
from intake.models import Case, Entry
from intake.themes import QUESTIONS

ROOM = 36 * 1024  # bytes of text on a sheet: with the rest of the page it stays below the smallest class of pages
FRAME = 300  # bytes of HTML around each part


@dataclass(frozen=True)
class Block:
    """What was said at one time, or a part of it where it is long. `parts` are labels and texts."""

    day: str
    by_sender: bool
    title: str
    parts: list[tuple[Any, str]]
    files: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Day:
    day: str
    blocks: list[Block]


def state(found: Conversation) -> tuple[str, str]:
    """Where it stands, in a few words and in a sentence."""
    if found.withdrawn:
        return _("取り下げました"), _("あなたが取り下げたので、窓口はこの相談を進めません。返事は、いまも読めます。")
    if not found.carried:
        return _("受け付けました"), _("まだ窓口には届いていません。まもなく届きます。")
    if found.asked:
        return _("あなたの答えを待っています"), _(
            "下の質問を読んで、「続きを書く」から答えてください。急がなくてもかまいません。"
        )
    if found.questions:
        return _("あなたの答えを待っています"), _(
            "下のお願いを読んで、「はい」か「いいえ」で答えてください。急がなくてもかまいません。"
        )
    if found.stage == Case.Stage.CLOSED:
        return _("対応を終えました"), _("窓口の対応は終わりました。話したいことがあれば、続きを書けます。")
    if found.waiting_for_sender:
        return _("窓口から返事があります"), _("下の返事を読んでください。続きを書くこともできます。")
    if found.stage == Case.Stage.READ:
        return _("担当者が読みました"), _("窓口が返事を準備しています。")
    if found.urgent:
        return _("窓口に届きました"), _("担当者は、まだ読んでいません。急ぎの相談は、あさってから何度か見てください。")
    return _("窓口に届きました"), _("担当者は、まだ読んでいません。10日ほどたったら、また合言葉を入れてください。")


def kept_until(found: Conversation) -> str:
    """Until when a conversation is kept that the office does not take into its record: as consultations/retention.py
    counts it, from the last thing said."""
    return days.shown(found.entries[-1].day + timedelta(days=settings.CONSULTATION_KEPT_DAYS))


def chosen(found: Conversation) -> dict[str, Any]:
    """What the sender chose when they wrote, as their page shows it. Raises `Unavailable`."""
    names = {str(office.id): office.name for office in offices()} if found.header.excluded else {}
    answers = [said.content.get("answer") for said in found.entries if said.kind == Entry.Kind.CONSENT]
    return {
        "consent": Consent(found.header.consent),
        "urgent": found.urgent,
        "excluded": [names.get(each) or _("いまはない窓口") for each in found.header.excluded],
        "widened": YES in answers,
    }


def sheets(found: Conversation) -> list[list[Day]]:
    """At least one; the newest first."""
    result: list[list[Block]] = [[]]
    room = ROOM
    for said in reversed(found.entries):
        for block in blocks(said):
            size = weight(block)
            if size > room and result[-1]:
                result.append([])
                room = ROOM
            result[-1].append(block)
            room -= size
    return [[Day(day, list(same)) for day, same in groupby(sheet, key=lambda block: block.day)] for sheet in result]


def blocks(said: Said) -> Iterator[Block]:
    """An entry, in as many parts as sheets need."""
    parts = [(label, piece) for label, text in texts(said) for piece in cut(text)] or [("", "")]
    files = [str(file.get("name", "")) for file in said.content.get("files", [])]
    while parts:
        some = [parts.pop(0)]
        while parts and weight_of([*some, parts[0]]) <= ROOM:
            some.append(parts.pop(0))
        yield Block(days.shown(said.day), said.by_sender, title(said), some, files)
        files = []


def title(said: Said) -> str:
    if said.kind == Entry.Kind.WITHDRAWAL:
        return _("あなた：取り下げ")
    if said.kind == Entry.Kind.CONSENT:
        return _("あなた：お願いへの答え")
    if said.kind == Entry.Kind.ASK_CONSENT:
        return _("窓口：お願い")
    if said.kind == Entry.Kind.QUESTION:
        return _("窓口：質問")
    return _("あなた") if said.by_sender else _("窓口：返事")


def texts(said: Said) -> Iterator[tuple[Any, str]]:
    if said.kind == Entry.Kind.CONSENT:
        yield "", _("はい") if said.content.get("answer") == "yes" else _("いいえ")
    if said.text:
        yield "", said.text
    for code, text in said.content.get("answers", {}).items():
        yield QUESTIONS[code].label if code in QUESTIONS else "", str(text)


def cut(text: str) -> Iterator[str]:
    """Pieces that fit a sheet each, however many letters HTML writes in a longer way."""
    step = ROOM // 12  # the longest way of one letter that a browser can send: four bytes, or six for a quote mark
    for at in range(0, len(text), step):
        yield text[at : at + step]


def weight(block: Block) -> int:
    return weight_of(block.parts) + sum(FRAME + len(escape(name).encode()) for name in block.files)


def weight_of(parts: list[tuple[Any, str]]) -> int:
    return sum(FRAME + len(escape(str(label)).encode()) + len(escape(text).encode()) for label, text in parts)
