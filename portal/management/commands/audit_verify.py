"""`manage.py audit_verify`: checks the whole audit log and names every row that is not as it was sealed."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils.translation import gettext_lazy as _

from accounts.operator import EXIT_FAULTS, both
from audit.findings import Finding
from audit.heads import Head, NotAHead
from audit.publishing import published_keys
from audit.second_place import kept_in
from audit.verification import GRACE, CannotSee, Report, check_log, note
from vault.signing import verify


class Command(BaseCommand):
    help = "監査記録を検証し、改変・削除・挿入・並べ替えのあった行を示します。 Checks the audit log, row by row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", type=Path, metavar="FILE", help="an earlier head: catches a log made anew")
        parser.add_argument(
            "--heads", type=Path, metavar="FOLDER", help="the second place, where it is not the setting's"
        )
        parser.add_argument("--export-head", type=Path, metavar="FILE", help="write the newest head, to keep elsewhere")
        parser.add_argument(
            "--grace",
            type=int,
            default=int(GRACE.total_seconds()),
            metavar="SECONDS",
            help="unsealed for longer: a fault",
        )
        parser.add_argument("--database", choices=sorted(connections), help="default: the owner's, where there is one")

    def handle(self, *args: Any, **options: Any) -> None:
        using = options["database"] or ("owner" if "owner" in connections else "default")
        earlier, second = self._earlier(options["head"]), self._second(options["heads"])
        begun = monotonic()
        try:
            grace = timedelta(seconds=options["grace"])
            report = check_log(verify=verify, earlier=earlier, second=second, grace=grace, using=using)
        except CannotSee as error:
            raise CommandError(
                both(_("この接続の役割では監査記録の全体が見えません。portal_worker か所有者として実行してください。"))
            ) from error
        for finding in report.findings:
            self.stdout.write(line(finding))
        # What was found is told first: recording it could fail on a damaged database.
        note(report)
        self._conclude(report, options["export_head"], monotonic() - begun)

    def _second(self, given: Path | None) -> list[Head] | None:
        folder = given or settings.AUDIT_HEADS_FOLDER
        try:
            if given:
                next(given.iterdir(), None)  # a folder that is not there is not an empty one
            return kept_in(folder) if folder else None
        except OSError as error:
            raise CommandError(both(_("第二の保管先を読めません。"), f"{folder}: {error.strerror}")) from error

    def _earlier(self, path: Path | None) -> list[Head]:
        try:
            return [Head.from_json(path.read_text("utf-8"))] if path else []
        except (OSError, NotAHead, UnicodeDecodeError) as error:
            raise CommandError(both(_("封印の控えを読めません。"), f"{path}: {error}")) from error

    def _conclude(self, report: Report, export: Path | None, seconds: float) -> None:
        summary = f"{report.size:,} / {len(report.findings):,} / {seconds:.1f} s"
        if report.findings:
            raise CommandError(both(_("異常があります（件数 / 異常 / 時間）。"), summary), returncode=EXIT_FAULTS)
        if export and report.head:
            self._write(export, report.head)
        self.stdout.write(both(_("異常はありません（件数 / 異常 / 時間）。"), summary))

    def _write(self, path: Path, head: Head) -> None:
        """Over no head that is there: an earlier one is worth more than a later one."""
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(head.to_json(published_keys().get(head.key_id, b"")))
        except OSError as error:
            raise CommandError(both(_("封印の控えを書けません。"), f"{path}: {error.strerror}")) from error


def line(finding: Finding) -> str:
    """A finding in both languages: whoever runs this may be of either."""
    return both(finding.fault.label, finding.where)
