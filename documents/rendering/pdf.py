"""Draws a PDF in a process of its own, which has nothing but the file and may do nothing but draw (see `confine`)."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Timer
from typing import IO

from .pages import Page

CHILD = Path(__file__).with_name("pdf_child.py")
LARGEST = 200 * 1024 * 1024  # it is held in memory, never on a disk
MOST_PAGES = 1000
SECONDS = 300
HEAD = struct.Struct(">IIII")
LARGEST_TEXT, LARGEST_IMAGE = 1024 * 1024, 24 * 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n"


class NotDrawn(ValueError):
    """The file could not be read as a PDF, is protected, or took too much time or memory."""


def pages(pieces: Iterable[bytes], *, progress: Callable[[int], None], seconds: int = SECONDS) -> Iterator[Page]:
    """The pages of a PDF as they are drawn. `progress` is told the percentage. Raises NotDrawn.

    What comes back is taken from a process that may have been turned by its input: its sizes are held to limits, and an
    image is passed on as nothing but a PNG.
    """
    with _held_in_memory(pieces) as source:
        child = subprocess.Popen(  # noqa: S603 - our own file, run by our own interpreter
            [sys.executable, "-I", str(CHILD), str(seconds), str(MOST_PAGES + 1)],
            stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/", close_fds=True,
        )  # fmt: skip
    watch = Timer(seconds, child.kill)
    watch.start()
    try:
        assert child.stdout is not None
        yield from _received(child.stdout, progress)
        if child.wait(timeout=seconds):
            raise NotDrawn
    finally:
        watch.cancel()
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()


def _received(pipe: IO[bytes], progress: Callable[[int], None]) -> Iterator[Page]:
    (count,) = struct.unpack(">I", _exactly(pipe, 4))
    if not count:
        raise NotDrawn
    wanted = min(count, MOST_PAGES + 1)
    for number in range(wanted):
        text_length, image_length, width, height = HEAD.unpack(_exactly(pipe, HEAD.size))
        if text_length > LARGEST_TEXT or image_length > LARGEST_IMAGE or max(width, height) > 0xFFFF:
            raise NotDrawn
        text, image = _exactly(pipe, text_length), _exactly(pipe, image_length)
        if not image.startswith(PNG):
            raise NotDrawn
        yield Page(text.decode("utf-8", "replace"), image, width, height)
        progress(100 * (number + 1) // wanted)


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise NotDrawn
    return data


def _held_in_memory(pieces: Iterable[bytes]) -> IO[bytes]:
    held = os.fdopen(os.memfd_create("pdf", os.MFD_CLOEXEC), "w+b")
    try:
        for piece in pieces:
            held.write(piece)
        held.seek(0)
    except BaseException:
        held.close()
        raise
    return held
