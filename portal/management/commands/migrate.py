"""Django's `migrate`, patient with whoever is at work: it waits for a lock for seconds only, lets them by, tries again.

A statement that waits for its lock makes all others wait behind it, readers too: one long query would stop the portal.
"""

import time
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DatabaseError, OperationalError, connections
from psycopg.errors import LockNotAvailable

SECONDS = 3
TRIES = 10
PAUSE = 5.0


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        self.connection_asked = connections[options["database"]]
        for tried in range(1, TRIES + 1):
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                if tried < TRIES:
                    self.stderr.write(
                        f"表が使用中です。{PAUSE:.0f} 秒後に続けます。 / A table is in use; going on soon."
                    )
                    time.sleep(PAUSE)
            else:
                return
            finally:
                self._wait_for_locks(0)
        raise CommandError(
            "表がずっと使われているため、移行できませんでした。済んだところまでは残っています。もう一度実行してください。"
            " / A table stayed in use; what was done is kept. Run it again."
        )

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        """Before each migration. A concurrent index waits long, with nobody behind it, and broken off stays invalid."""
        if action in ("apply_start", "unapply_start"):
            self._wait_for_locks(SECONDS if migration.atomic else 0)
        super().migration_progress_callback(action, migration, fake)

    def _wait_for_locks(self, seconds: int) -> None:
        """0 waits for ever."""
        if self.connection_asked.connection is None and not seconds:
            return
        try:
            with self.connection_asked.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds}s"])
        except DatabaseError:
            if seconds:
                raise
