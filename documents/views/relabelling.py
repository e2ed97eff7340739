"""Changing a marking: at once, or by a request that another official answers."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clearance.models import Circle
from clearance.sent import takes

from .. import rules
from ..forms import RefusalForm, RelabelForm
from ..models import Document
from ..queries import documents
from ..queries import relabelling as queries
from ..queries.listing import waiting_level
from ..services import relabelling
from ..services.reading import Form, note_form, note_request, note_requests
from .asked import Request, ToldOn, page, screen


@takes(RelabelForm)
@screen
@require_http_methods(["GET", "POST"])
def relabel(request: Request, document: UUID) -> HttpResponse:
    """One form: what lets nobody new in is done at once, what does goes to another official."""
    found = documents.document(request.actor, document)
    rules.insist(rules.to_relabel(request.actor, found))
    form = RelabelForm(
        request.POST or None, actor=request.actor,
        circle=Circle.objects.select_related("ceiling").get(pk=found.circle_id),
        offered=request.GET.get("marking", ""), proposing=request.actor.official,
    )  # fmt: skip
    if form.is_valid():
        with ToldOn(form, marking="marking_choice"):
            return _relabelled(request, found, form)
    note_form(actor=request.actor, document=found, form=Form.RELABEL)
    context = {
        "document": found,
        "form": form,
        "open": queries.open_request(found),
        "official": request.actor.official,
        "builder_url": form.builder_url(reverse("documents:relabel", args=[found.pk])),
    }
    return page(request, "documents/relabel.html", context)


def _relabelled(request: Request, document: Document, form: RelabelForm) -> HttpResponse:
    given = form.cleaned_data
    marking = given["marking"]
    if given["alike"]:
        changed = relabelling.relabel_alike(actor=request.actor, document=document, marking=marking)
        told = _("%(number)s件の文書の格付・取扱制限を変更しました。") % {"number": f"{changed:,}"}
        messages.success(request, told)
    elif request.actor.official and relabelling.step(document.marking, marking).widens:
        if not given["reason"]:
            raise ValidationError({"reason": forms.ValidationError(_("変更の理由を入力してください。"))})
        relabelling.propose(
            actor=request.actor, document=document, marking=marking, reason=given["reason"], consent=given["consent"]
        )
        messages.success(request, _("申請しました。別の行政官が承認すると、格付が変わります。"))
    else:
        relabelling.relabel(actor=request.actor, document=document, marking=marking)
        messages.success(request, _("格付・取扱制限を変更しました。"))
    return redirect("documents:document", document.pk)


@screen
@require_safe
def requests(request: Request) -> HttpResponse:
    """What waits for an answer, and what became of the rest. For officials."""
    if not request.actor.official:
        raise Http404
    answered = queries.shown(queries.requests(request.actor).exclude(answer=""), 50)
    waiting = queries.shown(queries.open_requests(request.actor), 200)
    note_requests(actor=request.actor, shown=[*waiting, *answered])
    context = {
        "waiting": waiting,
        "answered": answered,
        "me": request.actor.person_id,
        "step_up_to": waiting_level(request.actor),
    }
    return page(request, "documents/requests.html", context)


@takes(RefusalForm)
@screen
@require_http_methods(["GET", "POST"])
def answer(request: Request, request_id: UUID) -> HttpResponse:
    """One request: what changes, why, and the two answers."""
    asked = queries.request(request.actor, request_id)
    if not request.actor.official:
        raise Http404
    form = RefusalForm(request.POST if request.POST.get("answer") == "refuse" else None)
    if request.method == "POST":
        try:
            if request.POST.get("answer") == "approve":
                relabelling.approve(actor=request.actor, request=asked)
                messages.success(request, _("承認しました。格付・取扱制限が変わりました。"))
                return redirect("documents:requests")
            if form.is_valid():
                relabelling.refuse(actor=request.actor, request=asked, why=form.cleaned_data["note"])
                messages.success(request, _("差し戻しました。"))
                return redirect("documents:requests")
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("documents:requests")
    note_request(actor=request.actor, request=asked)
    context = {"asked": asked, "form": form, "may": rules.to_answer(request.actor, asked)}
    return page(request, "documents/answer.html", context)
