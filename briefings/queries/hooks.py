"""One's own hooks, what was sent to them, and one's own letters: the database gives nobody another's."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.shortcuts import get_object_or_404

from clearance.access import Actor
from dialogues.queries import me

from ..delivery.occasions import wish_of
from ..models import Delivery, Hook

State = Delivery.State
DEAD_FIRST = Case(
    When(state=State.DEAD, then=Value(0)),
    When(state=State.WAITING, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def hooks(actor: Actor) -> QuerySet[Hook]:
    """With how many messages could not be sent."""
    dead = Count("deliveries", filter=Q(deliveries__state=State.DEAD))
    return Hook.objects.filter(person_id=me(actor)).annotate(dead=dead).order_by("-created", "-id")


def hook(actor: Actor, key: UUID) -> Hook:
    """Raises Http404, whether there is none or it is another's."""
    return get_object_or_404(Hook, pk=key, person_id=me(actor))


def deliveries(actor: Actor, of: Hook) -> QuerySet[Delivery]:
    """What could not be sent first, then what waits, then what was; each newest first."""
    mine = Delivery.objects.filter(hook=of, person_id=me(actor))
    return mine.order_by(DEAD_FIRST, "-created", "-id")


def delivery(actor: Actor, key: UUID) -> Delivery:
    """Raises Http404."""
    return get_object_or_404(Delivery, pk=key, person_id=me(actor))


def unsent_letters(actor: Actor) -> QuerySet[Delivery]:
    """Letters that could not be handed on."""
    return Delivery.objects.filter(person_id=me(actor), hook__isnull=True, state=State.DEAD).order_by("-created", "-id")


def wish(actor: Actor) -> str:
    return wish_of(me(actor))
