"""What beat runs for the portal itself: the worker's heartbeat and the sealing of the audit log."""

from datetime import timedelta

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from audit.sealing import seal
from portal.readiness import HEARTBEAT, HEARTBEAT_SECONDS
from vault.signing import public_key, sign


@shared_task
def heartbeat() -> None:
    """Proof that beat, broker and worker work together; /readyz misses it when it is not renewed."""
    cache.set(HEARTBEAT, "here", HEARTBEAT_SECONDS)


@shared_task
def seal_audit_log(reach: int | None = None) -> None:
    """Seal the events of the last `reach` seconds before the last seal, or every one that has no place yet."""
    seal(sign=sign, at=timezone.now(), public_key=public_key, reach=timedelta(seconds=reach) if reach else None)
