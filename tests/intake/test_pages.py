"""From the first page to the receipt, as somebody without a name goes, and whatever goes wrong on the way."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test.utils import override_settings
from PIL import Image

from intake import directory, pending, rounds, spool
from intake.acknowledgement import fingerprint
from intake.cleaning import Reason, Uncleanable
from intake.draft import pack, unpack
from intake.models import Case, Desk
from intake.receipt import Receipt
from intake.words import from_text
from tests.intake.desks import Office, found
from tests.intake.public import Visitor, served
from tests.world import as_owner
from vault.blobs import names, storage

pytestmark = pytest.mark.django_db
LANGUAGES = ["ja", "en"]
SIZE = 64 * 1024
TYPED = '一行目 <b>\n\n二行目 & "引用"'


@pytest.fixture(autouse=True)
def _served(office: Office) -> Iterator[None]:
    with served():
        yield


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def photo() -> SimpleUploadedFile:
    """With the place where it was taken in it."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 40.0, 30.0), 3: "E", 4: (139.0, 45.0, 0.0)})
    exif[0x0110] = "SECRETPHONE 12"
    held = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(held, "JPEG", exif=exif)
    return SimpleUploadedFile("山田製作所 第2工場.jpg", held.getvalue())


def unclean() -> SimpleUploadedFile:
    return SimpleUploadedFile("山田製作所の見積.bin", b"\x00\x01\x02")


def receipt_of(visitor: Visitor) -> Receipt:
    return Receipt(from_text(visitor.words))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", ["/", "/rights/", "/write/", "/return/"])
def test_each_page_speaks_the_language_of_its_address(address: str, language: str) -> None:
    visitor = Visitor(language)
    answer = visitor.open(address)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in visitor.html
    assert answer["Content-Language"] == language
    other = "/en" + address if language == "ja" else address
    assert f'<a href="{other}" lang=' in visitor.html
    links = set(re.findall(r'(?:href|action)="(/[^"]*)"', visitor.html)) - {other}
    assert links
    assert all(link.startswith("/en/") == (language == "en") for link in links)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_concern_is_written_checked_sent_and_found_again(office: Office, language: str) -> None:
    visitor = Visitor(language)
    visitor.write(text=TYPED, urgent="on", consent="GENERAL", **{"answer-handover-what": "図面です"})
    assert TYPED in visitor.text
    assert "図面です" in visitor.text
    assert spool.waiting() == [], "nothing is sent before it was checked"
    visitor.post("/sent/", visitor.fields("draft"))
    words = visitor.words
    conversation = found(receipt_of(visitor))
    assert conversation.entries[0].content["text"] == TYPED
    assert conversation.entries[0].content["answers"] == {"handover-what": "図面です"}
    header = conversation.header
    assert (header.theme, header.consent, header.language) == ("HANDOVER", "GENERAL", language)
    assert conversation.urgent
    back = Visitor(language)
    back.come_back(words.replace(" ", "\n"))
    assert TYPED in back.text


def test_listening_is_what_is_agreed_to_where_nothing_is_chosen(visitor: Visitor) -> None:
    visitor.open("/write/")
    typed = {name: value for name, value in visitor.fields("text").items() if name != "consent"}
    visitor.post("/check/", {**typed, "theme": "OTHER", "text": "x"})
    visitor.post("/sent/", visitor.fields("draft"))
    assert found(receipt_of(visitor)).header.consent == "LISTEN"


def test_a_reload_or_a_second_click_sends_nothing_twice(visitor: Visitor) -> None:
    visitor.write(text=TYPED)
    draft = visitor.fields("draft")
    visitor.post("/sent/", draft)
    words = visitor.words
    visitor.post("/sent/", draft)
    assert visitor.words == words
    assert len(spool.waiting()) == 1
    rounds.carry()
    visitor.post("/sent/", draft)
    assert visitor.words == words
    assert spool.waiting() == []


def test_neither_does_going_back_and_checking_once_more(visitor: Visitor) -> None:
    """A preview is kept by no browser: who goes back to it has the form sent to it a second time."""
    visitor.open("/write/")
    typed = {**visitor.fields("text"), "theme": "OTHER", "text": TYPED}
    words = []
    for _ in range(2):
        visitor.post("/check/", {**typed, "files": [photo()]})
        visitor.post("/sent/", visitor.fields("draft"))
        words.append(visitor.words)
    assert words[0] == words[1]
    assert len(spool.waiting()) == 1


def test_what_was_sent_with_files_and_carried_over_shows_its_receipt_again(visitor: Visitor) -> None:
    visitor.write(files=[photo()])
    draft = visitor.fields("draft")
    visitor.post("/sent/", draft)
    words = visitor.words
    rounds.carry()
    assert visitor.post("/sent/", draft).status_code == 200
    assert visitor.words == words


def test_something_else_is_another_concern_even_from_the_same_form(visitor: Visitor) -> None:
    visitor.open("/write/")
    form = visitor.fields("text")
    words = set()
    for text, theme, files in (
        ("一", "OTHER", []),
        ("二", "OTHER", []),
        ("一", "LEAK", []),
        ("一", "OTHER", [photo()]),
    ):
        visitor.post("/check/", {**form, "text": text, "theme": theme, "files": files})
        visitor.post("/sent/", visitor.fields("draft"))
        words.add(visitor.words)
    assert len(words) == len(spool.waiting()) == 4


def test_two_forms_with_the_same_words_are_two_concerns() -> None:
    words = set()
    for _ in range(2):
        visitor = Visitor()
        visitor.send(text="同じ文")
        words.add(visitor.words)
    assert len(words) == len(spool.waiting()) == 2


def test_what_is_to_be_mended_comes_back_as_it_was(visitor: Visitor) -> None:
    visitor.write(text=TYPED, theme="", urgent="on", consent="UNNAMED", **{"answer-leak-what": "答え\n二行"})
    fields = visitor.fields("text")
    assert (fields["text"], fields["urgent"], fields["consent"]) == ([TYPED], ["on"], ["UNNAMED"])
    assert fields["answer-leak-what"] == ["答え\n二行"]
    assert visitor.html.count("<details open>") == 1
    assert 'id="theme-HANDOVER"' in visitor.html
    assert 'href="#theme-HANDOVER"' in visitor.html
    visitor.write(text="", theme="", files=[SimpleUploadedFile("空.txt", b"")])
    assert re.findall(r'<li><a href="#([^"]+)"', visitor.html) == ["theme-HANDOVER", "text", "files"]


def test_the_preview_leads_back_to_the_form_with_all_in_it(visitor: Visitor, office: Office) -> None:
    desk = str(office.desks["技術"].id)
    visitor.write(text=TYPED, theme="LEAK", exclude=[desk], files=[photo()])
    draft = visitor.fields("draft")
    visitor.post("/write/", draft)
    fields = visitor.fields("text")
    assert (fields["text"], fields["theme"], fields["exclude"]) == ([TYPED], ["LEAK"], [desk])
    visitor.post("/check/", fields)
    assert "写真1.jpg" in visitor.text
    visitor.post("/sent/", visitor.fields("draft"))
    assert [file["name"] for file in found(receipt_of(visitor)).entries[0].content["files"]] == ["写真1.jpg"]


def test_the_preview_marks_what_could_give_the_writer_away(visitor: Visitor) -> None:
    text = "2026年10月5日に、部品番号AB-1234の図面を渡すように言われました。AB-1234だけです。"
    visitor.write(text=text, **{"answer-handover-else": "2026年10月5日に決まります"})
    numbers = dict(re.findall(r"<mark>([^<]*)<sup>\[(\d+)\]", visitor.html))
    assert {"1", "2"} <= set(numbers.values())
    listed = re.findall(r'<li value="(\d+)">「<strong>([^<]*)</strong>」（[^）]+） \S+', visitor.html)
    assert {(number, word) for word, number in numbers.items()} == set(listed)
    assert visitor.html.count("<mark>") > len(listed), "the same place again has the same number"
    assert re.sub(r"\[\d+\]", "", visitor.text).count(text) == 1
    visitor.write(text="取引先から、図面を渡すように言われて困っています。")
    assert "見つかりませんでした" in visitor.text


def test_a_text_full_of_marks_has_a_list_that_ends(visitor: Visitor) -> None:
    visitor.write(text="、".join(f"部品番号AB-{number}" for number in range(1000, 1200)))
    assert visitor.html.count("<mark>") == 200
    assert visitor.html.count("<li value=") == 20
    assert "ほかに180か所" in visitor.text
    assert len(visitor.answer.content) == SIZE


def test_a_desk_that_is_excluded_gets_no_key(visitor: Visitor, office: Office) -> None:
    visitor.write(exclude=[str(office.desks["技術"].id)])
    assert "読ませない窓口技術" in re.sub(r"\s", "", visitor.text)
    visitor.post("/sent/", visitor.fields("draft"))
    receipt = receipt_of(visitor)
    rounds.carry()
    assert office.opened_by("藤田", receipt)
    assert office.opened_by("村上", receipt) is None


def test_what_nobody_could_read_is_not_sent(visitor: Visitor, office: Office) -> None:
    visitor.write(text=TYPED, exclude=[str(desk.id) for desk in office.desks.values()])
    assert "だれも読めません" in visitor.text
    assert visitor.fields("text")["text"] == [TYPED]


def test_a_desk_without_readers_is_said(visitor: Visitor) -> None:
    visitor.open("/write/")
    assert "担当者がいません" not in visitor.text
    with as_owner():
        Desk.objects.create(name_ja="空席", name_en="Empty", place=9)
    directory.refresh()
    visitor.open("/write/")
    assert "担当者がいません" in visitor.text


def test_a_photo_loses_its_place_and_its_name(visitor: Visitor) -> None:
    visitor.write(files=[photo()])
    assert "写真1.jpg" in visitor.text
    assert "撮影した場所" in visitor.text
    assert "山田製作所" not in visitor.html
    visitor.post("/sent/", visitor.fields("draft"))
    (file,) = found(receipt_of(visitor)).entries[0].content["files"]
    assert (file["name"], file["cleaned"], file["kind"]) == ("写真1.jpg", True, "jpeg")


@pytest.mark.parametrize(("choice", "sent"), [("without", 0), ("sealed", 1)])
def test_what_cannot_be_cleaned_waits_for_a_word(visitor: Visitor, choice: str, sent: int) -> None:
    visitor.write(files=[unclean()])
    assert "取り除けません" in visitor.text
    assert "ファイルに残ったままになります。担当者にも" in visitor.text
    fields = visitor.fields("draft")
    code = re.findall(r'name="(treat-[^"]+)"', visitor.html)[0]
    visitor.post("/sent/", fields)
    assert "どちらかを選んでください" in visitor.text
    assert spool.waiting() == []
    visitor.post("/sent/", {**visitor.fields("draft"), code: choice})
    files = found(receipt_of(visitor)).entries[0].content["files"]
    assert [file["cleaned"] for file in files] == [False] * sent


def test_where_the_cleaner_is_busy_nobody_is_asked_to_send_a_photo_as_it_is(visitor: Visitor) -> None:
    with patch("intake.choosing.clean", side_effect=Uncleanable(Reason.BUSY)):
        visitor.write(text=TYPED, files=[photo()])
    assert "少し待って、もう一度選んでください" in visitor.text
    assert "treat-" not in visitor.html
    assert visitor.fields("text")["text"] == [TYPED]
    assert "kept" not in visitor.fields("text")
    assert list(names()) == []


def test_a_file_that_a_form_brings_twice_is_sent_once(visitor: Visitor) -> None:
    visitor.write(files=[photo()])
    said = unpack(visitor.fields("draft")["draft"][0])
    visitor.post("/sent/", {"draft": pack({**said, "kept": said["kept"] * 3})})
    assert len(found(receipt_of(visitor)).entries[0].content["files"]) == 1


def test_a_file_is_given_up_and_another_taken(visitor: Visitor) -> None:
    visitor.write(files=[unclean(), photo()])
    visitor.post("/write/", visitor.fields("draft"))
    codes = re.findall(r'name="drop" id="[^"]+" value="([^"]+)"', visitor.html)
    assert len(codes) == 2
    visitor.post("/check/", {**visitor.fields("text"), "drop": codes[:1]})
    assert "ファイル1.bin" not in visitor.text
    assert "写真2.jpg" in visitor.text


def test_too_many_and_too_large_files_are_told_beside_the_field(visitor: Visitor) -> None:
    with served(INTAKE_FILE_BYTES=1000, INTAKE_FILES=2):
        visitor.write(text=TYPED, files=[SimpleUploadedFile("大.txt", b"a" * 1001), SimpleUploadedFile("空.txt", b"")])
        assert "「大.txt」は100MBより大きい" in visitor.text
        assert "「空.txt」には中身がありません" in visitor.text
        visitor.write(text=TYPED, files=[SimpleUploadedFile(f"{n}.txt", b"text") for n in range(2)])
        visitor.post("/write/", visitor.fields("draft"))
        kept = visitor.fields("text")
        visitor.post("/check/", {**kept, "files": [SimpleUploadedFile("三.txt", b"three")]})
        assert "5つまでです" in visitor.text
        assert visitor.fields("text")["text"] == [TYPED]
        assert len(visitor.fields("text")["kept"]) == 3


@pytest.mark.parametrize("over", [1, 200])
def test_a_text_too_long_comes_back_whole(visitor: Visitor, over: int) -> None:
    long = "あ\n" * 4000 + "い" * over
    visitor.write(text=long.replace("\n", "\r\n"))
    assert f"文字までです。{over}文字へらしてください。" in visitor.text
    assert visitor.fields("text")["text"] == [long]
    visitor.write(text=long[:8000].replace("\n", "\r\n"))
    assert "送る内容" in visitor.text


def test_the_answers_count_with_the_text(visitor: Visitor) -> None:
    visitor.write(text="あ" * 7900, **{"answer-leak-what": "い" * 150})
    assert "質問への答えと合わせて、8,000文字までです。50文字へらしてください。" in visitor.text
    assert visitor.fields("text")["answer-leak-what"] == ["い" * 150]


def test_the_longest_text_still_fits_the_one_size(visitor: Visitor) -> None:
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 1500)]  # without a pattern, so that packing gains little
    text = "".join(letters[number * number * 7919 % 1499] for number in range(8000))
    visitor.write(text=text)
    assert len(visitor.answer.content) == SIZE
    draft = visitor.fields("draft")
    visitor.post("/write/", draft)
    assert len(visitor.answer.content) == SIZE
    visitor.post("/sent/", draft)
    visitor.come_back(visitor.words)
    assert len(visitor.answer.content) == SIZE


@pytest.mark.parametrize(("urgent", "when"), [({}, "10日ほどたったら"), ({"urgent": "on"}, "あさってから何度か")])
def test_when_to_come_back_is_as_urgent_as_the_concern(visitor: Visitor, urgent: dict[str, str], when: str) -> None:
    visitor.send(**urgent)
    assert [each for each in ("10日ほどたったら", "あさってから何度か") if each in visitor.text] == [when]
    visitor.come_back(visitor.words)
    assert "まだ窓口には届いていません" in visitor.text
    receipt = rounds.carry()
    assert receipt
    visitor.post("/conversation/", {"receipt": visitor.fields("receipt")["receipt"][0]})
    assert "担当者は、まだ読んでいません" in visitor.text
    assert [each for each in ("10日ほどたったら", "あさってから何度か") if each in visitor.text] == [when]


def test_what_only_experts_want_is_folded_away(visitor: Visitor) -> None:
    visitor.open("/")
    folded = re.findall(r"<details>(.*?)</details>", visitor.html, re.DOTALL)
    assert len(folded) == 1
    assert fingerprint() in folded[0]
    assert visitor.html.count(fingerprint()) == 1


def test_a_full_disk_loses_nothing_and_sends_once_there_is_room(visitor: Visitor) -> None:
    visitor.write(text=TYPED)
    draft = visitor.fields("draft")
    with patch.object(spool, "room", return_value=spool.Room.NONE):
        visitor.post("/sent/", draft)
    assert visitor.answer.status_code == 503
    assert visitor.answer["Retry-After"]
    assert visitor.fields("draft") == draft
    visitor.post("/sent/", visitor.fields("draft"))
    assert found(receipt_of(visitor)).entries[0].text == TYPED


def test_near_the_limit_who_begins_is_told_when_to_come_back_and_who_has_begun_may_send(visitor: Visitor) -> None:
    visitor.write(text=TYPED)
    draft = visitor.fields("draft")
    with patch.object(spool, "room", return_value=spool.Room.SHORT):
        assert visitor.open("/write/").status_code == 503
        assert re.search(r"\d+年\d+月\d+日\(.\)に、もう一度開いてください", visitor.text)
        visitor.post("/sent/", draft)
        assert visitor.words


def test_near_the_limit_no_file_is_taken_and_words_are(visitor: Visitor) -> None:
    visitor.open("/write/")
    fields = {**visitor.fields("text"), "theme": "OTHER", "text": TYPED}
    for looks in ([spool.Room.SHORT], [spool.Room.PLENTY, spool.Room.SHORT]):  # at its begin, and while it arrives
        large = SimpleUploadedFile("大.jpg", photo().read() + bytes(2 * pending.STEP))
        with patch.object(spool, "room", side_effect=[*looks, *[spool.Room.SHORT] * 9]):
            visitor.post("/check/", {**fields, "files": [large]})
        assert "文章だけなら、いまも送れます" in visitor.text
        assert visitor.fields("text")["text"] == [TYPED]
        assert list(names()) == []
    with patch.object(spool, "room", return_value=spool.Room.SHORT):
        visitor.post("/check/", fields)
        visitor.post("/sent/", visitor.fields("draft"))
        assert visitor.words


def test_files_leave_half_of_the_room_and_more_of_it_where_they_are_sent(visitor: Visitor) -> None:
    visitor.write(files=[photo()])
    draft = visitor.fields("draft")
    (lying,) = (blobs.size(name) for blobs in [storage()] for name in names())
    for free, taken in ((lying - 1, False), (lying, True)):
        with patch.object(pending, "_free", return_value=free), patch.object(pending, "_counted", pending.Counted()):
            assert pending.takes() is taken
    with override_settings(INTAKE_SPARE_BYTES=1000), patch.object(pending, "_free", return_value=1999):
        assert visitor.post("/sent/", draft).status_code == 503
    assert len(list(names())) == 1, "the copy that was begun is gone"
    visitor.post("/sent/", draft)
    assert visitor.words


def test_a_concern_is_taken_in_while_the_database_is_away(visitor: Visitor) -> None:
    directory.refresh()
    with (
        patch("intake.directory.from_database", side_effect=DatabaseError),
        patch("intake.database.find", side_effect=DatabaseError),
    ):
        visitor.send(text=TYPED)
        words = visitor.words
        visitor.come_back(words)
        assert TYPED in visitor.text
    rounds.carry()
    with as_owner():
        assert Case.objects.count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unexpected_failure_gives_back_what_was_typed(language: str) -> None:
    visitor = Visitor(language)
    visitor.open("/write/")
    typed = {**visitor.fields("text"), "theme": "OTHER", "text": TYPED, "urgent": "on"}
    with patch("intake.views_writing.check_page", side_effect=RuntimeError):
        visitor.post("/check/", typed)
    assert visitor.answer.status_code == 500
    assert visitor.fields("text") == {
        name: value if isinstance(value, list) else [value] for name, value in typed.items()
    }
    visitor.post("/check/", visitor.fields("text"))
    assert TYPED in visitor.text
    draft = visitor.fields("draft")
    with patch("intake.views_writing.send", side_effect=RuntimeError):
        visitor.post("/sent/", draft)
    assert visitor.fields("draft") == draft


def test_nobody_to_read_it_loses_nothing(visitor: Visitor, office: Office) -> None:
    visitor.write(text=TYPED)
    draft = visitor.fields("draft")
    with patch.object(directory, "readers", return_value={}):
        visitor.post("/sent/", draft)
    assert visitor.answer.status_code == 503
    assert visitor.fields("draft") == draft


SAID = {"begun": "", "kept": [], "theme": "", "text": "", "exclude": [], "urgent": 1, "consent": "", "answers": {}}
MANGLED = [
    "", "x", "あ", pack([]), pack({}), pack({"kept": 1}), pack("a" * 2_000_000), pack({"begun": 1, "kept": []}),
    pack({**SAID, "theme": {}}), pack({**SAID, "text": []}), pack({**SAID, "kept": [1]}),
    pack({**SAID, "exclude": 1}), pack({**SAID, "answers": {"x": 1}}),
]  # fmt: skip


@pytest.mark.parametrize("draft", MANGLED, ids=range(len(MANGLED)))
@pytest.mark.parametrize("address", ["/sent/", "/write/"])
def test_a_form_that_is_none_of_ours_is_refused(visitor: Visitor, draft: str, address: str) -> None:
    assert visitor.post(address, {"draft": draft}).status_code == 400
    assert len(visitor.answer.content) == SIZE


def test_what_a_form_of_ours_could_not_say_is_asked_again(visitor: Visitor) -> None:
    said = {"theme": "NONE", "text": "x", "answers": {}, "exclude": ["y"], "urgent": False, "consent": "ALL"}
    visitor.post("/sent/", {"draft": pack({**said, "begun": "", "kept": ["a~b"]})})
    assert visitor.answer.status_code == 200
    assert len(re.findall(r'<p class="error"', visitor.html)) >= 2
    assert spool.waiting() == []


@pytest.mark.parametrize(
    ("address", "onward"), [("/check/", "/write/"), ("/sent/", "/return/"), ("/conversation/", "/return/")]
)
def test_a_page_that_only_a_form_leads_to_leads_to_the_form(visitor: Visitor, address: str, onward: str) -> None:
    assert visitor.open(address)["Location"] == onward


def test_nothing_of_a_request_is_written_into_the_log(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    visitor.send(text=TYPED)
    visitor.open("/nowhere/planted-word/")
    visitor.post("/sent/", {"draft": "planted-word"})
    with patch.object(spool, "room", return_value=spool.Room.NONE):
        visitor.open("/write/")
    assert [record.getMessage() for record in caplog.records] == []
