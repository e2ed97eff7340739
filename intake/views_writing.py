"""From the empty form to the receipt: write, check, send. Whatever goes wrong on the way, what was typed comes back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake import clock, days, draft, mailbox, spool
from intake.choosing import lines, take, treated, undecided, waiting
from intake.consents import Consent
from intake.directory import offices
from intake.errors import crowded, told
from intake.forms import ConcernForm, answer, unpacked
from intake.marks import marked
from intake.page import page
from intake.receipt import Receipt
from intake.sending import send
from intake.themes import BY_CODE, QUESTIONS, THEMES
from intake.words import to_words


@require_http_methods(["GET", "HEAD", "POST"])
@told
def write(request: HttpRequest) -> HttpResponse:
    """The empty form; or, from the preview, the form as it was filled in."""
    if request.method == "POST":
        return form_page(request, form_of(request))
    if spool.room() is not spool.Room.PLENTY:
        return crowded(request)
    return form_page(request, ConcernForm(offices=offices(), initial={"begun": draft.begun()}))


@require_http_methods(["GET", "HEAD", "POST"])
@told
def check(request: HttpRequest) -> HttpResponse:
    """Everything as it will be sent, or the form again with what is to be mended."""
    if request.method != "POST":
        return to(request, "write")
    kept = waiting(request)
    taken, refused = take(request, first=len(kept) + 1)
    form = ConcernForm(request.POST, offices=offices(), kept=[*kept, *taken], refused=refused)
    return check_page(request, form) if form.is_valid() else form_page(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@told
def sent(request: HttpRequest) -> HttpResponse:
    """Send, and show the receipt. The same form sent again shows the same receipt and sends nothing."""
    if request.method != "POST":
        return to(request, "return")
    form = form_of(request)
    valid = form.is_valid()
    receipt = Receipt(form.entropy) if valid or set(form.errors) == {"attached"} else None
    if receipt and not valid and mailbox.find(receipt):  # its files were carried on with it
        return receipt_page(request, receipt, form)
    if not valid or receipt is None:
        return form_page(request, form)
    files, wanting = treated(request, form.kept)
    if wanting:
        return check_page(request, form, wanting)
    said = form.cleaned_data
    send(
        receipt=receipt, theme=said["theme"], text=said["text"], answers=form.answers,
        files=files, excluded=form.excluded, urgent=said["urgent"],
        consent=said["consent"], language=get_language() or "ja",
    )  # fmt: skip
    return receipt_page(request, receipt, form)


def form_of(request: HttpRequest) -> ConcernForm:
    """The form that the preview carries."""
    try:
        data, files = unpacked(request.POST.get("draft", ""))
    except draft.Mangled:
        raise BadRequest("draft") from None
    return ConcernForm(data, offices=offices(), kept=files)


def form_page(request: HttpRequest, form: ConcernForm) -> HttpResponse:
    excluded = form["exclude"].value() or []
    context = {
        "form": form,
        "faults": form.faults() if form.is_bound else [],
        "themes": THEMES,
        "guided": [guided(form, theme.code) for theme in THEMES if theme.questions],
        "kept": form.kept,
        "desks": [
            {
                "id": office.id, "name": office.name, "about": office.about, "readers": bool(office.readers),
                "excluded": str(office.id) in excluded,
            }
            for office in form.offices
        ],
        "consents": list(Consent),
    }  # fmt: skip
    return page(request, "intake/write.html", context, kept=not form.is_bound)


def guided(form: ConcernForm, code: str) -> dict[str, Any]:
    """The questions of a theme; open where one of them was answered."""
    questions: list[dict[str, Any]] = []
    for question in BY_CODE[code].questions:
        bound = form[answer(question.code)]
        questions.append(
            {"name": bound.name, "label": question.label, "value": bound.value() or "", "errors": bound.errors}
        )
    return {
        "label": BY_CODE[code].label,
        "questions": questions,
        "open": any(question["value"] for question in questions),
    }


def check_page(request: HttpRequest, form: ConcernForm, wanting: Collection[str] = ()) -> HttpResponse:
    said = form.cleaned_data
    texts: list[tuple[Any, str]] = [(_("相談したいこと"), said["text"])]
    texts += [(QUESTIONS[code].label, text) for code, text in form.answers.items()]
    excluded = said["exclude"]
    barred = {key for office in form.offices if str(office.id) in excluded for key in office.readers}
    context = {
        "marked": marked(texts),
        "theme": BY_CODE[said["theme"]].label,
        "readers": [
            office.name for office in form.offices if str(office.id) not in excluded and set(office.readers) - barred
        ],
        "excluded": [office.name for office in form.offices if str(office.id) in excluded],
        "urgent": said["urgent"],
        "consent": Consent(said["consent"]),
        "files": lines(form.kept, wanting),
        "faults": undecided(wanting),
        "packed": form.packed,
    }
    return page(request, "intake/check.html", context)


def receipt_page(request: HttpRequest, receipt: Receipt, form: ConcernForm) -> HttpResponse:
    address = reverse("intake:return", current_app=request.current_app)
    context = {
        "words": to_words(receipt.entropy, get_language() or "ja"),
        "receipt": receipt.entropy.hex(),
        "day": days.shown(clock.today()),
        "urgent": form.cleaned_data["urgent"],
        "address": request.build_absolute_uri(address),
    }
    return page(request, "intake/sent.html", context)


def to(request: HttpRequest, name: str) -> HttpResponse:
    """For whoever opens a page that only a form leads to."""
    return HttpResponseRedirect(reverse(f"intake:{name}", current_app=request.current_app))
