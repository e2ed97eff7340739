"""What /readyz checks, told in full to whoever may run commands on the server."""

from django.core.management.base import BaseCommand, CommandError

from portal.readiness import readiness, report


class Command(BaseCommand):
    help = "動作に必要なものを一つずつ確かめて、結果を表示します。"
    requires_system_checks = []

    def handle(self, *args: object, **options: object) -> None:
        findings = readiness.findings()
        if any(findings.values()):
            raise CommandError(report(findings).rstrip())
        self.stdout.write(report(findings), ending="")
