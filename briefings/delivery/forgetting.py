"""What was told is kept for a while, so that its owner can look what became of it, and no longer."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ..models import Delivery, Occasion

DELIVERED = timedelta(days=30)
ANYTHING = timedelta(days=90)  # by then each try is over


@transaction.atomic
def forget_old() -> None:
    """Delete what was delivered a month ago, and all that is three months old."""
    now = timezone.now()
    Delivery.objects.filter(state=Delivery.State.DELIVERED, created__lt=now - DELIVERED).delete()
    Delivery.objects.filter(created__lt=now - ANYTHING).delete()
    Occasion.objects.filter(at__lt=now - ANYTHING).delete()
