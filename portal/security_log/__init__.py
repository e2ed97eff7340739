"""The portal's security log: who did what from which session, browser and address (docs/adr/0015).

Apart from the application log, which holds no person and no address, and from the audit log, which holds no address.
The anonymous side has none: its settings name no watcher.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from portal.metrics import figures
from portal.security_log import entries, files, sending

logger = logging.getLogger(__name__)


def watch(*, actor: Any, act: str, target_type: str, target_id: object, detail: Mapping[str, Any]) -> None:
    """What the audit log was told: counted, and written down here where it is about security, once it is certain."""
    counted = act in figures.ACTS
    entry = entries.of(actor, act, target_type, target_id, detail) if entries.about_security(act) else None

    # Not a partial: Django could not name it where it fails, and would fail instead of going on.
    def note() -> None:
        if counted:
            figures.act(act)
        if entry:
            write(entry.completed())

    if counted or entry:
        transaction.on_commit(note, robust=True)


def write(entry: entries.Entry) -> None:
    """To the file and on to the SIEM. Neither fails or holds up whoever is served: what is lost is counted."""
    try:
        files.append(entry.line(), entry.at)
    except OSError:
        figures.dropped("file")
        logger.exception("the security log cannot be written")
    sending.send(entry)
