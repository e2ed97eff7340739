"""Compiles the catalogues (`.po`) to what gettext reads (`.mo`), those that changed only. Needs no gettext tools."""

import os
from collections.abc import Iterator
from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parent.parent.parent / "locale"


def catalogues(root: Path = LOCALE) -> Iterator[Path]:
    """`locale/<app>/en/LC_MESSAGES/*.po`, one an app."""
    yield from sorted(root.glob("*/*/LC_MESSAGES/*.po"))


def compile_changed(root: Path = LOCALE) -> list[Path]:
    """The catalogues that were compiled. Safe beside another process that does the same."""
    compiled = []
    for source in catalogues(root):
        target = source.with_suffix(".mo")
        read = source.stat()
        if target.exists() and target.stat().st_mtime_ns == read.st_mtime_ns:
            continue
        fresh = target.with_suffix(f".{os.getpid()}.mo")
        polib.pofile(str(source)).save_as_mofile(str(fresh))
        os.utime(fresh, ns=(read.st_atime_ns, read.st_mtime_ns))  # the stamp: the compiled file is as old as its source
        fresh.replace(target)
        compiled.append(source)
    return compiled
