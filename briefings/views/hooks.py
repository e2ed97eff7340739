"""Everybody's own pages of how they are told: letters, and the addresses of their machines."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import enqueue
from audit.acts import Act
from clearance.forms.entitlements import Confirmed
from clearance.forms.telling import ToldOn
from clearance.numbered import paged
from clearance.screens import Request, page, signed_in
from clearance.sent import takes
from clearance.services.reading import note_listing, note_opening

from ..delivery import hooks_on, mail_on
from ..forms.hooks import HookForm, KindsForm, WishForm
from ..models import Delivery, Hook
from ..queries import hooks as own
from ..services import hooks as services
from ..tasks import tell

A_FEW = 10  # letters that could not be sent, as many as are named


@signed_in
@require_GET
def hooks(request: Request) -> HttpResponse:
    """How I am told, and where."""
    actor = request.actor
    note_listing(actor=actor, act=Act.HOOK_LIST, what="hook")
    context = {
        "hooks": list(own.hooks(actor)),
        "most": services.MOST_HOOKS,
        "wish": own.wish(actor),
        "wishes": dict(WishForm.base_fields["wish"].choices),  # type: ignore[attr-defined]
        "unsent": list(own.unsent_letters(actor)[:A_FEW]),
        "keeper": actor.official or actor.clearance_officer,
    }
    return page(request, "briefings/hooks/hooks.html", context | _whether())


@takes(WishForm)
@signed_in
@require_http_methods(["GET", "POST"])
def wish(request: Request) -> HttpResponse:
    """How letters come."""
    form = WishForm(request.POST if request.method == "POST" else None, initial={"wish": own.wish(request.actor)})
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.wish(actor=request.actor, **form.cleaned_data)
            messages.success(request, _("通知メールの受取り方を変えました。"))
            return redirect("briefings:hooks")
    if request.method != "POST":
        note_listing(actor=request.actor, act=Act.HOOK_LIST, what="hook")
    return page(request, "briefings/hooks/wish.html", {"form": form} | _whether())


@takes(HookForm)
@signed_in
@require_http_methods(["GET", "POST"])
def hook_add(request: Request) -> HttpResponse:
    form = HookForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            made, secret = services.make(actor=request.actor, **form.cleaned_data)
            return _shown_once(request, made, secret, new=True)
    if request.method != "POST":
        note_listing(actor=request.actor, act=Act.HOOK_LIST, what="hook")
    return page(request, "briefings/hooks/add.html", {"form": form} | _whether())


@signed_in
@require_GET
def hook(request: Request, hook: UUID) -> HttpResponse:
    """One of mine, and what became of each message."""
    found = own.hook(request.actor, hook)
    note_opening(actor=request.actor, act=Act.HOOK_LIST, what="hook", key=found.pk)
    context = {"hook": found, "deliveries": paged(request, own.deliveries(request.actor, found)), **_overlap(found)}
    return page(request, "briefings/hooks/hook.html", context | _whether())


@takes(KindsForm)
@signed_in
@require_http_methods(["GET", "POST"])
def hook_change(request: Request, hook: UUID) -> HttpResponse:
    """What it is told of."""
    found = own.hook(request.actor, hook)
    form = KindsForm(request.POST if request.method == "POST" else None, initial={"kinds": found.kinds})
    if request.method == "POST" and form.is_valid():
        with ToldOn(form):
            services.change(actor=request.actor, hook=found, **form.cleaned_data)
            messages.success(request, _("知らせることを変えました。"))
            return redirect("briefings:hook", found.pk)
    if request.method != "POST":
        note_opening(actor=request.actor, act=Act.HOOK_LIST, what="hook", key=found.pk)
    return page(request, "briefings/hooks/change.html", {"form": form, "hook": found})


@takes(Confirmed)
@signed_in
@require_http_methods(["GET", "POST"])
def hook_rotate(request: Request, hook: UUID) -> HttpResponse:
    """Another secret in its place; both sign for a day."""
    found = own.hook(request.actor, hook)
    form = Confirmed(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _shown_once(request, found, services.rotate(actor=request.actor, hook=found), new=False)
    return _sure(request, form, found, "rotate")


@takes(Confirmed)
@signed_in
@require_http_methods(["GET", "POST"])
def hook_drop(request: Request, hook: UUID) -> HttpResponse:
    found = own.hook(request.actor, hook)
    form = Confirmed(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.drop(actor=request.actor, hook=found)
        messages.success(request, _("通知先を削除しました。"))
        return redirect("briefings:hooks")
    return _sure(request, form, found, "drop")


@signed_in
@require_POST
def hook_state(request: Request, hook: UUID) -> HttpResponse:
    """Pause, or resume."""
    found = own.hook(request.actor, hook)
    try:
        if request.POST.get("state") == Hook.State.ACTIVE:
            services.resume(actor=request.actor, hook=found)
            messages.success(request, _("送信を再開しました。"))
        else:
            services.pause(actor=request.actor, hook=found)
            messages.success(request, _("送信を休止しました。"))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("briefings:hook", found.pk)


@signed_in
@require_POST
def hook_test(request: Request, hook: UUID) -> HttpResponse:
    """Have a challenge sent, whose outcome the page then shows."""
    found = own.hook(request.actor, hook)
    try:
        services.test(actor=request.actor, hook=found)
        enqueue.on_commit(tell)
        messages.success(request, _("確認を送ります。数秒たってから、この画面を読み込み直すと、結果が表示されます。"))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return redirect("briefings:hook", found.pk)


@signed_in
@require_POST
def resend(request: Request, delivery: UUID) -> HttpResponse:
    """Try anew what could not be sent."""
    found = own.delivery(request.actor, delivery)
    try:
        services.resend(actor=request.actor, delivery=found)
        messages.success(request, _("もう一度送ります。"))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    return _back(found)


def _back(found: Delivery) -> HttpResponse:
    return redirect("briefings:hook", found.hook_id) if found.hook_id else redirect("briefings:hooks")


def _whether() -> dict[str, bool]:
    """Whether anything is sent from here at all."""
    return {"hooks_on": hooks_on(), "mail_on": mail_on()}


def _overlap(found: Hook) -> dict[str, Any]:
    """Until when the secret before signs too; None where it does not."""
    until = found.former_until
    return {"former_until": until if until and until > timezone.now() else None}


def _shown_once(request: Request, found: Hook, secret: str, *, new: bool) -> HttpResponse:
    """The one page that ever shows it."""
    return page(request, "briefings/hooks/secret.html", {"hook": found, "secret": secret, "new": new})


def _sure(request: Request, form: Confirmed, found: Hook, what: str) -> HttpResponse:
    if request.method != "POST":
        note_opening(actor=request.actor, act=Act.HOOK_LIST, what="hook", key=found.pk)
    return page(request, "briefings/hooks/sure.html", {"form": form, "hook": found, "what": what})
