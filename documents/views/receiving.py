"""Handing over: choose where, then what and under which marking; and newer versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clearance.access import Actor
from clearance.context import readership
from clearance.forms.markings import OTHER
from clearance.models import Circle
from clearance.sent import takes
from clearance.services.reading import note_circles, note_readership
from vault.uploads import SealedUpload, accepts_files

from .. import rules
from ..forms import ReceiveForm, VersionForm
from ..models import Document
from ..places import Place, circle_of, places
from ..queries import documents
from ..queries.listing import waiting_level
from ..services import receiving
from ..services.reading import Form, note_form
from .asked import Request, ToldOn, page, screen


@takes(ReceiveForm)
@accepts_files
@screen
@require_http_methods(["GET", "POST"])
def receive(request: Request) -> HttpResponse:
    """Without a circle: where to. With one: the form."""
    circle = documents.circle_to_write_in(request.actor, circle_of(request.GET.get("circle", "")))
    named = places(request.actor, request.actor.reach.writers)
    if circle is None:
        note_circles(actor=request.actor, shown=len(named))
        context = {"places": named.values(), "step_up_to": waiting_level(request.actor)}
        return page(request, "documents/where.html", context)
    upload = request.FILES.get("file")
    form = ReceiveForm(
        request.POST or None, request.FILES or None, actor=request.actor, circle=circle,
        originators=documents.originators_in(request.actor, circle), offered=request.GET.get("marking", ""),
    )  # fmt: skip
    if form.is_valid() and isinstance(upload, SealedUpload):
        with removed_on_failure(upload), ToldOn(form, marking="marking_choice", expires_at="expires_on"):
            given = form.cleaned_data
            document = receiving.receive(
                actor=request.actor, circle=circle.pk, marking=given["marking"], title=given["title"], upload=upload,
                originator=given["originator"].pk if given.get("originator") else None,
                expires_at=form.expires_at, record=form.record(),
            )  # fmt: skip
            messages.success(request, _handed_over(named.get(circle.pk)))
            return _to(request, document)
        upload.discard()  # refused: the form says why
    note_readership(actor=request.actor, circle=circle)
    here = f"{reverse('documents:receive')}?{urlencode({'circle': circle.pk})}"
    context = {
        "form": form,
        "place": named.get(circle.pk),
        "other": form["marking_choice"].value() == OTHER or bool(form["marking_text"].value()),
        "builder_url": form.builder_url(here),
        "readers": _readers(request.actor, circle, form),
    }
    return page(request, "documents/receive.html", context)


@takes(VersionForm)
@accepts_files
@screen
@require_http_methods(["GET", "POST"])
def add_version(request: Request, document: UUID) -> HttpResponse:
    """A newer file of a document."""
    found = documents.document(request.actor, document)
    rules.insist(rules.to_add_version(request.actor, found))
    upload = request.FILES.get("file")
    form = VersionForm(request.POST or None, request.FILES or None)
    if form.is_valid() and isinstance(upload, SealedUpload):
        with removed_on_failure(upload), ToldOn(form):
            receiving.add_version(
                actor=request.actor, document=found, upload=upload, change=form.cleaned_data["change"]
            )
            messages.success(request, _("新しい版を受け取りました。内容の確認が終わると、読めるようになります。"))
            return _to(request, found)
        upload.discard()  # refused: the form says why
    note_form(actor=request.actor, document=found, form=Form.VERSION)
    return page(request, "documents/version.html", {"document": found, "form": form})


@contextmanager
def removed_on_failure(upload: SealedUpload) -> Iterator[None]:
    """What could not be taken over is removed at once, whatever went wrong: the sweeper would come a day later."""
    try:
        yield
    except BaseException:
        upload.discard()
        raise


def _to(request: Request, document: Document) -> HttpResponse:
    """To the document's page. A script that sends the file would follow a redirect itself and so use up the message
    for the reader; it asks for the address alone."""
    if request.headers.get("Prefer") == "return=minimal":
        return HttpResponse(status=201, headers={"Location": reverse("documents:document", args=[document.pk])})
    return redirect("documents:document", document.pk)


def _handed_over(place: Place | None) -> str:
    if place is None:
        return _("文書を提供しました。共有範囲の参加者のうち、取扱資格のある方が読めます。")
    words = _("文書を提供しました。「%(name)s」の参加者のうち、取扱資格のある方が読めます。")
    return words % {"name": place.name}


def _readers(actor: Actor, circle: Circle, form: ReceiveForm) -> list[tuple[str, str, int, int]]:
    """For each marking on offer, how many people of how many organisations could read what is so marked."""
    return [
        (
            choice.label,
            choice.text,
            *readership(
                circle=circle.pk, level=choice.level, comp_mask=choice.marking.comp_mask,
                release_mask=choice.marking.release_mask,
            ),
        )
        for choice in form.choices
    ]  # fmt: skip
