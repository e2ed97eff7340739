"""Writing drafts: nobody writes over what they have not seen, and nothing changes while somebody looks it over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Appointment, Person
from audit.acts import Act
from clearance.access import Action, Actor, Decision, Denied, Reason, visible_to
from clearance.clock import moment
from clearance.limits import uncounted
from clearance.markings import from_text, overall
from clearance.models import Circle, CircleMember, Marking, Role
from clearance.noting import note

from .. import database, rules
from ..content import Content
from ..models import Audience, Briefing, Bureau, Draft, Review, State
from ..templates_of_kinds import template
from .checking import at_least, check_kept, check_whole, whole

OPEN = (State.WRITING, State.RETURNED)


class Overtaken(Exception):
    """Somebody else has saved meanwhile. Nothing is lost: `draft` is what they saved, `mine` what was to be saved."""

    def __init__(self, draft: Draft, mine: Content) -> None:
        super().__init__()
        self.draft, self.mine = draft, mine


@transaction.atomic
def start(*, actor: Actor, bureau: Bureau, kind: str, marking: Marking) -> Draft:
    """A new draft, filled from its kind's template, all of it under `marking`. Raises Denied, ValidationError."""
    rules.insist(rules.to_start(actor, bureau))
    return _new(actor, bureau, template(kind, marking.text), marking, Act.DRAFT_START, kind=str(kind))


@transaction.atomic
def begin(*, actor: Actor, bureau: Bureau, content: Content, marking: Marking) -> Draft:
    """A new draft that says something already, all of it under `marking`. Raises Denied, ValidationError."""
    rules.insist(rules.to_start(actor, bureau))
    return _new(actor, bureau, content, marking, Act.DRAFT_START, kind=content.kind)


@transaction.atomic
def correct(*, actor: Actor, bureau: Bureau, briefing: Briefing) -> Draft:
    """A draft of a correction: what was last published, to be changed.

    It starts from the draft that was published last, which whoever reads is cleared for every section: with less,
    sections out of the corrector's sight would be lost, and with an older one what was corrected since. Raises Denied
    for whoever cannot read that; ValidationError where a correction is in the making, in their sight or out of it.
    """
    rules.insist(rules.to_correct(actor, briefing))
    rules.insist(rules.to_start(actor, bureau))
    Briefing.objects.select_for_update().filter(pk=briefing.pk).values_list("pk").first()  # one begins at a time
    newest = database.last_draft(briefing)
    drafts = visible_to(actor, Draft.objects.filter(circle_id=bureau.circle_id).select_related("marking"))
    last = drafts.filter(pk=newest[0]).first() if newest else None
    if newest is None or last is None:
        raise Denied(Decision(Action.READ, None, (Reason.NO_NEED_TO_KNOW,)))
    if newest[1]:
        raise ValidationError(_("この情報の訂正は、すでに作成中です。下書きの一覧から開いてください。"), code="open")
    said = Content.read(last.content)
    content = replace(said, sections=tuple(replace(each, ask_again=False) for each in said.sections))
    return _new(
        actor, bureau, content, last.marking, Act.DRAFT_START,
        audience_id=last.audience_id, corrects=briefing, kind=said.kind,
    )  # fmt: skip


@transaction.atomic
def save(*, actor: Actor, draft: Draft, content: Content, seen: int) -> Draft:
    """Keep what was written since revision `seen`, half written or not; the draft rises with its highest section.

    Raises Overtaken where somebody has saved since; Denied; ValidationError for each section whose marking neither the
    bureau nor the writer may handle, and for a draft that is being looked over.
    """
    held = hold(actor, draft)
    if held.revision != seen:
        raise Overtaken(held, content)
    _insist_open(held)
    content = whole(content)
    circle = Circle.objects.select_related("ceiling").get(pk=held.circle_id)
    markings = check_kept(actor, circle, content)
    _raise_to(held, [markings[each.marking] for each in content.sections])
    held.content = content.as_json()
    held.revision = seen + 1
    held.saved_at, held.saved_by_id = moment(), rules.person(actor)
    held.save(update_fields=["content", "revision", "saved_at", "saved_by", *_LABEL])
    note(actor, Act.DRAFT_SAVE, held, revision=held.revision)
    return held


@transaction.atomic
def set_audience(*, actor: Actor, draft: Draft, audience: Audience) -> Draft:
    """Say whom it is for. Raises Denied; ValidationError for a correction, which goes where the briefing went."""
    held = hold(actor, draft)
    rules.insist(rules.to_send_to(actor, audience.circle_id))
    _insist_open(held)
    if held.corrects_id is not None and held.audience_id not in {None, audience.pk}:
        raise ValidationError(_("訂正の宛先は、元の情報と同じです。"), code="audience")
    held.audience = audience
    held.save(update_fields=["audience"])
    note(actor, Act.DRAFT_SAVE, held, audience=str(audience.pk))
    return held


@transaction.atomic
def submit(*, actor: Actor, draft: Draft, reviewer: Person, release_at: datetime | None = None) -> Review:
    """Put the draft, as it is now, before another official; to be published on approval, or then at `release_at`.

    Raises Denied; ValidationError for what is not fit to be published, and for a reviewer who is none.
    """
    held = hold(actor, draft)
    _insist_open(held)
    if held.audience_id is None:
        raise ValidationError(_("宛先を選んでください。"), code="audience")
    audience = Audience.objects.select_related("circle__ceiling").filter(pk=held.audience_id).first()
    rules.insist(rules.to_send_to(actor, audience.circle_id if audience else 0))
    assert audience is not None
    if release_at is not None and release_at <= moment():
        raise ValidationError(_("公表日時が過ぎています。これからの日時にしてください。"), code="release_at")
    check_whole(actor, held, Content.read(held.content), audience=audience.circle)
    _insist_reviewer(actor, held, audience, reviewer)
    review = Review(
        draft=held, revision=held.revision, asked_by_id=rules.person(actor), reviewer=reviewer, asked_at=moment()
    )
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(_("確認を依頼中です。"), code="asked") from error
    held.state, held.release_at = State.IN_REVIEW, release_at
    held.save(update_fields=["state", "release_at"])
    note(actor, Act.DRAFT_SUBMIT, held, revision=held.revision, reviewer=str(reviewer.pk))
    return review


@transaction.atomic
def take_back(*, actor: Actor, draft: Draft) -> Draft:
    """Take the question back, or an approval whose time has not come: the draft can be written again. Raises Denied,
    ValidationError. Only whoever asked takes an open question back."""
    held = hold(actor, draft)
    if held.state == State.IN_REVIEW:
        review = held.reviews.filter(answer=Review.Answer.NONE).get()
        if review.asked_by_id != actor.person_id:
            raise ValidationError(_("確認の依頼は、依頼した方だけが取り下げられます。"), code="not_yours")
        review.answer, review.answered_at = Review.Answer.TAKEN_BACK, moment()
        review.save(update_fields=["answer", "answered_at"])
    elif held.state == State.APPROVED:
        held.revision += 1  # what was approved is not what will be looked at next
    else:
        raise ValidationError(_("確認を依頼していません。"), code="not_asked")
    held.state, held.release_at = State.WRITING, None
    held.save(update_fields=["state", "release_at", "revision"])
    note(actor, Act.DRAFT_TAKE_BACK, held, revision=held.revision)
    return held


@transaction.atomic
def drop(*, actor: Actor, draft: Draft) -> Draft:
    """Give the draft up. Raises Denied; ValidationError for one that is being looked over or has been published."""
    held = hold(actor, draft)
    _insist_open(held)
    held.state = State.DROPPED
    held.save(update_fields=["state"])
    note(actor, Act.DRAFT_DROP, held)
    return held


def hold(actor: Actor, draft: Draft) -> Draft:
    """The draft as it is now, and as it stays until this transaction ends. Raises Denied."""
    held = Draft.objects.select_for_update().filter(pk=draft.pk).first()
    if held is None:
        raise Denied(Decision(Action.WRITE, None, (Reason.NO_NEED_TO_KNOW,)))
    rules.insist(rules.to_write(actor, held))
    return held


_LABEL = ("marking", "level", "comp_mask", "release_mask")


def _new(
    actor: Actor, bureau: Bureau, content: Content, marking: Marking, act: Act, *, kind: str,
    audience_id: UUID | None = None, corrects: Briefing | None = None,
) -> Draft:  # fmt: skip
    circle = Circle.objects.select_related("ceiling").get(pk=bureau.circle_id)
    check_kept(actor, circle, content)
    writer = rules.person(actor)
    draft = Draft(
        circle=circle, marking=marking, author_id=writer, saved_by_id=writer, content=content.as_json(),
        audience_id=audience_id, corrects=corrects,
    )  # fmt: skip
    draft.save(force_insert=True)
    note(actor, act, draft, kind=kind, correction=corrects is not None)
    return draft


def _raise_to(draft: Draft, sections: list[Marking]) -> None:
    """Put the draft as high as its highest section. It never sinks: what stood in it once may have been read."""
    if all(at_least(draft.marking, each) for each in sections):
        return
    wanted = from_text(overall([draft.marking.text, *(each.text for each in sections)]))
    if not all(at_least(wanted, each) for each in (draft.marking, *sections)):
        apart = _("提供可能な国・地域に重なりのない節は、一つの下書きに入れられません。下書きを分けてください。")
        raise ValidationError(apart, code="release")
    with uncounted():  # opened under the old marking, to be wrapped for the new one
        draft.item_key()
    draft.mark(wanted)
    draft.rewrap(wanted.label)


def _insist_open(draft: Draft) -> None:
    if draft.state not in OPEN:
        busy = _("確認中・承認済みの下書きは変更できません。先に確認の依頼を取り下げてください。")
        done = _("公表または取りやめた下書きは変更できません。")
        raise ValidationError(busy if draft.state in (State.IN_REVIEW, State.APPROVED) else done, code="state")


def _insist_reviewer(actor: Actor, draft: Draft, audience: Audience, reviewer: Person) -> None:
    if reviewer.pk in {rules.person(actor), draft.author_id, draft.saved_by_id}:
        own = _("ご自身や、下書きを書いた方・最後に保存した方は確認できません。別の行政官を選んでください。")
        raise ValidationError({"reviewer": ValidationError(own, code="self")})
    if not officials_in(draft.circle_id).filter(pk=reviewer.pk).exists():
        raise ValidationError({"reviewer": ValidationError(_("同じ班の行政官を選んでください。"), code="not_ours")})
    if not officials_in(audience.circle_id).filter(pk=reviewer.pk).exists():
        apart = _("この方は宛先の共有範囲に参加していないため、公表できません。先に参加者に加えてください。")
        raise ValidationError({"reviewer": ValidationError(apart, code="not_in_audience")})


def officials_in(circle: int) -> QuerySet[Person]:
    """The officials who write in a circle by name, of a circle that one is in."""
    now = moment()
    members = CircleMember.objects.filter(circle_id=circle, until__isnull=True).exclude(role=Role.OBSERVER)
    on_duty = Appointment.objects.in_force(now).filter(duty=Appointment.Duty.OFFICIAL).values("person_id")
    people = Person.objects.filter(is_active=True, organisation__active=True, pk__in=on_duty)
    return people.filter(pk__in=members.values("person_id"))
