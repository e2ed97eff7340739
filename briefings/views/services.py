"""The pages of those who keep machine accounts, and of the officials who look at what machines sent in."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.assurance import NEEDS_SECOND_FACTOR
from audit.acts import Act
from audit.services import record
from clearance.access import visible_to
from clearance.forms.entitlements import Confirmed
from clearance.forms.telling import ToldOn
from clearance.numbered import paged
from clearance.screens import Request, page, send_again, signed_in, step_up_url
from clearance.sent import takes
from clearance.services.reading import note_listing, note_opening

from ..forms.machines import AccountForm, TakeForm, TokenForm
from ..machines import halted
from ..models import Draft, ServiceAccount, ServiceToken, Submitted
from ..queries import drafts
from ..services import machines, submitting
from . import shown

Path = ParamSpec("Path")
View = Callable[Concatenate[Request, Path], HttpResponseBase]


def for_keepers(view: View[Path]) -> View[Path]:
    """A decorator of pages for officials and the clearance officer; for everybody else there is no such page."""

    @wraps(view)
    def shown(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        if not (request.actor.official or request.actor.clearance_officer):
            raise Http404
        return view(request, *args, **kwargs)

    return signed_in(shown)  # type: ignore[arg-type]


def after_proving(view: View[Path]) -> View[Path]:
    """A decorator, below `for_keepers`: what gives out a token asks for a second factor within the hour first. What was
    sent without it is kept in the page that asks."""

    @wraps(view)
    def proved(request: Request, *args: Path.args, **kwargs: Path.kwargs) -> HttpResponseBase:
        if request.actor.assurance.level_reached(timezone.now()) >= NEEDS_SECOND_FACTOR:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            onward = reverse("briefings:service_accounts")
            return send_again(request, level=NEEDS_SECOND_FACTOR, onward=onward, status=403)
        return redirect(step_up_url(NEEDS_SECOND_FACTOR, request.get_full_path()))

    return proved  # type: ignore[return-value]


@for_keepers
@require_GET
def accounts(request: Request) -> HttpResponse:
    note_listing(actor=request.actor, act=Act.SERVICE_LIST, what="service")
    rows = ServiceAccount.objects.select_related("person__organisation", "keeper")
    return page(request, "briefings/services/accounts.html", {"accounts": paged(request, rows)})


@takes(AccountForm)
@for_keepers
@require_http_methods(["GET", "POST"])
def account_add(request: Request) -> HttpResponse:
    form = AccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            made = machines.make_account(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("機械用アカウントを作りました。次に、トークンを発行してください。"))
            return redirect("briefings:service_account", made.pk)
    if request.method != "POST":
        note_listing(actor=request.actor, act=Act.SERVICE_LIST, what="service")
    return page(request, "briefings/services/account_add.html", {"form": form})


@for_keepers
@require_GET
def account(request: Request, account: UUID) -> HttpResponse:
    found = _account(account)
    note_opening(actor=request.actor, act=Act.SERVICE_LIST, what="service", key=found.pk)
    return page(request, "briefings/services/account.html", _context(found))


@takes(TokenForm)
@for_keepers
@after_proving
@require_http_methods(["GET", "POST"])
def token_add(request: Request, account: UUID) -> HttpResponse:
    found = _account(account)
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            _token, secret = machines.issue_token(actor=request.actor, account=found, **form.cleaned_data)
            return _shown_once(request, found, secret)
    if request.method != "POST":
        note_opening(actor=request.actor, act=Act.SERVICE_LIST, what="service", key=found.pk)
    return page(request, "briefings/services/token_add.html", {"form": form, "account": found})


@takes(Confirmed)
@for_keepers
@after_proving
@require_http_methods(["GET", "POST"])
def token_rotate(request: Request, machine_token: UUID) -> HttpResponse:
    """Another in its place; the old one holds for a day."""
    held = _token(machine_token)
    form = Confirmed(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            _made, secret = machines.rotate_token(actor=request.actor, token=held)
            return _shown_once(request, held.account, secret)
    return _sure(request, form, held.account, "rotate")


@takes(Confirmed)
@for_keepers
@require_http_methods(["GET", "POST"])
def token_revoke(request: Request, machine_token: UUID) -> HttpResponse:
    held = _token(machine_token)
    form = Confirmed(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        machines.revoke_token(actor=request.actor, token=held)
        messages.success(request, _("トークンを失効させました。"))
        return redirect("briefings:service_account", held.account_id)
    return _sure(request, form, held.account, "revoke_token")


@takes(Confirmed)
@for_keepers
@require_http_methods(["GET", "POST"])
def account_revoke(request: Request, account: UUID) -> HttpResponse:
    found = _account(account)
    form = Confirmed(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        machines.revoke_account(actor=request.actor, account=found)
        messages.success(request, _("機械用アカウントを失効させました。"))
        return redirect("briefings:service_account", found.pk)
    return _sure(request, form, found, "revoke_account")


@for_keepers
@require_GET
def submissions(request: Request) -> HttpResponse:
    """What machines sent in and nobody has answered yet, then the rest; as far as the official may read it."""
    if not request.actor.official:
        raise Http404
    note_listing(actor=request.actor, act=Act.SERVICE_LIST, what="submission")
    rows = Submitted.objects.exclude(submission__account_id=request.actor.person_id).select_related(
        "submission__account__person__organisation", "submission__marking"
    )
    found = paged(request, rows.order_by("-state", "-submission__created", "id"))
    taken = Draft.objects.filter(pk__in={each.draft_id for each in found.rows if each.draft_id})
    open_to_me = set(visible_to(request.actor, taken).values_list("pk", flat=True))
    found.rows[:] = [(each, _told(each), each.draft_id in open_to_me) for each in found.rows]
    return page(request, "briefings/services/submissions.html", {"submissions": found})


@takes(TakeForm)
@for_keepers
@require_http_methods(["GET", "POST"])
def submission_draft(request: Request, submitted: UUID) -> HttpResponse:
    """Begin a draft with what waits of the submission that this object came in."""
    found = _submitted(request, submitted)
    of, marking = found.submission, found.submission.marking
    bureaus = {each.pk: each for each in drafts.bureaus(request.actor)}
    choices = [(each.pk, shown.opened(each, "name")) for each in bureaus.values()]
    form = TakeForm(
        request.POST if request.method == "POST" else None,
        bureaus=choices,
        initial={"bureau": next(iter(bureaus), None), "kind": TakeForm.base_fields["kind"].initial},
    )
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            made = submitting.take(
                actor=request.actor,
                submission=of,
                bureau=bureaus[form.cleaned_data["bureau"]],
                kind=form.cleaned_data["kind"],
            )
            messages.success(request, _("提出された情報から下書きを作りました。提出元には、受理したことが伝わります。"))
            return redirect("briefings:draft", made.pk)
    record(
        actor=request.actor, act=Act.SERVICE_LIST, target_type="submission", target_id=found.pk, label=marking.text,
        level=marking.level,
    )  # fmt: skip
    waiting = of.objects_sent.filter(state=Submitted.State.WAITING).select_related("submission").order_by("id")
    context = {
        "form": form,
        "one": found,
        "submission": of,
        "bureaus": bureaus,
        "waiting": [_told(each) for each in waiting],
    }
    return page(request, "briefings/services/submission_draft.html", context)


@for_keepers
@require_POST
def submission_answer(request: Request, submitted: UUID) -> HttpResponse:
    """Decline."""
    found = _submitted(request, submitted)
    if submitting.refuse(actor=request.actor, submitted=found):
        messages.success(request, _("受理しないことを記録しました。提出元に伝わります。"))
    else:
        messages.warning(request, _("すでにほかの行政官が確認したか、提出元が取り下げました。"))
    return redirect("briefings:service_submissions")


@for_keepers
@require_POST
def submission_refuse(request: Request, submitted: UUID) -> HttpResponse:
    """Decline all that waits of the submission that this object came in."""
    found = _submitted(request, submitted)
    if number := submitting.refuse_all(actor=request.actor, submission=found.submission):
        told = _("%(number)s件を受理しないことを記録しました。提出元に伝わります。") % {"number": number}
        messages.success(request, told)
    else:
        messages.warning(request, _("すでにほかの行政官が確認したか、提出元が取り下げました。"))
    return redirect("briefings:service_submissions")


def _submitted(request: Request, key: UUID) -> Submitted:
    """As far as the official may read it. Raises Http404."""
    if not request.actor.official:
        raise Http404
    rows = Submitted.objects.exclude(submission__account_id=request.actor.person_id)
    return get_object_or_404(
        rows.select_related("submission__marking", "submission__account__person__organisation"), pk=key
    )


def _account(key: UUID) -> ServiceAccount:
    return get_object_or_404(ServiceAccount.objects.select_related("person__organisation", "keeper"), pk=key)


def _token(key: UUID) -> ServiceToken:
    return get_object_or_404(ServiceToken.objects.select_related("account__person__organisation"), pk=key)


def _context(found: ServiceAccount) -> dict[str, Any]:
    return {"account": found, "tokens": list(found.tokens.all()), "halted": halted(found.pk)}


def _shown_once(request: Request, found: ServiceAccount, secret: str) -> HttpResponse:
    """The one page that ever shows it."""
    return page(request, "briefings/services/token.html", {"account": found, "secret": secret})


def _sure(request: Request, form: Confirmed, found: ServiceAccount, what: str) -> HttpResponse:
    if request.method != "POST":
        note_opening(actor=request.actor, act=Act.SERVICE_LIST, what="service", key=found.pk)
    return page(request, "briefings/services/sure.html", {"form": form, "account": found, "what": what})


def _told(submitted: Submitted) -> dict[str, str]:
    """What an official looks at: sort, name, description. Whatever else was sent stays as it came."""
    body = json.loads(submitted.body)
    return {name: str(body.get(name, ""))[:2000] for name in ("type", "name", "description")}
