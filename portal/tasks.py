"""What beat runs for the portal itself: the worker's heartbeat and the sealing of the audit log."""

from celery import shared_task
from django.core.cache import cache

from portal.readiness import HEARTBEAT, HEARTBEAT_SECONDS


@shared_task
def heartbeat() -> None:
    """Proof that beat, broker and worker work together; /readyz misses it when it is not renewed."""
    cache.set(HEARTBEAT, "here", HEARTBEAT_SECONDS)
