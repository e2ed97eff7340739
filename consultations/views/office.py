"""The desk's own pages: wordings for answers; and, for its manager, what is to be destroyed."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit.acts import Act
from audit.services import record
from clearance.clock import today
from clearance.sent import takes

from .. import case_database
from ..forms.steps import DestructionConsentForm, TemplateForm
from ..models.cases import AnswerTemplate, Classed
from ..queries import board, templates
from ..services import office as services
from ..services.opening import TARGET
from .asked import Request, ToldOn, manager_screen, officer_screen, page, posted

WITHIN = 60  # days


@officer_screen
@require_GET
def list_templates(request: Request) -> HttpResponse:
    """The wordings of one's desks."""
    context = {"templates": list(templates.mine()), "desks": templates.desks(request.actor)}
    return page(request, "consultations/templates.html", context)


@takes(TemplateForm)
@officer_screen
@require_http_methods(["GET", "POST"])
def template(request: Request, template: UUID | None = None) -> HttpResponse:
    """Write one, or change it."""
    desks = templates.desks(request.actor)
    found = get_object_or_404(templates.mine(), pk=template) if template else AnswerTemplate(id=uuid4())
    if not desks.exists():
        raise Http404
    form = TemplateForm(posted(request), instance=found, desks=desks)
    if form.is_valid():
        with ToldOn(form):
            services.keep_template(actor=request.actor, template=form.save(commit=False), new=template is None)
            messages.success(request, _("ひな形を保存しました。"))
            return redirect("consultations:templates")
    return page(request, "consultations/template.html", {"form": form, "template": found, "new": template is None})


@officer_screen
@require_http_methods(["GET", "POST"])
def remove_template(request: Request, template: UUID) -> HttpResponse:
    """Ask, then remove one."""
    found = get_object_or_404(templates.mine(), pk=template)
    if request.method == "POST":
        services.remove_template(actor=request.actor, template=found)
        messages.success(request, _("ひな形を削除しました。"))
        return redirect("consultations:templates")
    return page(request, "consultations/template_remove.html", {"template": found})


@takes(DestructionConsentForm)
@manager_screen
@require_http_methods(["GET", "POST"])
def destruction(request: Request) -> HttpResponse:
    """What is soon to be destroyed, by dates alone; recording the consent to it."""
    due = case_database.to_destroy(WITHIN)
    form = DestructionConsentForm(posted(request))
    form.choose([(row.case, board.reference(row.case)) for row in due])
    if form.is_valid():
        with ToldOn(form):
            services.consent(
                actor=request.actor, case=form.cleaned_data["case"], reference=form.cleaned_data["reference"]
            )
            messages.success(request, _("廃棄の同意を登録しました。予定の日に廃棄されます。"))
            return redirect("consultations:destruction")
    record(actor=request.actor, act=Act.CONSULTATION_DESTROY_LIST, target_type=TARGET, detail={"shown": len(due)})
    rows = [(row, board.reference(row.case), Classed(row.classed).label) for row in due]
    gone = services.tombstones()
    return page(request, "consultations/destruction.html", {"form": form, "rows": rows, "gone": gone, "on": today()})
