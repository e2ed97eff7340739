"""What officials see of the writing: their bureaus and audiences, drafts, what waits for whom."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.models import Person
from clearance.access import Actor, Page, newest, visible_to
from clearance.models import Marking, compared
from documents.models import Document

from .. import database, rules
from ..models import Audience, Briefing, Bureau, Draft, Portion, Review, Submission
from ..services.drafting import officials_in

CARD = ("marking", "author", "saved_by", "corrects", "audience__circle__ceiling", "circle__ceiling")
MOST_OFFERED = 200
NOWHERE = -1  # no circle's number
Place = TypeVar("Place", Bureau, Audience)


def bureaus(actor: Actor) -> QuerySet[Bureau]:
    """Where the official writes, the oldest first."""
    return _places(actor, Bureau.objects.all())


def bureaus_of(actor: Actor, of: Briefing) -> QuerySet[Bureau]:
    """The bureau a briefing was last written in, where the official writes and reads all of that: a correction begins
    with that draft."""
    newest = database.last_draft(of)
    written = visible_to(actor, Draft.objects.filter(pk__in=newest[:1] if newest else ()))
    return bureaus(actor).filter(circle_id__in=written.values("circle_id"))


def audiences(actor: Actor) -> QuerySet[Audience]:
    """Where the official may publish, the oldest first."""
    return _places(actor, Audience.objects.all())


def bureau(actor: Actor, key: UUID) -> Bureau:
    """One of the official's bureaus. Raises Http404."""
    return _one(bureaus(actor), key)


def audience(actor: Actor, key: UUID) -> Audience:
    """One of the official's audiences. Raises Http404."""
    return _one(audiences(actor), key)


def runs(actor: Actor, of: Bureau | Audience) -> bool:
    """Whether the official runs its circle: lets others in, sees who is in it."""
    return bool(rules.to_see_names(actor, of.circle_id))


def officials_of(of: Bureau | Audience) -> QuerySet[Person]:
    """The officials who write there."""
    return officials_in(of.circle_id).select_related("organisation").order_by("name", "pk")


def drafts(actor: Actor, states: Collection[str] = (), *, after: str = "") -> Page[Draft]:
    """The drafts of the official's bureaus in one of these states (in any, without), newest first, from a cursor on."""
    rows = Draft.objects.select_related(*CARD)
    if not actor.official:
        rows = rows.filter(circle_id=NOWHERE)
    return newest(actor, rows.filter(state__in=states) if states else rows, after=after)


def draft(actor: Actor, key: UUID) -> Draft:
    """One draft. Raises Http404, whether there is none or it is closed to the actor."""
    rows = Draft.objects.filter(pk=key).select_related(*CARD)
    found = visible_to(actor, rows).first() if actor.official else None
    if found is None:
        raise Http404
    return found


def to_review(actor: Actor) -> list[Review]:
    """What the official was asked to look over, longest waiting first."""
    rows = _asked_of(actor).select_related("draft__marking", "draft__author", "asked_by")
    return list(rows.order_by("asked_at", "id"))


def waiting_for_review(actor: Actor) -> int:
    """How many drafts that is."""
    return _asked_of(actor).count()


def _asked_of(actor: Actor) -> QuerySet[Review]:
    if not actor.official:
        return Review.objects.none()
    asked = Review.objects.filter(reviewer_id=actor.person_id, answer=Review.Answer.NONE)
    return visible_to(actor, asked, "draft__")


def sent_in(of: Draft) -> Submission | None:
    """What a machine sent in and the draft began with; for officials who may look at submissions of that machine."""
    began = Submission.objects.filter(objects_sent__draft=of)
    return began.select_related("account__person__organisation").order_by("created", "id").first()


def open_review(of: Draft) -> Review | None:
    """The question that waits for its answer."""
    return _with(of, _reviews(of).filter(answer=Review.Answer.NONE).first())


def last_returned(of: Draft) -> Review | None:
    """The last review that sent the draft back, with the reason."""
    return _with(of, _reviews(of).filter(answer=Review.Answer.RETURNED).order_by("-answered_at", "-id").first())


def review(of: Draft, key: str) -> Review:
    """One review of a draft that was read. Raises Http404."""
    try:
        found = _with(of, _reviews(of).filter(pk=UUID(key)).first())
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def reviewers(actor: Actor, of: Draft) -> QuerySet[Person]:
    """Whom the official may ask: colleagues of the bureau who write among the readers and have not written this."""
    if of.audience is None or actor.person_id is None:
        return Person.objects.none()
    own = {actor.person_id, of.author_id, of.saved_by_id}
    among = officials_in(of.audience.circle_id).values("pk")
    colleagues = officials_in(of.circle_id).filter(pk__in=among).exclude(pk__in=own)
    return colleagues.select_related("organisation").order_by("name", "pk")


def attachable(actor: Actor, audience: Audience | None, kept: Collection[str] = ()) -> dict[str, tuple[str, Marking]]:
    """Documents that may be attached: those of the audience's circle, newest first, and those attached already; with
    title and marking, by id."""
    if audience is None and not kept:
        return {}
    wanted = Q(circle_id=audience.circle_id) if audience else Q(pk__in=[])
    rows = Document.objects.filter(wanted | Q(pk__in=list(kept))).select_related("marking")
    found = compared(visible_to(actor, rows)).order_by("-created", "-id")[:MOST_OFFERED]
    return {str(each.pk): (each.title, each.marking) for each in found if not each.differs}


def published(actor: Actor, of: Draft) -> list[Portion]:
    """The running sections of what a correction corrects, as far as the actor reads them."""
    if of.corrects_id is None:
        return []
    rows = Portion.objects.filter(briefing_id=of.corrects_id, until__isnull=True)
    return list(compared(visible_to(actor, rows)).order_by("place", "id"))


def _places(actor: Actor, rows: QuerySet[Place]) -> QuerySet[Place]:
    if not actor.official:
        return rows.none()
    there = rows.filter(circle_id__in=actor.reach.writers).select_related("marking", "circle__ceiling")
    return visible_to(actor, there).order_by("created", "id")


def _one(there: QuerySet[Place], key: UUID) -> Place:
    found = there.filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def _reviews(of: Draft) -> QuerySet[Review]:
    return Review.objects.filter(draft=of).select_related("asked_by", "reviewer")


def _with(of: Draft, found: Review | None) -> Review | None:
    """Under whose key its note is sealed."""
    if found is not None:
        found.draft = of
    return found
