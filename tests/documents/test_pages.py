"""Drawing: texts cut into pages, PDFs drawn in a process that may do nothing else."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from documents.demo.pdf import pdf
from documents.rendering import pdf as drawing
from documents.rendering import text
from documents.rendering.pages import NothingToDraw, Page, store
from documents.sniffing import by_head


def cut(pieces: Iterable[str]) -> list[str]:
    return [page.text for page in text.pages(pieces)]


@given(st.lists(st.text(alphabet="あいう漢字 a\n\r\t", max_size=60), max_size=40))
def test_pages_hold_all_of_a_text_in_order(pieces: list[str]) -> None:
    whole = "".join(pieces).replace("\r\n", "\n").replace("\r", "\n")
    assert "".join(cut(pieces)) == whole


def test_a_page_ends_with_a_line() -> None:
    pages = cut(["一行の文章です。\n" * 3000])
    assert len(pages) > 1
    assert all(page.endswith("\n") for page in pages)
    assert max(map(len, pages)) < text.PAGE_CHARACTERS + 20


def test_a_form_feed_ends_a_page() -> None:
    assert cut(["一\f二\n三\f", "四"]) == ["一", "二\n三", "四"]


def test_an_endless_line_is_cut() -> None:
    pages = cut(["あ" * 30_000])
    assert "".join(pages) == "あ" * 30_000
    assert max(map(len, pages)) <= text.LONGEST_LINE


def test_controls_are_not_shown() -> None:
    assert cut(["\ufeffa\x00b\x1bc\x7fd\n"]) == ["abcd\n"]


def test_a_rendition_stops_at_its_limit_and_says_so() -> None:
    drawn = store((Page(str(number)) for number in range(9)), most=4)
    assert (len(drawn.index), drawn.cut) == (4, True)
    drawn.blob.discard()


def test_nothing_to_draw_leaves_no_blob(blobs: Path) -> None:
    with pytest.raises(NothingToDraw):
        store([])
    assert not [path for path in blobs.rglob("*") if path.is_file()]


def test_a_pdf_becomes_images_and_text() -> None:
    said: list[int] = []
    pages = list(drawing.pages([pdf([["First page"], ["Second page"]])], progress=said.append))
    assert [page.text.strip() for page in pages] == ["First page", "Second page"]
    image = Image.open(io.BytesIO(pages[0].image))
    assert (image.format, image.size) == ("PNG", (pages[0].width, pages[0].height))
    assert image.convert("L").getextrema()[0] < 100  # something dark stands on it
    assert said[-1] == 100


def test_a_page_of_any_size_is_drawn_within_limits() -> None:
    (page,) = drawing.pages([pdf([["Vast"]], box="0 0 14400 14400")], progress=lambda _: None)
    assert page.width * page.height <= 4_100_000


BROKEN = {
    "nothing in it": b"%PDF-1.7\n%%EOF",
    "nested without end": b"%PDF-1.4\n" + b"<<" * 200_000,
    "an object that is itself": b"%PDF-1.4\n1 0 obj\n1 0 R\nendobj\ntrailer<</Root 1 0 R>>",
    "noise": b"%PDF-1.4\n" + bytes(range(256)) * 500,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_pdf_is_not_drawn(content: bytes) -> None:
    assert by_head("a.pdf", content).kind == "PDF"
    with pytest.raises(drawing.NotDrawn):
        list(drawing.pages([content], progress=lambda _: None, seconds=20))


def test_drawing_that_takes_too_long_is_ended() -> None:
    heavy = pdf([[f"Line {line}" for line in range(60)]] * 400)
    with pytest.raises(drawing.NotDrawn):
        list(drawing.pages([heavy], progress=lambda _: None, seconds=1))


CONFINED = """
import ctypes, os, socket, sys, resource
sys.path.insert(0, sys.argv[1])
from confine import confine
confine(5)
def attempt(what):
    try: what()
    except Exception as error: return type(error).__name__
    return "done"
def connect():
    socket.create_connection(("127.0.0.1", int(sys.argv[3])), 2)
def fork():
    pid = os.fork()
    os._exit(0) if pid == 0 else os.waitpid(pid, 0)
print(attempt(lambda: open(sys.argv[2]).read()), attempt(lambda: open("/tmp/made-by-a-pdf", "w")),
      attempt(lambda: os.listdir("/")), attempt(connect), attempt(lambda: bytearray(3 << 30)),
      resource.getrlimit(resource.RLIMIT_CPU)[0], resource.getrlimit(resource.RLIMIT_NPROC)[0])
"""


def test_the_drawing_process_reaches_neither_files_nor_network_nor_memory(tmp_path: Path) -> None:
    secret = tmp_path / "root.key"
    secret.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = subprocess.run(
            [sys.executable, "-I", "-c", CONFINED, str(drawing.CHILD.parent), str(secret),
             str(listening.getsockname()[1])],
            stdout=subprocess.PIPE, text=True, check=True, env={},
        )  # fmt: skip
    assert done.stdout.split() == [*["PermissionError"] * 4, "MemoryError", "5", "0"]
    assert not Path("/tmp/made-by-a-pdf").exists()


def test_the_drawing_process_gets_no_environment_and_no_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, object]] = []
    popen = subprocess.Popen

    def spy(*args: object, **options: object) -> object:
        started.append(options)
        return popen(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setenv("ENTAKU_DB_PASSWORD", "secret")
    monkeypatch.setattr(drawing.subprocess, "Popen", spy)
    list(drawing.pages([pdf([["One"]])], progress=lambda _: None))
    assert started[0]["env"] == {}
    assert started[0]["close_fds"] is True
    assert os.environ["ENTAKU_DB_PASSWORD"] == "secret"
