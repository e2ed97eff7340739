"""The wordings of the present person's desks, and the desks themselves."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.functions import Now

from clearance.access import Actor
from intake.models import Desk

from ..models.cases import AnswerTemplate
from ..models.custody import DeskOfficer


def mine() -> QuerySet[AnswerTemplate]:
    """Those the policy shows: of desks whose officer one is."""
    return AnswerTemplate.objects.select_related("desk").order_by("title", "pk")


def desks(actor: Actor) -> QuerySet[Desk]:
    held = DeskOfficer.objects.filter(person=actor.person_id, since__lte=Now()).exclude(until__lte=Now())
    return Desk.objects.filter(pk__in=held.values("desk")).order_by("place", "name_ja", "pk")
