"""`manage.py audit_export`: the whole audit log with its seals, keys and proofs, for docs/verify_audit_export.py."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils.translation import gettext_lazy as _

from accounts.operator import both
from audit import queries, reading
from audit.acts import Act
from audit.proof_export import whole
from audit.publishing import published_keys
from audit.queries import LEVELS, Holds
from audit.services import SYSTEM, record


class Command(BaseCommand):
    help = "監査記録の全体を、証明付きで書き出します。 Exports the whole audit log with its proofs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="where to; over nothing that is there")
        parser.add_argument(
            "--level",
            type=int,
            choices=LEVELS,
            default=0,
            help="labels, targets and details up to this level; what lies above stays away and is checked all the same",
        )
        parser.add_argument("--database", choices=sorted(connections), help="default: the owner's, where there is one")

    def handle(self, *args: Any, **options: Any) -> None:
        using = options["database"] or ("owner" if "owner" in connections else "default")
        if not reading.sees_all(using):
            raise CommandError(
                both(_("この接続の役割では監査記録の全体が見えません。portal_worker か所有者として実行してください。"))
            )
        head = queries.newest_head(using)
        if head is None:
            raise CommandError(both(_("まだ封印がないため、書き出せません。")))

        @contextmanager
        def reader() -> Iterator[Holds | None]:
            yield lambda level: level <= options["level"]

        # Said before it is done: what leaves the portal is in its log whatever becomes of it.
        record(actor=SYSTEM, act=Act.AUDIT_EXPORT, target_type="event", detail={"highest": options["level"]})
        try:
            with options["file"].open("x", encoding="utf-8", newline="\n") as file:
                file.writelines(whole(head, published_keys(), reader, using=using))
        except OSError as error:
            raise CommandError(
                both(_("書出しのファイルを書けません。"), f"{options['file']}: {error.strerror}")
            ) from error
        self.stdout.write(both(_("書き出しました（件数）。"), f"{head.size:,} {options['file']}"))
