"""`manage.py backup FILE`: database and blobs of one moment in one sealed file, taken while people write."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.operator import EXIT_FAULTS, as_owner
from portal.backup.archive import Said
from portal.backup.taking import megabytes, take
from portal.backup.telling import BackupCommand, absolute

NAMED = 10


class Command(BackupCommand):
    help = "控えを取ります。 Takes a backup of database and blobs into FILE, which must not exist."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=absolute, metavar="FILE")

    def work(self, say: Said, *, file: Path, **_options: Any) -> None:  # type: ignore[override]
        with as_owner():
            taken = take(file, say=say)
        manifest = taken.manifest
        say(
            f"控えを取りました: {file} ({megabytes(taken.size)}、ファイル {manifest.blobs:,} 件)",
            f"the backup is {file} ({megabytes(taken.size)}, {manifest.blobs:,} files)",
        )
        if manifest.gone:
            say(
                f"控えの間に消されたファイルが {len(manifest.gone):,} 件あり、控えには入っていません",
                f"{len(manifest.gone):,} files were removed meanwhile and are not in the backup",
            )
        if manifest.missing:
            count, some = len(manifest.missing), ", ".join(manifest.missing[:NAMED])
            raise CommandError(
                f"控えはできましたが、置き場所から失われたファイルが {count:,} 件あります（{some}）。"
                "前の控えを消さないでください。 / "
                f"The backup was taken, but {count:,} files are lost from the storage ({some}); keep the earlier ones.",
                returncode=EXIT_FAULTS,
            )
