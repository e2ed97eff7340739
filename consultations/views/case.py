"""A case's page: the whole conversation, what the office knows of it, and the form to answer with; its files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from audit.acts import Act
from audit.services import record
from clearance.clock import today
from clearance.sent import takes
from documents.views.viewer import disposition, guarded
from intake.models import Entry

from ..custody import UnlockedKey
from ..forms.steps import NoteForm, SayForm, TickForm
from ..models.cases import Classed
from ..queries import board, readers, templates
from ..services import files, opening, saying
from ..services.opening import Attached, Opened
from .asked import Request, ToldOn, back, file_of, keyed, officer_screen, page, posted
from .steps import offered

TOLD = {
    Entry.Kind.ANSWER: _("返事を送りました。相談者は、次に訪れたときに読みます。"),
    Entry.Kind.QUESTION: _("質問を送りました。相談者は、次に訪れたときに読みます。"),
    Entry.Kind.NOTE: _("内部メモを残しました。"),
}


@takes(SayForm)
@officer_screen
@keyed
@require_http_methods(["GET", "POST"])
def case(request: Request, key: UnlockedKey, case: UUID) -> HttpResponse:
    """Read a case, and answer, ask or note: two forms, of which the kind says which was sent."""
    file = file_of(request)
    noted = request.POST.get("kind") == Entry.Kind.NOTE
    say = SayForm(None if noted else posted(request), initial=_template(request))
    note = NoteForm(posted(request) if noted else None)
    form: SayForm | NoteForm = note if noted else say
    if form.is_valid():
        with ToldOn(form):
            kind = Entry.Kind(form.cleaned_data["kind"])
            saying.say(actor=request.actor, unlocked=key, file=file, kind=kind, text=form.cleaned_data["text"])
            messages.success(request, TOLD[kind])
            return back(file, "#last")
    opened = opening.open_case(actor=request.actor, unlocked=key, file=file)
    say.write_in(opened.header.language)
    me = request.actor.person_id
    return page(request, "consultations/case.html", _shown(opened) | {"say": say, "note": note, "me": me})


def _shown(opened: Opened) -> dict[str, Any]:
    file = opened.file
    return {
        "opened": opened,
        "line": board.line(file, today(), opened.theme),
        "urgent": file.case.urgent and file.triaged_on is None and file.case.withdrawn_on is None,
        "said": [(one, opened.redactions.get(str(one.entry.pk))) for one in opened.said if _is_told(one)],
        "readers": readers.of(file.case),
        "excluded": readers.excluded(opened.header.excluded),
        "whistleblowing": file.classed == Classed.WHISTLEBLOWING,
        "subcontract": file.classed == Classed.SUBCONTRACT,
        "steps": offered(opened),
        "templates": templates.mine(),
        "merged_into": board.reference(file.merged_into_id) if file.merged_into_id else "",
        "repeat_of": board.reference(file.repeat_of_id) if file.repeat_of_id else "",
    }


def _is_told(one: opening.Said) -> bool:
    """A redacted copy stands beside what it is of."""
    return one.what != "redaction"


def _template(request: Request) -> dict[str, Any]:
    """What the form begins with: a template asked for in the address."""
    try:
        wanted = UUID(request.GET.get("template", ""))
    except ValueError:
        return {}
    found = templates.mine().filter(pk=wanted).first()
    if found is None:
        return {}
    english = request.GET.get("language") == "en"
    return {"text": found.body_en if english and found.body_en else found.body_ja}


@takes(TickForm)
@officer_screen
@keyed
@require_http_methods(["GET", "POST"])
def attached(request: Request, key: UnlockedKey, case: UUID, entry_id: UUID, number: int) -> HttpResponseBase:
    """A file, as it was before it was sealed. One that was not cleaned is given only after a yes to that."""
    file = file_of(request)
    found = _attached(opening.peek(key, file), entry_id, number)
    form = TickForm(posted(request))
    if not found.cleaned and not form.is_valid():
        record(actor=request.actor, act=Act.CONSULTATION_FORM, target_type=opening.TARGET, target_id=file.pk)
        context = {"file": file, "attached": found, "form": form, "reference": board.reference(file.pk)}
        return page(request, "consultations/uncleaned.html", context)
    content = files.open_attached(actor=request.actor, file=file, attached=found)
    return _given(content, found)


def _attached(opened: Opened, entry: UUID, number: int) -> Attached:
    said = opened.entry(entry)
    if said is None or number >= len(said.files):
        raise Http404
    return said.files[number]


def _given(content: Iterator[bytes], found: Attached) -> StreamingHttpResponse:
    """Whatever it is, the browser only saves it."""
    answer = StreamingHttpResponse(content, content_type="application/octet-stream")
    answer["Content-Length"] = str(found.size)
    answer["Content-Disposition"] = disposition(found.name)
    return guarded(answer)
