"""How the commands speak: progress in both languages, one sentence for each fault, an orderly end when told to stop."""

from __future__ import annotations

import signal
import threading
from abc import ABC, abstractmethod
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import DatabaseError

from portal.embedded.console import Trouble
from vault.providers import KeyProviderUnavailable, provider

from .archive import Said
from .postgres import first_line


class Stopped(BaseException):
    """The process was told to end."""


class BackupCommand(BaseCommand, ABC):
    """A command of this package: `work` may raise Trouble."""

    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        begun = monotonic()
        try:
            with stopping_in_order():
                provider().check()
                self.work(progress(self.stdout, begun), **options)
        except Trouble as trouble:
            raise CommandError("\n".join((f"{trouble.ja} / {trouble.en}", *trouble.lines))) from trouble
        except KeyProviderUnavailable as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(
                "\n".join((
                    "データベースとの接続が切れたか、問い合わせが断られました。"
                    " / The connection to the database broke off, or a question was refused.",
                    *first_line(error),
                ))
            ) from error  # fmt: skip
        except Stopped:
            raise CommandError("途中で止めました。 / Stopped before the end.") from None

    @abstractmethod
    def work(self, say: Said, **options: Any) -> None:
        """What the command does, saying how far it is."""


def progress(out: OutputWrapper, begun: float) -> Said:
    def say(ja: str, en: str) -> None:
        out.write(f"{monotonic() - begun:7.1f} s  {ja} / {en}")
        out.flush()

    return say


@contextmanager
def stopping_in_order() -> Iterator[None]:
    """A TERM, a closed terminal and Ctrl-C end the command as a fault does: nothing half-made stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def absolute(text: str) -> Path:
    """A file's path as an option. Nothing is made in a folder that is not there."""
    path = Path(text).absolute()
    if not path.parent.is_dir():
        raise ArgumentTypeError(f"フォルダー {path.parent} がありません。 / The folder {path.parent} does not exist.")
    return path
