"""The officers' pages: the board, a case, everything done about it, and that nothing typed is lost."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation

from consultations.models import AnswerTemplate, CaseFile
from consultations.queries import board
from consultations.queries.board import Waits
from intake import mailbox, pending
from intake.models import Case, Entry
from intake.receipt import Receipt
from tests import world as build
from tests.clearance.acts import recorded
from tests.consultations.offices import Bureau
from tests.consultations.test_cases import file_for, staffed, taken_in, waits

pytestmark = pytest.mark.django_db
__all__ = ["staffed"]
BOARD = "consultations:index"


def page_of(receipt: Receipt) -> str:
    return reverse("consultations:case", args=[receipt.case_id])


def step(receipt: Receipt, code: str) -> str:
    return reverse("consultations:step", args=[receipt.case_id, code])


def test_the_board_shows_dates_and_states_while_the_key_is_locked_and_themes_once_it_is_not(staffed: Bureau) -> None:
    receipt = taken_in(staffed, theme="HANDOVER", urgent=True)
    locked = staffed.client("甲").get(reverse(BOARD)).content.decode()
    assert board.reference(receipt.case_id) in locked
    assert "急ぎの確認" in locked
    assert "clock-bar" in locked
    assert "図面、データ、作り方" not in locked
    client = staffed.unlocked_client("甲")
    assert "図面、データ、作り方" in client.get(reverse(BOARD)).content.decode()
    assert "該当する事案はありません" in client.get(reverse(BOARD), {"waits": "CLOSED"}).content.decode()
    assert "該当する事案はありません" in client.get(reverse(BOARD), {"mine": "1"}).content.decode()


def test_urgent_ones_stand_first(staffed: Bureau) -> None:
    calm, urgent = taken_in(staffed), taken_in(staffed, urgent=True)
    shown = staffed.client("甲").get(reverse(BOARD)).content.decode()
    assert shown.index(board.reference(urgent.case_id)) < shown.index(board.reference(calm.case_id))


def test_whoever_reads_no_case_finds_no_page(staffed: Bureau) -> None:
    receipt = taken_in(staffed, "技術")
    assert staffed.client("甲").get(page_of(receipt)).status_code == 404
    assert staffed.unlocked_client("乙").get(page_of(receipt)).status_code == 404
    outsider = build.sign_in(staffed.world.engineer)
    for path in (reverse(BOARD), page_of(receipt), reverse("consultations:findings")):
        assert outsider.get(path).status_code == 404
    assert staffed.client("甲").get(reverse("consultations:destruction")).status_code == 404
    assert staffed.client("manager").get(reverse(BOARD)).status_code == 404


def test_a_case_says_at_its_top_how_far_it_may_be_used_and_who_reads_it(staffed: Bureau) -> None:
    receipt = taken_in(staffed, "技術", consent="LISTEN", text="図面を渡せと言われた")
    client = staffed.unlocked_client("丙")
    shown = client.get(page_of(receipt)).content.decode()
    assert shown.index("聞くだけにしてほしい") < shown.index("図面を渡せと言われた")
    assert "担当 丙" in shown
    assert "技術" in shown
    assert "通報者を探してはいけません" not in shown
    client.post(step(receipt, "class"), {"classed": "WHISTLEBLOWING"})
    assert "通報者を探してはいけません" in client.get(page_of(receipt)).content.decode()
    client.post(step(receipt, "class"), {"classed": "SUBCONTRACT"})
    assert "取適法" in client.get(page_of(receipt)).content.decode()
    assert len(recorded("consultation.class")) == 2


def test_what_was_typed_while_the_key_was_locked_comes_back(staffed: Bureau) -> None:
    receipt = taken_in(staffed)
    client = staffed.client("甲")
    kept = client.post(page_of(receipt), {"kind": "ANSWER", "text": "長く考えた返事"})
    assert kept.status_code == 403
    assert "長く考えた返事" in kept.content.decode()
    with build.as_owner():
        assert Entry.objects.count() == 1
    client = staffed.unlocked_client("甲")
    empty = client.post(page_of(receipt), {"kind": "", "text": "種類を選び忘れた"})
    assert (empty.status_code, "種類を選び忘れた" in empty.content.decode()) == (200, True)
    assert client.post(page_of(receipt), {"kind": "ANSWER", "text": "長く考えた返事"}).status_code == 302
    assert "長く考えた返事" in client.get(page_of(receipt)).content.decode()


STEPS: dict[str, dict[str, str]] = {
    "triage": {"pace": "NOW", "mine": "on"},
    "class": {"classed": "SUBCONTRACT"},
    "assign": {"to": "乙"},
    "hand-over": {"to": "丙", "text": "引き継ぎます"},
    "consent": {"wanted": "UNNAMED", "text": "相手に確認したいため"},
    "take-up": {"record_file": "相談記録", "record_retention": "5", "record_disposal": "DESTROY"},
    "close": {"outcome": "ADVISED", "text": "お伝えします"},
    "destroy": {"confirmed": "on"},
}


def test_each_step_asks_and_then_does_it(staffed: Bureau) -> None:
    client = staffed.unlocked_client("甲")
    for code in STEPS:
        receipt = taken_in(staffed)
        assert client.get(step(receipt, code)).status_code == 200, code
        given = dict(STEPS[code])
        if "to" in given:
            given["to"] = str(staffed.people[given["to"]].pk)
        if given:
            assert client.post(step(receipt, code), {}).status_code == (302 if code == "assign" else 200), code
        answer = client.post(step(receipt, code), given)
        assert (answer.status_code, answer["Location"]) == (302, page_of(receipt)), code
        assert client.get(page_of(receipt)).status_code == 200, code


def test_two_cases_are_merged_and_marked_on_the_pages(staffed: Bureau) -> None:
    first, second = taken_in(staffed), taken_in(staffed)
    client = staffed.unlocked_client("甲")
    unknown = client.post(step(first, "merge"), {"case": str(first.case_id)}).content.decode()
    assert "見つかりません" in unknown
    assert client.post(step(first, "repeat"), {"case": str(second.case_id)}).status_code == 302
    assert client.post(step(first, "merge"), {"case": str(second.case_id)}).status_code == 302
    shown = client.get(page_of(first)).content.decode()
    assert "に統合されました" in shown
    assert "と同じ件についての相談です" in shown
    assert client.get(step(first, "merge")).status_code == 404, "it is closed"
    assert client.post(step(first, "reopen")).status_code == 302
    assert waits(staffed, "甲", first) == Waits.NEW


def test_whoever_is_taken_out_of_a_case_reads_it_no_more(staffed: Bureau) -> None:
    receipt = taken_in(staffed, text="利害のある話")
    client, other = staffed.unlocked_client("甲"), staffed.unlocked_client("乙")
    assert "利害のある話" in other.get(page_of(receipt)).content.decode()
    given = {"to": str(staffed.people["乙"].pk), "reason": "取引先の親族", "confirmed": "on"}
    assert client.post(step(receipt, "recuse"), given).status_code == 302
    assert other.get(page_of(receipt)).status_code == 404
    shown = client.get(page_of(receipt)).content.decode()
    assert "利害のある話" in shown
    assert "取引先の親族" in shown
    own = {"to": str(staffed.people["甲"].pk), "reason": "知人", "confirmed": "on"}
    assert client.post(step(receipt, "recuse"), own)["Location"] == reverse(BOARD)
    assert client.get(page_of(receipt)).status_code == 404
    with staffed.being("丙"):
        assert board.cases().filter(pk=receipt.case_id).exists()


def test_a_redacted_copy_stands_beside_what_it_is_of(staffed: Bureau) -> None:
    receipt = taken_in(staffed, text="部品番号 AB-12 の件", answers={"handover-what": "検査データ"})
    client = staffed.unlocked_client("甲")
    with build.as_owner():
        entry = Entry.objects.get()
    address = reverse("consultations:redact", args=[receipt.case_id, entry.pk])
    shown = client.get(address).content.decode()
    assert "AB-12" in shown
    assert "検査データ" in shown
    assert client.post(address, {"text": "部品番号 ●● の件"}).status_code == 302
    after = client.get(page_of(receipt)).content.decode()
    assert "部品番号 ●● の件" in after
    assert "AB-12" in after, "the original stays as it was said"


def with_files(staffed: Bureau) -> Receipt:
    def kept(content: bytes, label: str, cleaned: bool) -> Any:
        return pending.keep(iter([content]), label=label, kind="image/png", cleaned=cleaned)

    own = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": staffed.folder / "own"}}
    with override_settings(STORAGES=settings.STORAGES | {"blobs": own}):  # the intake's disk is not the portal's
        files = [kept(b"clean" * 50_000, "写真1.png", True), kept(b"raw", '図"面.bin', False)]
        return taken_in(staffed, files=files)


def got(client: Client, address: str, data: dict[str, str] | None = None) -> Any:
    return client.get(address) if data is None else client.post(address, data)


def test_a_file_is_saved_as_it_was_and_an_uncleaned_one_after_a_yes_alone(staffed: Bureau) -> None:
    receipt = with_files(staffed)
    client = staffed.unlocked_client("甲")
    with build.as_owner():
        entry = Entry.objects.get().pk
    first, second, third = (
        reverse("consultations:file", args=[receipt.case_id, entry, number]) for number in range(3)
    )  # fmt: skip
    answer = got(client, first)
    assert b"".join(answer.streaming_content) == b"clean" * 50_000
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment;")
    asked = got(client, second)
    assert "そのまま封をして送ることを選びました" in asked.content.decode()
    assert got(client, second, {}).status_code == 200
    raw = got(client, second, {"confirmed": "on"})
    assert b"".join(raw.streaming_content) == b"raw"
    assert got(client, third).status_code == 404
    assert [event["detail"]["cleaned"] for event in recorded("consultation.file")] == [True, False]
    assert staffed.client("丙").get(first).status_code == 302, "locked"


def test_a_desks_own_wording_fills_the_form_and_is_kept_to_the_desk(staffed: Bureau) -> None:
    receipt = taken_in(staffed)
    client = staffed.unlocked_client("丙")
    add = reverse("consultations:template_add")
    given = {
        "desk": str(staffed.desks["取引"].pk),
        "title": "受付",
        "body_ja": "受け付けました。",
        "body_en": "Received.",
    }
    assert client.post(add, {**given, "desk": str(staffed.desks["技術"].pk)}).status_code == 200
    assert client.post(add, given).status_code == 302
    with build.as_owner():
        template = AnswerTemplate.objects.get().pk
    assert "受け付けました。" in client.get(page_of(receipt), {"template": str(template)}).content.decode()
    assert "Received." in client.get(page_of(receipt), {"template": str(template), "language": "en"}).content.decode()
    change = reverse("consultations:template", args=[template])
    assert staffed.unlocked_client("乙").get(change).status_code == 404
    assert client.post(change, {**given, "title": "受付2"}).status_code == 302
    assert "受付2" in client.get(reverse("consultations:templates")).content.decode()
    remove = reverse("consultations:template_remove", args=[template])
    assert client.get(remove).status_code == 200
    assert client.post(remove).status_code == 302
    assert "ひな形はまだありません" in client.get(reverse("consultations:templates")).content.decode()


def test_the_manager_records_a_consent_without_reading_a_case(staffed: Bureau) -> None:
    receipt = taken_in(staffed, text="だれにも見せない")
    file = file_for(staffed, "甲", receipt)
    client = staffed.client("manager")
    address = reverse("consultations:destruction")
    assert "同意を待っている事案はありません" in client.get(address).content.decode()
    staffed.unlocked_client("甲").post(step(receipt, "destroy"), {"confirmed": "on"})
    shown = client.get(address).content.decode()
    assert board.reference(file.pk) in shown
    assert "担当者の申出" in shown
    assert client.post(address, {"case": str(file.pk), "reference": ""}).status_code == 200
    assert client.post(address, {"case": str(file.pk), "reference": "府公第1号"}).status_code == 302
    with build.as_owner():
        assert CaseFile.objects.get().consent_reference == "府公第1号"
    assert client.get(page_of(receipt)).status_code == 404
    assert "匿名相談の統計" in client.get(reverse("consultations:statistics")).content.decode()
    assert staffed.client("甲").post(reverse("consultations:statistics"), {"quarter": "x"}).status_code == 404


def test_all_of_it_stands_in_english(staffed: Bureau) -> None:
    receipt = taken_in(staffed)
    client = staffed.unlocked_client("甲")
    with translation.override("ja"):  # a page leaves its language behind
        for path in (reverse(BOARD), page_of(receipt), step(receipt, "close"), reverse("consultations:findings")):
            shown = client.get(path, headers={"Accept-Language": "en"}).content.decode()
            assert "Anonymous consultations" in shown, path
        assert "Conversation" in client.get(page_of(receipt), headers={"Accept-Language": "en"}).content.decode()


def home_of(bureau: Bureau, name: str) -> str:
    return bureau.client(name).get("/").content.decode()


def test_the_first_page_says_that_something_waits_and_to_the_manager_that_it_is_late(staffed: Bureau) -> None:
    said, nothing = "匿名相談に、対応を待っているものがあります", "いま対応が必要なことはありません"
    assert nothing in home_of(staffed, "甲")
    urgent, calm = taken_in(staffed, "技術", urgent=True, theme="HANDOVER"), taken_in(staffed, "技術")
    shown = home_of(staffed, "丙")
    assert (said in shown, nothing in shown) == (True, False)
    assert "急ぎ1件、ほか1件。" in shown
    assert "図面、データ、作り方" not in shown
    assert said not in home_of(staffed, "乙"), "of the other desk"
    assert "期限を過ぎた相談" not in home_of(staffed, "manager")
    with build.as_owner():
        Case.objects.update(received_on=date(2026, 1, 5))
    shown = home_of(staffed, "manager")
    assert "期限を過ぎた相談が2件あります" in shown
    assert said not in shown
    for receipt in (urgent, calm):
        with build.as_role("portal_intake"):
            mailbox.withdraw(receipt, token="w")
            staffed.carry()
    assert said not in home_of(staffed, "丙")
    assert "期限を過ぎた相談" not in home_of(staffed, "manager")


def test_a_withdrawn_case_waits_for_nobody_and_its_clocks_stand(staffed: Bureau) -> None:
    receipt = taken_in(staffed, urgent=True)
    with build.as_role("portal_intake"):
        mailbox.withdraw(receipt, token="w")
        staffed.carry()
    assert waits(staffed, "甲", receipt) == Waits.CLOSED
    shown = board.clocks_of(file_for(staffed, "甲", receipt), date(2027, 6, 1))
    assert all(clock.clock.done for clock in shown)


def test_an_urgent_case_is_looked_at_first_and_what_was_decided_stays_with_it(staffed: Bureau) -> None:
    receipt = taken_in(staffed, urgent=True, language="en")
    client = staffed.unlocked_client("甲")
    shown = client.get(page_of(receipt)).content.decode()
    assert shown.index("急ぎかどうかを確認する") < shown.index("やり取り") < shown.index("相談者に送る")
    assert shown.index("相談者に送る") < shown.index("メモを保存する") < shown.index("まず") < shown.index("clock-bar")
    assert "相談者は英語で書いています" in shown
    assert "相談者が選んだ範囲：聞くだけにしてほしい" in shown
    assert "ほかの目的には使えません" in shown
    assert client.post(step(receipt, "triage"), {}).status_code == 200, "without a decision"
    assert client.post(step(receipt, "triage"), {"pace": "ORDINARY", "mine": "on"}).status_code == 302
    shown = client.get(page_of(receipt)).content.decode()
    assert "通常の順で対応する" in shown
    assert [event["detail"]["pace"] for event in recorded("consultation.triage")] == ["ORDINARY"]
    with build.as_owner():
        assert CaseFile.objects.get().assignee == staffed.people["甲"]


def test_a_note_has_a_form_of_its_own_and_never_reaches_the_sender(staffed: Bureau) -> None:
    receipt = taken_in(staffed)
    client = staffed.unlocked_client("甲")
    assert client.post(page_of(receipt), {"kind": "NOTE", "text": "内輪の話"}).status_code == 302
    with build.as_owner():
        assert not Entry.objects.get(kind=Entry.Kind.NOTE).shared
    empty = client.post(page_of(receipt), {"kind": "NOTE", "text": ""}).content.decode()
    assert 'href="#note_text"' in empty
    assert "担当 甲" not in client.get(step(receipt, "hand-over")).content.decode().split("<form", 2)[-1]
    given = {"to": str(staffed.people["甲"].pk)}
    assert "自分が担当する" in client.get(page_of(receipt)).content.decode()
    assert client.post(step(receipt, "assign"), given).status_code == 302
    assert "自分が担当する" not in client.get(page_of(receipt)).content.decode()


def test_another_case_is_chosen_by_its_day_theme_and_number(staffed: Bureau) -> None:
    first, second = taken_in(staffed), taken_in(staffed, theme="HANDOVER")
    page = staffed.unlocked_client("甲").get(step(first, "merge")).content.decode()
    assert f"図面、データ、作り方などを渡すように言われた（{board.reference(second.case_id)}）" in page
    assert f'value="{first.case_id}"' not in page


def test_the_board_says_until_when_the_key_is_open_and_locks_it(staffed: Bureau) -> None:
    client = staffed.unlocked_client("甲")
    page = client.get(reverse(BOARD)).content.decode()
    assert re.search(r"鍵は開いています（\d+:\d\dまで）", page)
    assert reverse("consultations:lock") in page
    for name in ("lock", "key_tend", "key_passkey"):
        assert client.get(reverse(f"consultations:{name}"))["Location"] == reverse("consultations:key")
    assert client.post(reverse("consultations:lock")).status_code == 302
    assert "鍵は開いています" not in client.get(reverse(BOARD)).content.decode()
    links = staffed.client("manager").get(reverse("consultations:desks")).content.decode()
    assert reverse("consultations:destruction") in links
    assert reverse("consultations:statistics") in links


def test_a_clock_reads_as_english(staffed: Bureau) -> None:
    taken_in(staffed)
    with translation.override("ja"):
        shown = staffed.client("甲").get(reverse(BOARD), headers={"Accept-Language": "en"}).content.decode()
    assert re.search(r"by \w+ \d+ \w+ \d{4} \(\d+ working days? left\)", re.sub(r"\s+", " ", shown)), shown
