"""Writing: the list of drafts, a new one, and the page on which a draft is written, saved and looked at.

Whatever somebody sent comes back on the page, whether it was taken or not.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.acts import Act
from audit.services import record
from clearance.markings import overall
from clearance.noting import note
from clearance.numbered import paged
from clearance.sent import takes
from dialogues.views.answers import links

from .. import rules
from ..forms.content import EveryField
from ..forms.drafts import DraftForms, titled
from ..forms.fitting import tell
from ..forms.passing import BureauPick, StartForm
from ..forms.typed import Typed
from ..models import Draft, Review, State
from ..queries import drafts as queries
from ..queries.feed import briefing as readable
from ..queries.feed import visible
from ..services import drafting
from . import shown
from .desk import Request, ToldOn, editable, found, official_screen, page, posted, waiting_level

TABS = {
    "writing": (State.WRITING.value, State.RETURNED.value),
    "waiting": (State.IN_REVIEW.value, State.APPROVED.value),
    "done": (State.PUBLISHED.value, State.DROPPED.value),
}


@official_screen
@require_GET
def drafts(request: Request) -> HttpResponse:
    """The drafts of one's bureaus, and above them what waits for one's own review."""
    state = request.GET.get("state", "")
    state = state if state in TABS else "writing"
    rows = queries.drafts(request.actor, TABS[state], after=request.GET.get("after", ""))
    asked = queries.to_review(request.actor)
    highest = max((draft.level for draft in (*rows, *(review.draft for review in asked))), default=0)
    record(actor=request.actor, act=Act.DRAFT_LIST, target_type="briefings.draft", level=highest)
    here = reverse("briefings:drafts")
    names = {"writing": _("作成中・差戻し"), "waiting": _("確認待ち・公表待ち"), "done": _("公表済み・取りやめ")}
    context = {
        "rows": [(draft, shown.title(draft)) for draft in rows],
        "tabs": [(label, f"{here}?state={key}", key == state) for key, label in names.items()],
        "state": state,
        "to_review": [(review, shown.title(review.draft)) for review in asked],
        "step_up_to": waiting_level(request.actor),
        **links(request, rows),
    }
    return page(request, "briefings/writing/drafts.html", context)


@takes(StartForm)
@official_screen
@require_http_methods(["GET", "POST"])
def start(request: Request) -> HttpResponse:
    """Begin one: the bureau first, where there are several, then its kind and marking."""
    bureaus, asked = queries.bureaus(request.actor), request.GET.get("bureau", "")
    lines = paged(request, bureaus.filter(pk=asked) if shown.is_key(asked) else bureaus)
    chosen = lines.rows if lines.total == 1 else []
    record(actor=request.actor, act=Act.DRAFT_FORM, target_type="briefings.draft", detail={"kind": "start"})
    if not chosen:
        if request.method == "POST":
            raise Http404
        context = {"bureaus": [shown.named(each) for each in lines], "lines": lines}
        return page(request, "briefings/writing/start_where.html", context)
    bureau = chosen[0]
    form = StartForm(
        request.POST or None, actor=request.actor, circle=bureau.circle, offered=request.GET.get("marking", "")
    )
    if form.is_valid():
        with ToldOn(form, marking="marking_choice"):
            made = drafting.start(
                actor=request.actor, bureau=bureau, kind=form.cleaned_data["kind"], marking=form.cleaned_data["marking"]
            )
            messages.success(request, _("下書きを作成しました。手引きの文を、本文に置き換えてください。"))
            return redirect("briefings:draft", made.pk)
    builder = form.builder_url(f"{request.path}?bureau={bureau.pk}")
    return page(request, "briefings/writing/start.html", {"form": form, "bureau": bureau, "builder_url": builder})


@takes(EveryField)
@official_screen
@require_http_methods(["GET", "POST"])
def draft(request: Request, draft: UUID) -> HttpResponse:
    """Write. The button says what is done: save, preview, or add, remove and move sections and rows."""
    at = found(request, draft)
    rules.insist(rules.to_write(request.actor, at))
    if request.method != "POST":
        note(request.actor, Act.DRAFT_OPEN, at)
        if not editable(at):
            return redirect("briefings:draft_preview", at.pk)
        return _page(request, at, Typed.written(shown.content(at)))
    typed, deed = Typed.posted(request.POST), request.POST.get("do", "save")
    if deed == "preview":
        return _preview(request, at, typed)
    done = typed.do(deed)
    if deed.startswith("row") or deed in ("by_section", "as_one"):  # it changes what can be typed, not what is
        return _page(request, at, typed)
    return _saved(request, at, typed, deed if done else "")


@takes(EveryField)
@official_screen
@require_POST
def save(request: Request, draft: UUID) -> HttpResponse:
    """Save what the page sends by itself while somebody types, and say in one sentence whether it was taken."""
    at = found(request, draft)
    rules.insist(rules.to_write(request.actor, at))
    typed = Typed.posted(request.POST)
    forms = _forms(request, at, typed, judged=True)
    if not editable(at):
        closed = _("この下書きは、今は変更できません。「保存する」を押すと、入力した内容を残したまま状況を表示します。")
        return _answer(409, closed)
    if not forms.is_valid():
        return _answer(422, _wrong())
    if _save(request, at, forms) is not None:
        overtaken = _("別の画面で先に保存されたため、保存していません。「保存する」を押すと、違うところを表示します。")
        return _answer(409, overtaken)
    if forms.refused:
        return _answer(422, _wrong())
    saved = _("自動で保存しました（%(at)s）。") % {"at": f"{localtime():%H:%M}"}
    return _answer(200, saved, revision=at.revision)


@takes(EveryField)
@official_screen
@require_http_methods(["GET", "POST"])
def preview(request: Request, draft: UUID) -> HttpResponse:
    """How it will look: of what is typed, beside the form or as a piece of a page; by GET of what is stored."""
    at = found(request, draft)
    if request.method == "POST":
        rules.insist(rules.to_write(request.actor, at))
        return _preview(request, at, Typed.posted(request.POST))
    rules.insist(rules.to_read_draft(request.actor, at))
    note(request.actor, Act.DRAFT_OPEN, at)
    content = shown.content(at)
    context = {
        **shown.as_reader(content, request.GET.getlist("as"), shown.attached(request.actor, at, content)),
        "draft": at,
        "title": shown.title(at),
        "content": content,
        "concerns": shown.concerns(content),
        "changes": shown.changes(request.actor, at, content),
        "sent_in": queries.sent_in(at),
        "audience": at.audience and shown.opened(at.audience, "name"),
        "review": (review := queries.open_review(at)),
        "mine": review is not None and review.reviewer_id == request.actor.person_id,
        "may_write": bool(rules.to_write(request.actor, at)),
        "editable": editable(at),
        "readable": at.briefing_id is not None and visible(request.actor).filter(pk=at.briefing_id).exists(),
        "may_take_back": _may_take_back(request, at, review),
    }
    return page(request, "briefings/writing/stored.html", context)


@takes(BureauPick)
@official_screen
@require_http_methods(["GET", "POST"])
def correct(request: Request, briefing: UUID) -> HttpResponse:
    """Begin a correction of something published: in which bureau."""
    of = readable(request.actor, briefing)
    rules.insist(rules.to_correct(request.actor, of))
    bureaus = {each.pk: each for each in queries.bureaus_of(request.actor, of)}
    choices = [(each.pk, shown.opened(each, "name")) for each in bureaus.values()]
    form = BureauPick(posted(request), bureaus=choices, initial={"bureau": next(iter(bureaus), None)})
    note(request.actor, Act.DRAFT_FORM, of, kind="correct")
    if form.is_valid():
        with ToldOn(form):
            made = drafting.correct(actor=request.actor, bureau=bureaus[form.cleaned_data["bureau"]], briefing=of)
            messages.success(request, _("訂正の下書きを作成しました。公表されている内容が入っています。"))
            return redirect("briefings:draft", made.pk)
    return page(request, "briefings/writing/correct.html", {"form": form, "briefing": of, "bureaus": bureaus})


def _may_take_back(request: Request, at: Draft, review: Review | None) -> bool:
    """An open question by whoever asked it, an approval whose time has not come by anybody who writes."""
    asked = review is None or review.asked_by_id == request.actor.person_id
    return bool(rules.to_write(request.actor, at)) and at.state in TABS["waiting"] and asked


def _forms(request: Request, draft: Draft, typed: Typed, *, judged: bool) -> DraftForms:
    content = shown.content(draft)
    slots = [section.slot for section in content.sections]
    made = DraftForms(typed, draft=draft, actor=request.actor, slots=slots, judged=judged)
    tell(made, draft.audience.circle.ceiling if draft.audience else None)
    return made


def _saved(request: Request, at: Draft, typed: Typed, deed: str) -> HttpResponse:
    """Save what was sent, after what a button did to it; the page again where it is not taken."""
    forms = _forms(request, at, typed, judged=True)
    if not editable(at):
        return _page(request, at, typed, forms=forms, status=409, closed=True)
    if forms.is_valid():
        overtaken = _save(request, at, forms)
        if overtaken is not None:
            return _page(request, overtaken, typed, status=409, stored=overtaken, forms=forms)
        if not forms.refused:
            if not deed:
                messages.success(request, _("保存しました。"))
            return redirect(reverse("briefings:draft", args=[at.pk]) + _place(deed, typed))
    if deed:  # what a button did stands on the page, and what is wrong is told when it is saved
        return _page(request, at, typed, unsaved=True)
    return _page(request, at, typed, forms=forms)


def _save(request: Request, draft: Draft, forms: DraftForms) -> Draft | None:
    """Save it; what lies there instead, where somebody else was first. A refusal is told on the form."""
    content, seen = forms.content(), forms.typed.one("seen")
    if content == shown.content(draft):  # nothing of one's own to lose, and nothing to write over
        return None
    try:
        saved = drafting.save(
            actor=request.actor, draft=draft, content=content, seen=int(seen) if seen.isdecimal() else 0
        )
    except drafting.Overtaken:
        return found(request, draft.pk)
    except ValidationError as refused:
        forms.refuse(refused)
    else:
        draft.revision = saved.revision
    return None


def _page(
    request: Request, draft: Draft, typed: Typed, *, forms: DraftForms | None = None, status: int = 200,
    stored: Draft | None = None, **more: Any,
) -> HttpResponse:  # fmt: skip
    forms = forms or _forms(request, draft, typed, judged=False)
    kept = [key for section in typed.sections for key in section.fields.get("documents", ()) if shown.is_key(key)]
    there = queries.attachable(request.actor, draft.audience, kept)
    forms.offer({key: titled(title, marking.text) for key, (title, marking) in there.items()})
    markings = [draft.marking.text, *(each for each in _markings(typed) if each)]
    context: dict[str, Any] = {
        "draft": draft,
        "forms": forms,
        "every": forms.every(),
        "seen": draft.revision if stored or request.method != "POST" else typed.one("seen"),
        "marking": overall(markings),
        "returned": queries.last_returned(draft) if draft.state == State.RETURNED else None,
        "sent_in": queries.sent_in(draft),
        "audience": draft.audience and shown.opened(draft.audience, "name"),
        "stored": shown.beside(shown.content(stored), forms.content()) if stored else None,
        "closed": False,
        "unsaved": False,
        "preview": shown.typed(typed),
        "previewed": False,
        "own_saving": draft.saved_by_id == request.actor.person_id,
        **more,
    }
    return page(request, "briefings/writing/draft.html", context, status=status)


def _preview(request: Request, draft: Draft, typed: Typed) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        response = page(request, "briefings/writing/rendered.html", {"sections": shown.typed(typed)})
    else:
        response = _page(request, draft, typed, previewed=True)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _markings(typed: Typed) -> list[str]:
    """Those typed that are markings at all: what the page holds is as high as the highest of them."""
    return [text for text in shown.markings(typed) if text]


def _place(deed: str, typed: Typed) -> str:
    """Where on the page the section is that a button has just dealt with."""
    what, _dash, section = deed.partition("-")
    if what == "add":
        return f"#section-{len(typed.sections) - 1}"
    if section.isdecimal():
        moved = {"up": -1, "down": 1, "remove": -1}.get(what, 0)
        return f"#section-{int(section) + moved}"
    return ""


def _wrong() -> str:
    return _("入力に誤りがあるため、まだ保存していません。「保存する」を押すと、直すところを表示します。")


def _answer(status: int, told: str, **more: int) -> JsonResponse:
    response = JsonResponse({"told": told, **more}, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
