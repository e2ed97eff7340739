"""`manage.py make_root_key PATH`: a fresh root key in a file of its owner's alone. It replaces none that is there."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vault.providers import FileProvider, KeyProviderUnavailable


class Command(BaseCommand):
    help = "Make a fresh root key at PATH, readable by whoever runs this and nobody else."
    requires_system_checks = []  # it is the first thing made: there is no database yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH")

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        path = path.absolute()
        if not path.parent.exists():  # a misspelt path would be a new folder, perhaps with the backups
            raise CommandError(
                f"フォルダー {path.parent} がありません。先に作るか、パスを確かめてください。 / "
                f"The folder {path.parent} does not exist; make it first, or check the path."
            )
        try:
            FileProvider.create(path)
        except FileExistsError as error:
            raise CommandError(
                f"{path} はすでにあります。鍵を失うと内容を二度と開けないため、上書きしません。 / "
                f"{path} is there already; it is not replaced, for without it nothing could be opened again."
            ) from error
        except KeyProviderUnavailable as error:
            path.unlink()  # made a moment ago and used for nothing
            raise CommandError(
                f"{path} を本人だけが読めるファイルにできません。権限を守るファイルシステムに置いてください。 / "
                f"{path} cannot be kept to its owner alone; choose a file system that keeps modes."
            ) from error
        except OSError as error:
            raise CommandError(
                f"{path} にルート鍵を作れません（{error.strerror}）。場所と権限を確かめてください。 / "
                f"No root key can be made at {path} ({error.strerror}); check the place and its mode."
            ) from error
        self.stdout.write(
            f"ルート鍵を作りました：{path}。写しを、データの控えとは別の場所に保管してください。 / "
            f"The root key is at {path}. Keep a copy away from the backups of the data."
        )
