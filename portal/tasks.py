"""What beat runs for the portal itself: the worker's heartbeat, the sealing of the audit log and its daily check."""

import logging
from datetime import timedelta

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from audit.sealing import seal
from audit.verification import check_log, note
from portal.readiness import HEARTBEAT, HEARTBEAT_SECONDS
from vault.signing import public_key, sign, verify

log = logging.getLogger(__name__)


@shared_task
def heartbeat() -> None:
    """Proof that beat, broker and worker work together; /readyz misses it when it is not renewed."""
    cache.set(HEARTBEAT, "here", HEARTBEAT_SECONDS)


@shared_task
def seal_audit_log(reach: int | None = None) -> None:
    """Seal the events of the last `reach` seconds before the last seal, or every one that has no place yet."""
    seal(sign=sign, at=timezone.now(), public_key=public_key, reach=timedelta(seconds=reach) if reach else None)


@shared_task
def check_audit_log() -> None:
    """Check the whole log. The auditor's page says what came of it; the head goes to the operator's log, outside the
    database, where a log that is made anew cannot take it back."""
    report = check_log(verify=verify)
    note(report)
    if report.findings:
        log.error("audit log: %d faults in %d events; run audit_verify", len(report.findings), report.size)
    elif report.head:
        log.info("audit log: no faults; head of %d events: %s", report.size, report.head.root)
