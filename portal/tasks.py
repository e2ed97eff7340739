"""What beat runs for the portal itself: the worker's heartbeat, the audit log's sealing, counts and daily check."""

import logging
from datetime import timedelta
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.core.cache import cache

from audit.publishing import published_keys
from audit.sealing import seal
from audit.second_place import keep, kept_in
from audit.verification import check_log, note
from clearance.services.refusing import tell_repeats
from portal.metrics import moments
from portal.readiness import HEARTBEAT, HEARTBEAT_SECONDS
from portal.security_log import files as security_files
from vault.signing import public_key, sign, verify

log = logging.getLogger(__name__)

EACH_SECOND = 60  # seconds the run of each second looks back (settings: "seal the last minute")


@shared_task
def heartbeat() -> None:
    """Proof that beat, broker and worker work together; /readyz misses it when it is not renewed."""
    cache.set(HEARTBEAT, "here", HEARTBEAT_SECONDS)
    moments.note(moments.BEATEN)


@shared_task
def seal_audit_log(reach: int | None = None) -> None:
    """Seal the events of the last `reach` seconds before the last seal, or every one that has no place yet.

    The head is kept in the second place as well. Where that failed, the runs that reach further try again.
    """
    looking_back = timedelta(seconds=reach) if reach else None
    sealed = seal(sign=sign, public_key=public_key, reach=looking_back)
    moments.note(moments.SEALED)
    folder: Path | None = settings.AUDIT_HEADS_FOLDER
    if folder and (sealed or reach != EACH_SECOND):
        keep(folder, published_keys())


@shared_task
def tell_repeated_refusals() -> None:
    """What the log has left out of floods of refusals in the minutes that are over, as numbers."""
    tell_repeats()


@shared_task
def forget_old_security_log() -> None:
    """The files of a server where nobody signs in any more, too, go when their time is over."""
    security_files.forget_old()


@shared_task
def check_audit_log() -> None:
    """Check the whole log. The auditor's page says what came of it; the head goes to the operator's log, outside the
    database, where a log that is made anew cannot take it back."""
    folder: Path | None = settings.AUDIT_HEADS_FOLDER
    report = check_log(verify=verify, second=kept_in(folder) if folder else None)
    note(report)
    if report.findings:
        log.error("audit log: %d faults in %d events; run audit_verify", len(report.findings), report.size)
    elif report.head:
        log.info("audit log: no faults; head of %d events: %s", report.size, report.head.root)
