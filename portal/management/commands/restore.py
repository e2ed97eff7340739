"""`manage.py restore FILE`: a backup into an empty database and an empty blob storage, and proof that it came back."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connections

from accounts.operator import EXIT_FAULTS, as_owner
from portal.backup.archive import Said
from portal.backup.checking import open_backup
from portal.backup.restoring import restore
from portal.backup.taking import saying_what_the_disk_says
from portal.backup.telling import BackupCommand, absolute


class Command(BackupCommand):
    help = "控えを戻します。 Restores the backup FILE into an empty database and an empty blob storage."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=absolute, metavar="FILE")
        parser.add_argument("--deep", action="store_true", help="read every file to its end, not both its ends alone")

    def work(self, say: Said, *, file: Path, deep: bool, **_options: Any) -> None:  # type: ignore[override]
        with as_owner():
            pass  # says what is missing before anything is read
        with saying_what_the_disk_says(file), file.open("rb") as opened:
            restored = restore(open_backup(opened), str(file), deep=deep, say=say)
        connections["owner"].close()
        manifest, findings = restored.contents.manifest, restored.findings
        absent = len(manifest.gone) + len(manifest.missing)
        say(
            f"{manifest.taken_at} の控えを戻しました: 開いて確かめたファイル {findings.opened:,} 件、"
            f"控えになかったファイル {absent:,} 件、控えより前に鍵を破棄したファイル {findings.destroyed:,} 件、"
            f"封じたまま確かめた相談のファイル {findings.sealed:,} 件",
            f"restored the backup of {manifest.taken_at}: {findings.opened:,} files opened, {absent:,} not in the "
            f"backup, {findings.destroyed:,} whose key had been destroyed before, {findings.sealed:,} files of cases "
            "checked as they are sealed",
        )
        for ja, en in findings.lines:
            self.stdout.write(f"{ja} / {en}")
        if findings.lines:
            raise CommandError(
                f"戻しましたが、控えと合わないところが {len(findings.lines):,} 件あります。使い始めないでください。 / "
                f"Restored, but {len(findings.lines):,} things are not as in the backup; do not use it yet.",
                returncode=EXIT_FAULTS,
            )
