"""`manage.py make_root_key PATH`: a fresh root key in a file of its owner's alone. It replaces none that is there."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vault.providers import FileProvider, KeyProviderUnavailable, Pkcs11Provider


class Command(BaseCommand):
    help = "Make a fresh root key at PATH, readable by whoever runs this and nobody else."
    requires_system_checks = []  # it is the first thing made: there is no database yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", nargs="?")
        parser.add_argument("--token", action="store_true", help="in the PKCS#11 token that the settings name")

    def handle(self, *args: Any, path: Path | None, token: bool, **options: Any) -> None:
        if (path is None) != token:
            raise CommandError(
                "ファイルのパスか --token のどちらか一つを指定してください。 / "
                "Give either the path of a file or --token."
            )
        if path is None:
            self._in_token()
        else:
            self._in_file(path)

    def _in_token(self) -> None:
        try:
            made = Pkcs11Provider.create()
        except FileExistsError as error:
            raise CommandError(
                f"トークン {error} にはルート鍵がすでにあります。入れ替えには rotate_keys root を実行してください。 / "
                f"The token {error} has a root key already; run rotate_keys root to exchange it."
            ) from error
        except KeyProviderUnavailable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"ルート鍵をトークン {made.label} の中に作りました。取り出せません。"
            "トークンの控えを製品の手順で取ってください。 / "
            f"The root key was made in the token {made.label} and cannot leave it; back the token up as its maker says."
        )

    def _in_file(self, path: Path) -> None:
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
