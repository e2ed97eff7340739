"""Refuses migrations that may not run while the code of the last release serves; part of `make lint`."""

from django.core.management.base import BaseCommand, CommandError

from portal.upgrades.linter import findings


class Command(BaseCommand):
    help = "前の版が動いている間に実行できない移行を断ります。"
    requires_system_checks = []

    def handle(self, *args: object, **options: object) -> None:
        refused = findings()
        if refused:
            raise CommandError("\n".join(map(str, refused)))
        self.stdout.write(
            "前の版が動いている間に移行できます。 / The migrations can run while the last release serves."
        )
