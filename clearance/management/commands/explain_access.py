"""Print why a person may or may not read a thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.operator import as_owner, both
from audit.acts import Act
from audit.services import SYSTEM, record

from ...explaining import PASSKEY, PASSWORD, SECOND_FACTOR, Explanation, NoSuchThing, explain


class Command(BaseCommand):
    help = "利用者が情報を読めるか、その理由とともに表示します。 / Says whether a person may read a thing, and why not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="メールアドレスまたは番号 / e-mail address or id")
        parser.add_argument("thing", help="documents.document:<uuid>, <uuid>")
        parser.add_argument("--at", default="", help="日付または日時（既定は今） / a date or moment (default: now)")
        parser.add_argument(
            "--as",
            dest="asker",
            default="",
            metavar="PERSON",
            help="この方に伝えてよい範囲で答えます / what they may know",
        )
        proof = parser.add_mutually_exclusive_group()
        proof.add_argument(
            "--second-factor", action="store_const", dest="proof", const=SECOND_FACTOR, default=PASSWORD,
            help="2段階目の確認を済ませた場合 / with a second factor just proved",
        )  # fmt: skip
        proof.add_argument(
            "--passkey",
            action="store_const",
            dest="proof",
            const=PASSKEY,
            help="パスキーで確認した場合 / with a passkey",
        )

    def handle(self, *args: Any, person: str, thing: str, at: str, asker: str, proof: int, **options: Any) -> None:
        moment = when(at)
        with as_owner(), transaction.atomic():
            try:
                found = explain(person=person, thing=thing, at=moment, proof=proof, asker=asker)
            except NoSuchThing:
                raise CommandError(both(gettext_lazy("その利用者または情報は見つかりません。"))) from None
            note(found)
        for line in lines(found):
            self.stdout.write(line)


def note(found: Explanation) -> None:
    """That somebody asked at the server, and what about."""
    record(
        actor=SYSTEM,
        act=Act.ACCESS_EXPLAIN,
        target_type=found.thing._meta.label_lower,
        target_id=found.thing.pk,
        label=found.marking,
        level=found.thing.level,
        detail={"person": str(found.person.pk), "allowed": bool(found.decision)},
    )


def lines(found: Explanation) -> Iterator[str]:
    """The explanation, in Japanese and in English."""
    with override("en"):
        english = list(_told(found))
    with override("ja"):
        yield from _told(found)
    yield ""
    yield from english


def _told(found: Explanation) -> Iterator[str]:
    yield _("利用者：%(person)s") % {"person": found.person.pk}
    yield _("情報：%(thing)s %(marking)s") % {
        "thing": f"{found.thing._meta.label_lower}:{found.thing.pk}",
        "marking": found.marking,
    }
    yield _("日時：%(at)s") % {"at": f"{timezone.localtime(found.at):%Y-%m-%d %H:%M %Z}"}
    if found.at < timezone.now() - timedelta(minutes=1):
        yield _("（名前を挙げた許可、格付・取扱制限、取下げは、現在のものです）")
    yield _("判定：読めます") if found.decision else _("判定：読めません")
    for reason in found.reasons:
        yield f"  - {reason.text}"
    for proof, allowed in found.stepped_up:
        how = _("2段階目の確認をした場合") if proof == SECOND_FACTOR else _("パスキーで確認した場合")
        yield f"  {how}{_('：')}{_('読めます') if allowed else _('読めません')}"


def when(text: str) -> datetime:
    """The moment asked for: now, a moment, or noon of a day. Raises CommandError for what is neither."""
    if not text:
        return timezone.now()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and (day := _parsed(parse_date, text)):
        return timezone.make_aware(datetime.combine(day, time(12)))
    if moment := _parsed(parse_datetime, text):
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    raise CommandError(both(gettext_lazy("日付の書き方が正しくありません。例：2026-11-22、2026-11-22T09:00")))


def _parsed(parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(text)
    except ValueError:
        return None
