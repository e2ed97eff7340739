"""`manage.py compile_translations`: make the English pages from their catalogues. Needs no gettext tools."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.embedded.translations import LOCALE, catalogues, compile_changed


class Command(BaseCommand):
    help = "Compile the catalogues that changed (locale/*/*/LC_MESSAGES/*.po)."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            compiled = compile_changed(LOCALE)
        except OSError as error:  # what the parser does not understand is one too
            raise CommandError(
                f"翻訳を用意できません（{error}）。 / The translations cannot be compiled ({error})."
            ) from error
        known = len(list(catalogues(LOCALE)))
        self.stdout.write(
            f"翻訳 {known} 件のうち {len(compiled)} 件を用意しました。 / "
            f"Compiled {len(compiled)} of {known} catalogues."
        )
