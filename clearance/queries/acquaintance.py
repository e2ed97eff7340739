"""Whom somebody may know of: found by exact address, never listed, so that nobody learns who has an account here."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from accounts.models import Membership, Person

from ..actor import Actor
from ..models import CircleMember, NamedHandler
from ..models.authorisations import within


def person_known_to(actor: Actor, address: str) -> Person | None:
    """The active person with exactly this address, where the actor may know of them at all.

    An official may ask anybody in. A secretary knows the people of their association and of its members; everyone
    their own colleagues and whoever shares a circle with them. For the rest the answer is the same as for nobody.
    """
    found = Person.objects.filter(email=address.strip().lower(), is_active=True, organisation__active=True)
    if not actor.official:
        now = within(timezone.now())
        known = Q(organisation_id=actor.organisation_id)
        known |= Q(
            pk__in=CircleMember.objects.filter(now, circle_id__among=sorted(actor.reach.circles)).values("person")
        )
        known |= Q(
            pk__in=NamedHandler.objects.filter(now, circle_id__among=sorted(actor.reach.circles)).values("person")
        )
        if actor.secretary:
            memberships = Membership.objects.in_force(timezone.now()).filter(association_id=actor.organisation_id)
            known |= Q(organisation__in=memberships.values("member"))
        found = found.filter(known)
    return found.select_related("organisation").first()
