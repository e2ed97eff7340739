"""`manage.py rotate_keys root|marking|document`: exchanges a layer of keys while people read and write."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.utils.translation import gettext_lazy as _

from accounts.operator import both
from audit.acts import Act
from documents.models import Document
from documents.services import rekeying
from portal import rotation as root
from portal.key_command import SETTLE_SECONDS, KeyCommand
from portal.progress import Progress
from vault import Unreadable, rotation
from vault.models import MarkingKey
from vault.providers import provider


class Command(KeyCommand):
    help = "鍵を入れ替えます。止めても、もう一度実行すれば続きから進みます。 Exchanges keys; run again, it goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        layers = parser.add_subparsers(dest="layer", required=True)
        of_root = layers.add_parser("root", help="a new root key; then a backup; then again with --finish")
        of_root.add_argument("--finish", action="store_true", help="destroy the old root key, once a backup is taken")
        of_root.add_argument(
            "--settle", type=float, default=SETTLE_SECONDS, metavar="SECONDS", help="wait before it goes"
        )
        of_marking = layers.add_parser("marking", help="a new key for markings; all of them without a name")
        of_marking.add_argument("--batch", type=int, default=rotation.BATCH, metavar="ROWS", help="rows a transaction")
        of_marking.add_argument("marking", nargs="*", metavar="MARKING", help="as written, for example HI//SEMICON")
        layers.add_parser("document", help="a new key for one document and its files").add_argument(
            "document", type=UUID, metavar="ID"
        )

    def work(self, *, layer: str, **options: Any) -> None:  # type: ignore[override]
        if layer == "root":
            self._finish_root(options["settle"]) if options["finish"] else self._root()
        elif layer == "marking":
            self._markings(options["marking"], options["batch"])
        else:
            self._document(options["document"])

    # --- the root ---

    def _root(self) -> None:
        root.take_over(using="owner")
        bar = Progress(self.stdout, both(_("ルート鍵の入替え")), len(rotation.under_ending_roots(using="owner")))
        unreadable = 0
        for opened in root.bring_over(using="owner"):
            unreadable += not opened
            bar.advance()
        bar.finish()
        self.note(Act.KEY_ROTATE, layer="root", step="taken over", unreadable=unreadable)
        if unreadable:
            self.stdout.write(both(_("開けないために前のルート鍵のまま残したもの（件）:"), str(unreadable)))
        self.stdout.write(
            both(
                _(
                    "新しいルート鍵に切り替えました。バックアップを取ってから rotate_keys root --finish を実行すると、"
                    "前のルート鍵を破棄します。"
                )
            )
        )

    def _finish_root(self, settle: float) -> None:
        """Twice over everything, with a pause between: what an open transaction held back comes with the second."""
        if not provider().generations().ending:
            raise CommandError(
                both(_("入替えの途中のルート鍵はありません。先に rotate_keys root を実行してください。"))
            )
        root.passed(using="owner")
        self._wait(settle)
        root.passed(using="owner")
        try:
            root.finish(using="owner")
        except rotation.StillNeeded as error:
            raise CommandError(
                both(
                    _(
                        "前のルート鍵でしか開けない鍵が残っているため、破棄しません。"
                        "rotate_keys root を実行してください。"
                    )
                )
            ) from error
        self.note(Act.KEY_ROTATE, layer="root", step="finished")
        self.stdout.write(
            both(
                _(
                    "前のルート鍵を破棄しました。これより前のバックアップは、その鍵の写しがなければ開けません。"
                    "送付済みの招待とパスワード再設定のリンクは使えないため、送り直してください。"
                )
            )
        )

    def _wait(self, seconds: float) -> None:
        bar = Progress(self.stdout, both(_("使用中の処理が終わるのを待っています（秒）")), round(seconds))
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0:
            time.sleep(min(1.0, rest))
            bar.advance()
        bar.finish()

    # --- markings ---

    def _markings(self, named: list[str], batch: int) -> None:
        unreadable = 0
        for text in named or rotation.markings(using="owner"):
            try:
                unreadable += self._marking(text, batch)
            except MarkingKey.DoesNotExist as error:
                raise CommandError(
                    both(_("その格付・取扱制限の鍵はありません。つづりを確かめてください。"), text)
                ) from error
        if unreadable:
            raise CommandError(
                both(
                    _("開けないために前の鍵のまま残した行があります。上に挙げた行を調べてください（件）:"),
                    str(unreadable),
                )
            )

    def _marking(self, text: str, batch: int) -> int:
        """Finish what was begun, or begin. Returns how many rows did not open."""
        present = rotation.newest(text, using="owner")
        resumed = rotation.left(text, present.version, using="owner")
        version = present.version if resumed else rotation.begin(text, using="owner")
        total = resumed or rotation.left(text, version, using="owner")
        if resumed:
            self.stdout.write(both(_("前回の入替えの続きから進めます。"), text))
        bar = Progress(self.stdout, both(_("格付の鍵の入替え"), f"{text} v{version}"), total)
        outcome = rotation.rewrap(text, version, using="owner", advance=bar.advance, batch=batch)
        bar.finish()
        for example in outcome.examples:
            self.stdout.write(both(_("開けません:"), example))
        self.note(
            Act.KEY_ROTATE, text, layer="marking", version=version, done=outcome.done, unreadable=outcome.unreadable
        )
        return outcome.unreadable

    # --- one document ---

    def _document(self, document: UUID) -> None:
        try:
            files = rekeying.new_key(document)
        except Document.DoesNotExist as error:
            raise CommandError(both(_("その文書はないか、取り下げられています。"), str(document))) from error
        except Unreadable as error:
            raise CommandError(
                both(_("この文書は開けないため、鍵を替えられません。何も変えていません。"), str(document))
            ) from error
        self.stdout.write(
            both(_("文書の鍵を替えました。ファイルはワーカーが順に暗号化し直します（ファイルの数）:"), str(files))
        )
