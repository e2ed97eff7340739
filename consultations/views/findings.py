"""Findings: the list, drafting, what the rule says, approval by another, release into a room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import record
from clearance.numbered import paged
from clearance.sent import takes
from dialogues.services.presets import offered

from ..custody import UnlockedKey, unlocked
from ..findings import drafting, releasing, wording
from ..findings.sealing import open_draft, open_drafts
from ..forms import findings as forms
from ..models.cases import CaseFile
from ..models.findings import Finding
from ..queries import board, readers
from ..queries import findings as queries
from ..services import opening, taking_down
from .asked import Request, ToldOn, keyed, officer_screen, page, posted

MOST_CASES = 200
TARGET = drafting.TARGET


@officer_screen
@require_GET
def findings(request: Request) -> HttpResponse:
    """Those one may read; with an unlocked key by title."""
    key = unlocked(request)
    found = paged(request, queries.listed())
    drafts = open_drafts(key, found.rows) if key else {}
    rows = [(each, drafts[each.pk].title if each.pk in drafts else "") for each in found.rows]
    record(actor=request.actor, act=Act.FINDING_LIST, target_type=TARGET, detail={"shown": len(rows)})
    context = {"page": found, "rows": rows, "unlocked": key, "serves": taking_down.may(request.actor)}
    return page(request, "consultations/findings.html", context)


@takes(forms.DraftForm)
@officer_screen
@keyed
@require_http_methods(["GET", "POST"])
def draft(request: Request, key: UnlockedKey) -> HttpResponse:
    """Draft one from several cases."""
    files, choices = _choices(drafting.usable(key, MOST_CASES))
    form = forms.DraftForm(posted(request), cases=choices)
    if form.is_valid():
        with ToldOn(form):
            chosen = [files[case] for case in form.cleaned_data["cases"]]
            made = drafting.begin(actor=request.actor, unlocked=key, cases=chosen, draft=form.draft)
            messages.success(request, _("下書きを保存しました。"))
            return redirect("consultations:finding", made.pk)
    record(actor=request.actor, act=Act.CONSULTATION_LIST, target_type=opening.TARGET, detail={"shown": len(choices)})
    return page(request, "consultations/finding_draft.html", {"form": form, "choices": choices})


@officer_screen
@keyed
@require_GET
def finding(request: Request, key: UnlockedKey, finding: UUID) -> HttpResponse:
    """Its text, what the rule says of it, what could still be guessed, and what comes next."""
    found = queries.finding(finding)
    judged = drafting.judge(unlocked=key, finding=found)
    record(actor=request.actor, act=Act.FINDING_OPEN, target_type=TARGET, target_id=found.pk)
    return page(request, "consultations/finding.html", _shown(request, judged))


def _approvers(judged: drafting.Judged) -> dict[str, Any]:
    """Who can be asked for approval; where nobody can, the numbers of the cases that keep everybody out."""
    found = readers.approvers(
        (each.file.pk for each in judged.cases), finding=judged.finding.pk, author=judged.finding.drafted_by_id
    )
    return {"approvers": found, "without": ", ".join(board.reference(case) for case in found.without)}


def _shown(request: Request, judged: drafting.Judged) -> dict[str, Any]:
    found = judged.finding
    mine = found.drafted_by_id == request.actor.person_id
    state = found.state
    open_ = state not in (Finding.State.RELEASED, Finding.State.DROPPED)
    return {
        "judged": judged,
        "finding": found,
        "mine": mine,
        "preview": wording.released(judged.draft, judged.verdict),
        "sources": [
            (board.reference(each.file.pk), each, bool(judged.consents[each.file.pk]), each in judged.unfit)
            for each in judged.cases
        ],
        "may_change": mine and open_,
        "askable": len(judged.statement.sources) == 1 and not judged.missing,
        "may_ask": mine and state == Finding.State.DRAFT and judged.fit,
        "may_answer": not mine and state == Finding.State.ASKED,
        "may_release": state == Finding.State.APPROVED
        and request.actor.person_id in {found.drafted_by_id, found.approved_by_id},
        "approve_form": forms.ApproveForm(initial={"revision": found.revision}),
        **(_approvers(judged) if mine and state in (Finding.State.DRAFT, Finding.State.ASKED) else {}),
    }


def _choices(
    usable: Iterable[drafting.Usable], behind: Iterable[opening.Opened] = ()
) -> tuple[dict[UUID, CaseFile], list[tuple[UUID, str]]]:
    """The cases to choose from, each by its day, theme and use; those that stand behind it already among them."""
    told = {each.file.pk: (each.file, each.header, each.consent) for each in usable}
    for one in behind:
        told.setdefault(one.file.pk, (one.file, one.header, one.consent))
    choices = []
    for key, (file, header, consent) in told.items():
        named = {"day": date_format(file.case.received_on), "theme": opening.theme_label(header), "use": consent.label}
        choices.append((key, f"{_('%(day)s｜%(theme)s｜%(use)s') % named} {board.reference(key)}"))
    return {key: file for key, (file, _header, _consent) in told.items()}, choices


@takes(forms.DraftForm)
@officer_screen
@keyed
@require_http_methods(["GET", "POST"])
def change(request: Request, key: UnlockedKey, finding: UUID) -> HttpResponse:
    """Change one's own."""
    found = queries.finding(finding)
    if found.drafted_by_id != request.actor.person_id or found.state in ("RELEASED", "DROPPED"):
        raise Http404
    now, behind = open_draft(key, found), opening.peek_all(key, drafting.sources(found))
    files, choices = _choices(drafting.usable(key, MOST_CASES), behind)
    initial = {**vars(now), "cases": [each.file.pk for each in behind]}
    form = forms.DraftForm(posted(request), cases=choices, initial=initial)
    if form.is_valid():
        with ToldOn(form):
            chosen = [files[case] for case in form.cleaned_data["cases"]]
            drafting.change(actor=request.actor, unlocked=key, finding=found, draft=form.draft, cases=chosen)
            messages.success(request, _("変更しました。もう一度、確認を依頼してください。"))
            return redirect("consultations:finding", found.pk)
    record(actor=request.actor, act=Act.FINDING_OPEN, target_type=TARGET, target_id=found.pk)
    return page(request, "consultations/finding_change.html", {"form": form, "finding": found})


@takes(forms.AskSenderForm)
@officer_screen
@keyed
@require_http_methods(["GET", "POST"])
def ask_sender(request: Request, key: UnlockedKey, finding: UUID) -> HttpResponse:
    """Ask whoever wrote whether this very text may be used; the page says so where there are several."""
    found = queries.finding(finding)
    if found.drafted_by_id != request.actor.person_id or found.state != Finding.State.DRAFT:
        raise Http404
    form = forms.AskSenderForm(posted(request))
    if form.is_valid():
        with ToldOn(form):
            drafting.ask_sender(
                actor=request.actor, unlocked=key, finding=found, text=form.cleaned_data["text"]
            )  # fmt: skip
            messages.success(request, _("相談者に同意のお願いを送りました。"))
            return redirect("consultations:finding", found.pk)
    record(actor=request.actor, act=Act.FINDING_OPEN, target_type=TARGET, target_id=found.pk)
    context = {
        "form": form, "finding": found, "quoted": wording.quoted(open_draft(key, found)),
        "askable": drafting.of_one_sender(found),
    }  # fmt: skip
    return page(request, "consultations/finding_consent.html", context)


@takes(forms.ApproveForm)
@officer_screen
@keyed
@require_POST
def decide(request: Request, key: UnlockedKey, finding: UUID) -> HttpResponse:
    """Ask for approval, approve, send back, or give up: the button that was pressed says which."""
    found = queries.finding(finding)
    try:
        told = _decided(request, key, found)
        messages.success(request, told)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    except NotAllowed:
        messages.error(request, _("ほかの方が先に操作したか、この操作はできません。今の状態を確認してください。"))
    return redirect(reverse("consultations:finding", args=[found.pk]))


def _decided(request: Request, key: UnlockedKey, found: Finding) -> str:
    if "ask" in request.POST:
        drafting.ask(actor=request.actor, unlocked=key, finding=found)
        return _("確認を依頼しました。ほかの担当者が確認すると、公開できます。")
    if "drop" in request.POST:
        drafting.drop(actor=request.actor, finding=found)
        return _("取りやめました。")
    form = forms.ApproveForm(request.POST)
    approve = "approve" in request.POST
    if approve and not form.is_valid():
        raise ValidationError(_("本文と注意を読み、確認のチェックを入れてください。"))
    revision = form.cleaned_data["revision"] if form.is_valid() else found.revision
    drafting.answer(actor=request.actor, unlocked=key, finding=found, revision=revision, approve=approve)
    return _("承認しました。") if approve else _("差し戻しました。")


@takes(forms.RoomForm)
@officer_screen
@keyed
@require_http_methods(["GET", "POST"])
def release(request: Request, key: UnlockedKey, finding: UUID) -> HttpResponse:
    """Choose the room, then the marking, with everything that could still be guessed before one's eyes."""
    found = queries.finding(finding)
    if found.state != Finding.State.APPROVED:
        raise Http404
    rooms = queries.rooms(request.actor)
    form = _release_form(request, rooms)
    if isinstance(form, forms.ReleaseForm) and form.is_bound and form.is_valid():
        with ToldOn(form, title="way", body="way"):
            given = form.cleaned_data
            room = form.rooms[given["room"]]
            releasing.release(
                actor=request.actor, unlocked=key, finding=found, room=room, marking=form.markings[given["marking"]],
                way=given["way"],
            )  # fmt: skip
            messages.success(request, _("公開しました。"))
            return redirect("dialogues:room", room.pk)
    judged = drafting.judge(unlocked=key, finding=found)
    record(actor=request.actor, act=Act.FINDING_OPEN, target_type=TARGET, target_id=found.pk)
    context = {
        "form": form, "finding": found, "judged": judged, "rooms": rooms,
        "preview": wording.released(judged.draft, judged.verdict),
    }  # fmt: skip
    return page(request, "consultations/finding_release.html", context)


def _release_form(request: Request, rooms: list[Any]) -> forms.RoomForm:
    """First the room alone; then, with the room given, the markings it offers too."""
    first = forms.RoomForm(posted(request), rooms=rooms)
    if not first.is_bound or not first.is_valid():
        return first
    room = first.rooms[first.cleaned_data["room"]]
    choices = offered(request.actor, circle=room.circle)
    chosen = "marking" in request.POST or "confirmed" in request.POST
    data = request.POST if chosen else None
    initial = {
        "room": room.pk,
        "way": first.cleaned_data["way"],
        "marking": choices[-1].marking.pk if choices else None,
    }
    return forms.ReleaseForm(data, rooms=rooms, choices=choices, initial=initial)
