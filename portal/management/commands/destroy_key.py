"""`manage.py destroy_key MARKING VERSION`: destroys a retired key of a marking, in a way that no backup undoes."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext_lazy as _

from accounts.operator import both
from audit.acts import Act
from portal import rotation as root
from portal.key_command import SETTLE_SECONDS, KeyCommand
from vault import rotation
from vault.models import MarkingKey
from vault.providers import provider


class Command(KeyCommand):
    """
    What wraps the keys of markings lies with the provider. So the survivors come under a new root key, and with the old
    one, which `rotate_keys root --finish` destroys once a backup is taken, the key is gone from every older backup too.
    """

    help = "使われていない格付の鍵を破棄します。控えを戻しても元に戻りません。 Destroys a retired key of a marking."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("marking", metavar="MARKING", help="as written, for example HI//SEMICON")
        parser.add_argument("version", type=int, metavar="VERSION")
        parser.add_argument("--settle", type=float, default=SETTLE_SECONDS, metavar="SECONDS", help="between two looks")

    def work(self, *, marking: str, version: int, settle: float, **options: Any) -> None:  # type: ignore[override]
        self._refuse_needed(marking, version)
        time.sleep(settle)  # what a request read before may be written back under the old key until then
        self._refuse_needed(marking, version)
        self._destroy(marking, version)
        self.stdout.write(
            both(
                _(
                    "この版の鍵を破棄し、残りの鍵を新しいルート鍵に移しました。バックアップを取ってから "
                    "rotate_keys root --finish を実行すると、古いバックアップからも開けなくなります。"
                )
            )
        )

    def _refuse_needed(self, marking: str, version: int) -> None:
        row = MarkingKey.objects.using("owner").filter(marking=marking, version=version).first()
        named = f"{marking} v{version}"
        if row is None or row.destroyed:
            raise CommandError(both(_("その版の鍵はないか、すでに破棄されています。"), named))
        if not row.retired:
            raise CommandError(both(_("その版の鍵は使用中です。先に rotate_keys marking を実行してください。"), named))
        if count := rotation.under(marking, version, using="owner"):
            raise CommandError(
                both(
                    _(
                        "その版の鍵でしか開けない行があるため、破棄しません。"
                        "rotate_keys marking を実行してください（件）:"
                    ),
                    f"{named}: {count:,}",
                )
            )
        if provider().generations().ending:
            raise CommandError(
                both(_("ルート鍵の入替えが途中です。先に rotate_keys root --finish を実行してください。"), named)
            )

    def _destroy(self, marking: str, version: int) -> None:
        """A new root key first: stopped at any moment after it, `rotate_keys root` brings the rest to its end."""
        root.take_over(using="owner")
        rotation.empty(marking, version, using="owner")
        root.passed(using="owner")
        self.note(Act.KEY_DESTROY, marking, version=version)
