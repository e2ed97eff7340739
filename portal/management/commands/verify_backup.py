"""`manage.py verify_backup FILE`: whether a backup is whole and opens under this root key. Needs no database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from portal.backup.archive import Said
from portal.backup.checking import check_backup, open_backup
from portal.backup.taking import megabytes, saying_what_the_disk_says
from portal.backup.telling import BackupCommand, absolute


class Command(BackupCommand):
    help = "控えを検証します。 Reads a backup through: every byte, every hash, the signature."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=absolute, metavar="FILE")

    def work(self, say: Said, *, file: Path, **_options: Any) -> None:  # type: ignore[override]
        with saying_what_the_disk_says(file), file.open("rb") as opened:
            manifest = check_backup(open_backup(opened), str(file)).manifest
        head = f"{manifest.head.size:,} {manifest.head.root}" if manifest.head else "-"
        lines = (
            f"控えは完全です: {manifest.taken_at}、データベース {megabytes(manifest.database_size)}、"
            f"ファイル {manifest.blobs:,} 件 {megabytes(manifest.blobs_size)}、監査記録の封印 {head}",
            f"the backup is whole: {manifest.taken_at}, database {megabytes(manifest.database_size)}, "
            f"{manifest.blobs:,} files {megabytes(manifest.blobs_size)}, audit head {head}",
        )
        say(*lines)
