"""`manage.py index_search`: lays the search tokens of everything that has none yet. May be stopped and run again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.operator import as_owner
from clearance.search import laying
from clearance.search.laying import lay_all, searched_models, waiting
from portal.progress import Progress
from vault.providers import KeyProviderUnavailable


class Command(BaseCommand):
    help = (
        "検索の索引を作ります。止めても、もう一度実行すれば続きから進みます。 / "
        "Lays the index of the search; run again, it goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--drop-common", action="store_true",
            help="ありふれた文字の組も数えて除きます / also count and take out what nearly everything has",
        )  # fmt: skip

    def handle(self, *args: Any, drop_common: bool, **options: Any) -> None:
        try:
            with as_owner():
                self._lay()
                if drop_common:
                    self._drop()
        except KeyProviderUnavailable as error:
            raise CommandError(str(error)) from error

    def _lay(self) -> None:
        total = sum(waiting(model) for model in searched_models())
        bar = Progress(self.stdout, "検索の索引 / search index", total)
        laid = lay_all(advance=bar.advance)
        bar.finish()
        if left := sum(waiting(model) for model in searched_models()):
            self.stdout.write(
                f"索引にできず、検索のたびに開いて確かめるもの / left to be looked through at each search: {left:,}"
            )
        self.stdout.write(f"索引に加えたもの / laid: {laid:,}")

    def _drop(self) -> None:
        bar = Progress(self.stdout, "ありふれた文字の組 / common grams", 0)
        known = laying.drop_common(advance=bar.advance)
        bar.finish()
        self.stdout.write(f"除いた文字の組 / grams left out: {known:,}")
