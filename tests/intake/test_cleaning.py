"""A cleaned file shows what it showed, and holds nothing of who made it, where and when."""

from __future__ import annotations

import io
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pytest
from django.utils import translation
from PIL import Image, ImageChops

from intake.cleaning import Kind, Reason, Trace, Uncleanable, can_clean, clean, kind_of, mat2, running, safe_name
from intake.cleaning.inside import bounds
from intake.cleaning.inside.telling import END, FRAME, PIECE, TRACES
from intake.cleaning.kinds import Way
from intake.cleaning.refusals import LARGEST
from intake.cleaning.running import LARGEST_MADE, STEP
from intake.cleaning.traces import traces
from portal.embedded import translations
from tests.intake.planted import LATITUDE, SECRET, docx, drawing, jpeg, moving, pdf, png, tiff

translations.compile_changed()
ROOT = Path(__file__).resolve().parent.parent.parent
INSIDE = ROOT / "intake" / "cleaning" / "inside"


def pieces(data: bytes, size: int = 10_007) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def cleaned(data: bytes, name: str = "x") -> tuple[bytes, tuple[Trace, ...]]:
    work = clean(pieces(data), kind_of(data[:4096], name))
    return b"".join(work), work.found


def refused(data: bytes, kind: Kind | None, seconds: int = 60) -> Reason:
    with pytest.raises(Uncleanable) as caught:
        b"".join(clean(pieces(data), kind, seconds=seconds))
    return caught.value.reason


def saved(form: str, picture: Image.Image | None = None) -> bytes:
    made = io.BytesIO()
    (picture or drawing()).save(made, form)
    return made.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def difference(first: Image.Image, second: Image.Image) -> int:
    extrema = ImageChops.difference(first.convert("RGB"), second.convert("RGB")).getextrema()
    return max(int(high) for _, high in extrema)  # type: ignore[misc]


def test_a_photograph_keeps_its_picture_and_loses_where_when_and_by_whom_it_was_taken() -> None:
    before = jpeg()
    exif = opened(before).getexif()
    assert exif.get_ifd(0x8825)[2] == LATITUDE
    assert before.count(SECRET) > 7
    after, found = cleaned(before)
    assert SECRET not in after
    assert b"2026:11" not in after
    assert b"".join(struct.pack("<II", part, 1) for part in LATITUDE) not in after
    assert b"Exif" not in after
    assert b"http" not in after
    assert set(opened(after).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert set(found) == {
        Trace.PLACE, Trace.TIME, Trace.PERSON, Trace.DEVICE, Trace.EDITS, Trace.COMMENT, Trace.COLOURS, Trace.THUMBNAIL
    }  # fmt: skip


def test_a_photograph_taken_on_its_side_stands_upright() -> None:
    after, _ = cleaned(jpeg())
    assert opened(after).size == (64, 96)
    assert difference(opened(after), drawing().rotate(-90, expand=True)) < 12


def test_what_is_written_into_a_png_is_taken_out_of_it() -> None:
    after, found = cleaned(png())
    assert opened(after).info == {}
    for written in (SECRET, b"tEXt", b"iTXt", b"zTXt", b"eXIf"):
        assert written not in after
    assert {Trace.PERSON, Trace.COMMENT, Trace.SOFTWARE, Trace.PLACE} <= set(found)


def test_a_scan_keeps_all_its_sheets() -> None:
    after, found = cleaned(tiff())
    assert opened(after).n_frames == 3  # type: ignore[attr-defined]
    assert SECRET not in after
    assert {Trace.PERSON, Trace.SOFTWARE, Trace.COMMENT} <= set(found)


@pytest.mark.parametrize(("form", "written"), [("GIF", "PNG"), ("WEBP", "WEBP"), ("PNG", "PNG")])
def test_of_a_moving_picture_the_first_one_stays(form: str, written: str) -> None:
    after, found = cleaned(moving(form))
    picture = opened(after)
    assert picture.format == written
    assert getattr(picture, "n_frames", 1) == 1
    assert difference(picture, drawing()) < 16
    assert Trace.MORE_PICTURES in found


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_pictures_of_every_make_are_drawn_again(mode: str) -> None:
    form = "TIFF" if mode == "CMYK" else "PNG"
    after, found = cleaned(saved(form, Image.new("I;16", (96, 64)) if mode == "I;16" else drawing().convert(mode)))
    assert opened(after).size == (96, 64)
    assert found == ()


def test_a_bitmap_becomes_a_png() -> None:
    after, _ = cleaned(saved("BMP"))
    assert opened(after).format == "PNG"
    assert difference(opened(after), drawing()) == 0


def test_a_pdf_becomes_pictures_of_its_pages() -> None:
    before = pdf()
    after, found = cleaned(before)
    document, original = pypdfium2.PdfDocument(after), pypdfium2.PdfDocument(before)
    try:
        assert [page.get_size() for page in document] == [(300, 200), (300, 200)]
        assert document.get_metadata_dict(skip_empty=True) == {}
        assert document.count_attachments() == 0
        drawn, wanted = (
            one[0].render(scale=1, draw_annots=False).to_pil().convert("L") for one in (document, original)
        )
        assert difference(drawn.crop((30, 30, 290, 190)), wanted.crop((30, 30, 290, 190))) < 130
        assert drawn.getpixel((80, 150)) != 255
    finally:
        document.close()
        original.close()
    for written in (SECRET, b"Font", b"xmpmeta", b"/Info", b"/Annot", b"EmbeddedFile", b"20261103"):
        assert written not in after
    assert {
        Trace.PERSON, Trace.COMMENT, Trace.TIME, Trace.EDITS, Trace.ATTACHMENT, Trace.TEXT_LAYER
    } <= set(found)  # fmt: skip


def test_a_protected_pdf_is_refused_for_its_password() -> None:
    assert refused(pdf(password=True), Kind.PDF) is Reason.PROTECTED


def test_a_pdf_of_too_many_pages_is_refused() -> None:
    assert refused(pdf(pages=301), Kind.PDF) is Reason.PAGES


WRITTEN = "図面の件。\n2行目\n"


@pytest.mark.parametrize(
    ("before", "found"),
    [
        (WRITTEN.encode(), ()),
        (b"\xef\xbb\xbf" + WRITTEN.replace("\n", "\r\n").encode(), ()),
        (WRITTEN.replace("\n", "\r").encode("cp932"), ()),
        (WRITTEN.encode("euc_jp"), ()),
        (WRITTEN.encode("utf-16"), ()),
        ("図面\u200bの\u2060件。\n2行目\U000e0041\n\u00ad".encode(), (Trace.INVISIBLE,)),
    ],
    ids=["as it is", "mark and line ends of Windows", "Shift_JIS", "EUC", "UTF-16", "hidden characters"],
)
def test_plain_text_is_written_in_one_way(before: bytes, found: tuple[Trace, ...]) -> None:
    assert cleaned(before, "memo.txt") == (WRITTEN.encode(), found)


def test_text_is_whole_wherever_a_piece_of_it_ends() -> None:
    text = "あ\r\n" * 700_000
    after, _ = cleaned(text.encode(), "x.csv")
    assert after == text.replace("\r\n", "\n").encode()


def test_an_empty_text_stays_empty() -> None:
    assert cleaned(b"", "x.txt") == (b"", ())


BOMB = struct.pack(">I4sIIBBBBB", 13, b"IHDR", 60_000, 60_000, 8, 2, 0, 0, 0)


@pytest.mark.parametrize(
    ("data", "kind", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + BOMB + bytes(4), Kind.PNG, Reason.BROKEN),
        (saved("JPEG")[:300], Kind.JPEG, Reason.BROKEN),
        (b"\xff\xd8\xff" + bytes(900), Kind.JPEG, Reason.BROKEN),
        (b"%PDF-1.7 nothing else", Kind.PDF, Reason.BROKEN),
        (b"plain words", Kind.PNG, Reason.BROKEN),
        (b"\x81\xff\xfe\x80" * 30, Kind.TEXT, Reason.BROKEN),
        (b"\x00\x00\x00\x18ftypheic" + bytes(90), Kind.HEIC, Reason.HEIC),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLD_OFFICE, Reason.OLD_OFFICE),
        (b"PK\x03\x04" + bytes(90), Kind.ARCHIVE, Reason.ARCHIVE),
        (b"MZ" + bytes(90), None, Reason.UNKNOWN),
    ],
)
def test_what_cannot_be_cleaned_is_refused_with_the_reason(data: bytes, kind: Kind | None, reason: Reason) -> None:
    assert refused(data, kind) is reason


def test_a_small_file_that_would_be_a_huge_picture_is_refused_before_it_is_drawn() -> None:
    import zlib

    start = b"\x89PNG\r\n\x1a\n" + BOMB + struct.pack(">I", zlib.crc32(BOMB[4:]))
    idat = zlib.compress(bytes(2_000_000))
    data = start + struct.pack(">I4s", len(idat), b"IDAT") + idat + struct.pack(">I", zlib.crc32(b"IDAT" + idat))
    assert refused(data, Kind.PNG) is Reason.PIXELS


def test_each_reason_says_what_to_do_in_both_languages() -> None:
    for reason in Reason:
        said = str(Uncleanable(reason).message)
        assert said.endswith("。")
        with translation.override("en"):
            assert str(Uncleanable(reason).message) != said
    for trace in Trace:
        said = str(trace.label)
        with translation.override("en"):
            assert str(trace.label) != said


def test_the_sentences_name_the_figures_of_the_code() -> None:
    with translation.override("en"):
        said = {reason: str(reason.text) for reason in Reason}
    assert f"at most {bounds.MOST_PIXELS // 1_000_000} million" in said[Reason.PIXELS]
    assert f"at most {bounds.MOST_PAGES})" in said[Reason.PAGES]
    assert f"at most {LARGEST // 1024**2} MB" in said[Reason.SIZE]


def test_a_file_over_100_mb_is_refused() -> None:
    with pytest.raises(Uncleanable) as caught:
        list(clean((bytes(1024 * 1024) for _ in range(101)), Kind.BMP))
    assert caught.value.reason is Reason.SIZE


def test_work_that_takes_too_long_is_ended() -> None:
    assert refused(jpeg(), Kind.JPEG, seconds=0) is Reason.TIME


def test_more_work_than_there_are_places_for_waits_and_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PATIENCE", 0.01)
    with taking_all_places():
        assert refused(jpeg(), Kind.JPEG) is Reason.BUSY
    assert cleaned(jpeg())[0]


def test_where_enough_wait_already_no_more_threads_are_held() -> None:
    with taking_all_places(), ThreadPoolExecutor(running.MOST_WAITING) as threads:
        waiting = [threads.submit(cleaned, jpeg()) for _ in range(running.MOST_WAITING)]
        while running._queue.acquire(blocking=False):  # until all who wait have come
            running._queue.release()
            time.sleep(0.01)
        began = time.monotonic()
        assert refused(jpeg(), Kind.JPEG) is Reason.BUSY
        assert time.monotonic() - began < 5
        for work in list(begun):
            work.close()
        assert all(work.result()[0] for work in waiting)


begun: list[running.Cleaning] = []


@contextmanager
def taking_all_places() -> Iterator[None]:
    begun[:] = [clean(pieces(b"x" * 2_000_000), Kind.TEXT) for _ in range(running.MOST_CHILDREN)]
    try:
        for work in begun:
            next(work)
        yield
    finally:
        for work in begun:
            work.close()


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_as_much_as_one_sends_passes_through_while_the_web_process_holds_a_few_pieces() -> None:
    """Seen from the first few megabytes on: of the forty that follow, nothing may stay."""
    line = "2026年の図面について、ここに書きます。\r\n".encode()
    piece = line * (STEP // len(line))
    number = 48 * 1024 * 1024 // len(piece)
    held: list[int] = []

    def sent() -> Iterator[bytes]:
        for _ in range(number):
            held.append(resident())
            yield piece

    size = 0
    for made in clean(sent(), Kind.TEXT):
        size += len(made)
        held.append(resident())
    assert size == number * len(piece.replace(b"\r", b""))
    assert max(held) - max(held[: number // 6]) < 12 * 1024 * 1024


BEGIN = """
import sys, time
from django.conf import settings
settings.configure()
from intake.cleaning import Kind, clean
from intake.cleaning.running import clean
work = clean(iter([b"x" * 8_000_000]), Kind.TEXT)
next(work)
print("begun", flush=True)
time.sleep(60)
"""


def children_of(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_the_child_ends_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", BEGIN], stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"begun\n"
        (child,) = children_of(parent.pid)
        parent.send_signal(signal.SIGKILL)
    assert gone(child)


def gone(process: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


SHUT_IN = """
import os, socket, sys
sys.path.insert(0, {inside!r})
from confine import confine
confine(parent=os.getppid(), seconds=5)
def tried(what):
    try: what()
    except (OSError, MemoryError) as error: return type(error).__name__
    return "done"
sys.stdout.write(" ".join(map(tried, (
    lambda: open("/etc/hostname"), lambda: open("/dev/shm/x", "w"), lambda: os.listdir("/tmp"),
    lambda: socket.create_connection(("127.0.0.1", {port})), lambda: bytearray(2 << 30),
))))
"""


def test_the_child_reaches_neither_files_nor_network_nor_memory() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = SHUT_IN.format(inside=str(INSIDE), port=port)
        done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, check=True, env={})
    assert done.stdout.decode() == "PermissionError PermissionError PermissionError PermissionError MemoryError"


def test_a_child_whose_parent_is_gone_already_ends_at_once() -> None:
    script = (
        f"import sys; sys.path.insert(0, {str(INSIDE)!r}); from confine import confine; confine(parent=1, seconds=5)"
    )
    assert subprocess.run([sys.executable, "-I", "-c", script], check=False).returncode == 1


def frame(sign: bytes, data: bytes, length: int | None = None) -> bytes:
    return FRAME.pack(sign, len(data) if length is None else length) + data


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"P\0",
        frame(PIECE, b"\xff\xd8\xff", 10),
        frame(PIECE, b"", 0xFFFFFFFF),
        frame(b"X", b""),
        frame(PIECE, b"<html>") + frame(END, b""),
        frame(PIECE, b"\xff\xd8\xff"),
        frame(PIECE, b"\xff\xd8\xff" + bytes(STEP - 3)) * (LARGEST_MADE // STEP + 1),
    ],
    ids=["nothing", "cut", "short", "too long", "unknown sign", "another kind", "no end", "without end"],
)
def test_what_a_turned_child_says_is_not_taken(said: bytes) -> None:
    late = running.Lateness(60, lambda: None)
    try:
        with pytest.raises(Uncleanable) as caught:
            for _ in running._received(io.BytesIO(said), Kind.JPEG, running.Cleaning(lambda _: iter(())), late):  # type: ignore[arg-type,return-value]
                pass
    finally:
        late.cancel()
    assert caught.value.reason is Reason.FAILED


def test_unknown_traces_are_left_out() -> None:
    assert traces("place,<script>,time,place") == (Trace.PLACE, Trace.TIME)
    assert frame(TRACES, b"")[:1] == b"T"


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (jpeg()[:64], "a.png", Kind.JPEG),
        (b"RIFF\0\0\0\0WAVE", "a", Kind.WAV),
        (b"RIFF\0\0\0\0AVI ", "a", Kind.AVI),
        (b"ID3\x04", "a", Kind.MP3),
        (b"\xff\xfb\x90\x00", "a", Kind.MP3),
        ("\ufeff図".encode("utf-16-le"), "a.txt", Kind.TEXT),
        (b"\0\0\0\x20ftypisom", "a", Kind.MP4),
        (b"\0\0\0\x20ftypmif1", "a", Kind.HEIC),
        (b"\0\0\0\x20ftypavif", "a", Kind.HEIC),
        (docx()[:4096], "見積.DOCX", Kind.DOCX),
        (docx()[:4096], "a.xlsx", Kind.XLSX),
        (docx()[:4096], "a.docm", Kind.ARCHIVE),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.textPK", "a", Kind.ODT),
        (b"a,b\n1,2\n", "a.csv", Kind.CSV),
        (b"a,b\n1,2\n", "a.exe", Kind.TEXT),
        (b"<svg xmlns='x'>", "a.svg", None),
        (b"  <!DOCTYPE html>", "a.txt", None),
        (b"MZ\x90\0", "a.txt", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, name: str, kind: Kind | None) -> None:
    assert kind_of(head, name) is kind


def test_names_say_what_a_file_is_and_no_more() -> None:
    assert [safe_name(kind, 1) for kind in (Kind.JPEG, Kind.GIF, Kind.PDF, Kind.CSV, None)] == [
        "写真1.jpg", "写真1.png", "文書1.pdf", "表1.csv", "ファイル1.bin"
    ]  # fmt: skip
    with translation.override("en"):
        assert safe_name(Kind.JPEG, 2) == "photo2.jpg"


STAND_IN = """#!/bin/sh
for file; do :; done
case "$*" in
*--show*) printf '[+] Metadata for x:\\n    author: somebody\\n    GPSLatitude: 1\\n    odd: 1\\n'; exit 0;;
esac
test "$(stat -c %a "$(dirname "$file")")" = 700 || exit 3
ls /dev/shm >/dev/null 2>&1 && exit 4
cat /proc/1/cmdline >/dev/null 2>&1 && exit 5
{body}
"""
COPIES = 'cp "$file" "${file%.*}.cleaned.${file##*.}"'

StandIn = Callable[[str], None]


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A mat2 of the test's own on the path."""

    def put(body: str) -> None:
        program = tmp_path / "mat2"
        program.write_text(STAND_IN.replace("{body}", body))
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return put


def left() -> list[Path]:
    return list(Path("/dev/shm").glob("entaku-cleaning-*"))


def test_where_mat2_is_absent_office_files_are_refused_and_say_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert refused(docx(), Kind.DOCX) is Reason.NO_MAT2
    assert all((can_clean(kind) is Reason.NO_MAT2) == (kind.way is Way.MAT2) for kind in Kind)


def test_mat2_without_a_folder_in_memory_is_as_good_as_absent(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(COPIES)
    assert can_clean(Kind.DOCX) is None
    monkeypatch.setattr(mat2, "MEMORY_BACKED", tmp_path)
    assert can_clean(Kind.DOCX) is Reason.NO_MAT2


def test_mat2_works_shut_in_and_leaves_nothing_behind(stand_in: StandIn) -> None:
    stand_in(COPIES)
    assert cleaned(docx(), "a.docx") == (docx(), (Trace.PERSON, Trace.PLACE, Trace.OTHER))
    assert left() == []


@pytest.mark.parametrize(
    "body",
    ["exit 1", "exit 0", 'ln -s /etc/hostname "${file%.*}.cleaned.${file##*.}"', 'echo x > "${file%.*}.cleaned.docx"'],
    ids=["fails", "makes nothing", "makes a link", "makes another kind"],
)
def test_what_mat2_does_not_make_is_not_taken(stand_in: StandIn, body: str) -> None:
    stand_in(body)
    assert refused(docx(), Kind.DOCX) is Reason.FAILED
    assert left() == []


def test_mat2_and_what_it_started_end_when_time_is_up(stand_in: StandIn) -> None:
    stand_in("sleep 61.25 & sleep 61.25")
    assert refused(docx(), Kind.DOCX, seconds=1) is Reason.TIME
    assert left() == []
    running_still = subprocess.run(["pgrep", "-f", "sleep 61.25"], capture_output=True, check=False)
    assert running_still.stdout == b""


BEGIN_MAT2 = """
from django.conf import settings
settings.configure()
from intake.cleaning import Kind, clean
list(clean(iter([open(0, "rb").read()]), Kind.DOCX))
"""


def test_killed_with_its_work_half_done_the_product_leaves_no_process_and_the_next_work_removes_its_folder(
    stand_in: StandIn,
) -> None:
    stand_in("sleep 62.75 & sleep 62.75")
    begun = {**os.environ}
    with subprocess.Popen([sys.executable, "-c", BEGIN_MAT2], stdin=subprocess.PIPE, cwd=ROOT, env=begun) as parent:
        assert parent.stdin is not None
        parent.stdin.write(docx())
        parent.stdin.close()
        for _ in range(250):
            if sleeping():
                break
            time.sleep(0.02)
        assert sleeping()
        parent.send_signal(signal.SIGKILL)
    assert all(gone(process) for process in sleeping())
    (folder,) = left()
    stand_in(COPIES)
    cleaned(docx(), "a.docx")
    assert not folder.exists()


def sleeping() -> list[int]:
    found = subprocess.run(["pgrep", "-f", "sleep 62.75"], capture_output=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def test_mat2_itself_takes_the_author_out_of_a_document(record_property: Callable[[str, object], None]) -> None:
    if not mat2.mat2_here():
        record_property("said", "mat2 is not installed here: its work was tried with a stand-in alone")
        assert can_clean(Kind.DOCX) is Reason.NO_MAT2
        return
    after, found = cleaned(docx(), "見積.docx")
    with zipfile.ZipFile(io.BytesIO(after)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert SECRET not in everything + after
    assert b"00A1B2C3" not in everything
    assert b"the words that stay" in everything
    assert Trace.PERSON in found
    assert left() == []
