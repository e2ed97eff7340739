"""What a draft passes on its way out: whom it is for, whom it reaches, who looks at it, and their answer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.acts import Act
from clearance.markings import parse
from clearance.noting import note
from clearance.numbered import paged
from clearance.sent import takes

from .. import rules
from ..forms.passing import ApproveForm, AudiencePick, ReturnForm, SubmitForm
from ..models import Audience, Draft, Review
from ..queries import drafts as queries
from ..queries.reach import by_section
from ..services import drafting, reviewing
from ..templates_of_kinds import untouched
from . import shown
from .desk import Request, ToldOn, editable, found, official_screen, page, posted


@takes(AudiencePick)
@official_screen
@require_http_methods(["GET", "POST"])
def audience(request: Request, draft: UUID) -> HttpResponse:
    """Choose whom it is for."""
    at = _written(request, draft)
    lines = paged(request, queries.audiences(request.actor))
    present = [at.audience] if at.audience and at.audience.circle_id in request.actor.reach.writers else []
    there = {str(each.pk): each for each in (*present, *lines)}
    choices = [(key, _named(each)) for key, each in there.items()]
    form = AudiencePick(posted(request), audiences=choices, initial={"audience": str(at.audience_id or "")})
    if form.is_valid():
        with ToldOn(form):
            drafting.set_audience(actor=request.actor, draft=at, audience=there[form.cleaned_data["audience"]])
            messages.success(request, _("宛先を決めました。節ごとに、だれが読めるかを確かめてください。"))
            return redirect("briefings:draft_reach", at.pk)
    note(request.actor, Act.DRAFT_FORM, at, kind="audience")
    context = {"draft": at, "title": shown.title(at), "form": form, "audiences": there, "lines": lines}
    return page(request, "briefings/writing/audience.html", context)


@official_screen
@require_GET
def reach(request: Request, draft: UUID) -> HttpResponse:
    """Who will read which section, who will not and why: by name to those who run the audience."""
    at = found(request, draft)
    rules.insist(rules.to_read_draft(request.actor, at))
    content = shown.content(at)
    to: Audience | None = at.audience
    context = {
        "draft": at,
        "title": shown.title(at),
        "editable": editable(at) and bool(rules.to_write(request.actor, at)),
        "audience": to and _named(to),
        "everyone": to is not None and to.kind == Audience.Kind.EVERYONE,
        "rows": [
            (place, section, readers)
            for place, (section, readers) in enumerate(
                zip(content.sections, by_section(request.actor, to.circle, content.sections), strict=True), start=1
            )
        ]
        if to and rules.to_see_reach(request.actor, to.circle_id)
        else [],
    }
    note(request.actor, Act.DRAFT_REACH, at)
    return page(request, "briefings/writing/reach.html", context)


@takes(SubmitForm)
@official_screen
@require_http_methods(["GET", "POST"])
def submit(request: Request, draft: UUID) -> HttpResponse:
    """Put it before another official."""
    at = _written(request, draft)
    people = list(queries.reviewers(request.actor, at))
    form = SubmitForm(posted(request), people=people, initial={"release_at": at.release_at})
    if form.is_valid():
        with ToldOn(form):
            drafting.submit(
                actor=request.actor, draft=at, reviewer=form.people[form.cleaned_data["reviewer"]],
                release_at=form.cleaned_data["release_at"],
            )  # fmt: skip
            messages.success(request, _("確認を依頼しました。確認する方のホームと下書きの一覧に表示されます。"))
            return redirect("briefings:draft_preview", at.pk)
    note(request.actor, Act.DRAFT_FORM, at, kind="submit")
    content = shown.content(at)
    context = {
        "draft": at,
        "title": shown.title(at),
        "form": form,
        "people": people,
        "audience": at.audience and _named(at.audience),
        "untouched": untouched(content),
        "without_tlp": [each for each in content.sections if not parse(each.marking).tlp],
    }
    return page(request, "briefings/writing/submit.html", context)


@takes(ReturnForm)
@official_screen
@require_http_methods(["GET", "POST"])
def review(request: Request, draft: UUID) -> HttpResponse:
    """Read it as each kind of reader would; approve or return it, for whoever was asked and nobody else."""
    at = found(request, draft)
    rules.insist(rules.to_read_draft(request.actor, at))
    waiting = queries.open_review(at)
    if request.method == "POST" and "answer" in request.POST:
        return _answer(request, at, waiting)
    if request.method == "POST":
        raise Http404
    if waiting is None:
        return redirect("briefings:draft_preview", at.pk)
    note(request.actor, Act.DRAFT_OPEN, at)
    return _review_page(request, at, waiting, ApproveForm(), ReturnForm())


@official_screen
@require_POST
def take_back(request: Request, draft: UUID) -> HttpResponse:
    """Take the question back, to write on."""
    at = found(request, draft)
    try:
        drafting.take_back(actor=request.actor, draft=at)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("briefings:draft_preview", at.pk)
    messages.success(request, _("取り下げました。続けて書けます。"))
    return redirect("briefings:draft", at.pk)


@official_screen
@require_http_methods(["GET", "POST"])
def drop(request: Request, draft: UUID) -> HttpResponse:
    """Ask, then give it up."""
    at = _written(request, draft)
    if request.method == "POST":
        try:
            drafting.drop(actor=request.actor, draft=at)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
            return redirect("briefings:draft_preview", at.pk)
        messages.success(request, _("下書きを取りやめました。"))
        return redirect("briefings:drafts")
    note(request.actor, Act.DRAFT_FORM, at, kind="drop")
    return page(request, "briefings/writing/drop.html", {"draft": at, "title": shown.title(at)})


def _answer(request: Request, draft: Draft, waiting: Review | None) -> HttpResponse:
    """For whoever was asked alone: to everybody else there is nothing to answer."""
    asked = queries.review(draft, request.POST.get("review", ""))
    rules.insist(rules.to_answer(request.actor, asked))
    approving = request.POST["answer"] == "approve"
    approved = ApproveForm(request.POST if approving else None)
    returned = ReturnForm(None if approving else request.POST)
    form = approved if approving else returned
    if form.is_valid():
        with ToldOn(form):
            messages.success(request, _done(request, asked, form))
            return redirect("briefings:draft_preview", draft.pk)
    note(request.actor, Act.DRAFT_OPEN, draft)
    return _review_page(request, draft, waiting or asked, approved, returned)


def _done(request: Request, asked: Review, form: ApproveForm | ReturnForm) -> str:
    if isinstance(form, ReturnForm):
        reviewing.return_(actor=request.actor, review=asked, note=form.cleaned_data["note"])
        return _("差し戻しました。")
    if reviewing.approve(actor=request.actor, review=asked) is not None:
        return _("承認し、公表しました。")
    return _("承認しました。指定の日時に公表します。")


def _review_page(
    request: Request, draft: Draft, waiting: Review, approve: ApproveForm, return_: ReturnForm
) -> HttpResponse:
    content = shown.content(draft)
    attached = shown.attached(request.actor, draft, content)
    context = {
        **shown.as_reader(content, request.GET.getlist("as"), attached),
        "draft": draft,
        "title": content.title,
        "review": waiting,
        "mine": bool(rules.to_answer(request.actor, waiting)),
        "concerns": shown.concerns(content),
        "content": content,
        "changes": shown.changes(request.actor, draft, content),
        "audience": draft.audience and _named(draft.audience),
        "approve_form": approve,
        "return_form": return_,
        "forms": [approve, return_],
    }
    return page(request, "briefings/writing/review.html", context)


def _written(request: Request, key: UUID) -> Draft:
    """The draft, for those who may write it. What is being looked over or done with keeps its page."""
    at = found(request, key)
    rules.insist(rules.to_write(request.actor, at))
    return at


def _named(audience: Audience) -> str:
    name = shown.opened(audience, "name")
    return _("%(kind)s：%(name)s") % {"kind": audience.get_kind_display(), "name": name}
