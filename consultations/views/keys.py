"""One's own key: made, unlocked, locked, changed; its passkeys; who has to be given what."""

from __future__ import annotations

import hashlib
import math
from base64 import urlsafe_b64decode
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.local_paths import local_or
from accounts.models import Appointment, Person
from clearance.forms.telling import ToldOn
from clearance.sent import takes
from vault import passphrases
from vault.hybrid import KEY_SIZE

from ..custody import UnlockedKey, session_of, unlocked
from ..forms.custody import ChangePhraseForm, NewPhraseForm, ReplaceForm, UnlockForm
from ..models.custody import EscrowShare, KeyWrap, OfficerKey, Rekeying
from ..queries import custody as queries
from ..services import custody as services
from ..services.custody import escrow, keys
from ..services.custody.acting import key_of, me
from .serving import Request, for_serving, posted_only, with_cookie, without_cookie


@for_serving
@require_GET
def key(request: Request) -> HttpResponse:
    """How it stands with one's key, and what is to be done with it."""
    person, opened = me(request.actor), unlocked(request)
    own = key_of(person)
    if own is None:
        return redirect("consultations:key_make")
    waiting = services.newcomers(opened, person) if opened else set()
    context = {
        "key": own,
        "opened": opened,
        "shares": EscrowShare.objects.filter(key=own).count(),
        "stale": escrow.stale(person, own.pk),
        "possible": len(escrow.holders_for(person)),
        "passkeys": queries.passkeys_of(request.user, own),
        "newcomers": Person.objects.filter(pk__in=waiting).order_by("name", "pk"),
        "rekeying": Rekeying.objects.count() if opened else 0,
        "recovery": queries.own_recovery(person),
        "options": _options(request, own),
        "minutes": settings.DESK_UNLOCK,
        "official": Appointment.Duty.OFFICIAL in request.actor.duties,
    }
    return render(request, "consultations/custody/key.html", context)


@takes(NewPhraseForm)
@for_serving
@require_http_methods(["GET", "POST"])
def key_make(request: Request) -> HttpResponse:
    """The first key."""
    if key_of(me(request.actor)) is not None:
        return redirect("consultations:key")
    form = NewPhraseForm(_posted(request), person=request.user)
    if request.method == "POST" and form.is_valid():
        with Trying(form):
            opening = services.make_key(
                actor=request.actor, session=session_of(request), passphrase=form.cleaned_data["password1"]
            )  # fmt: skip
            messages.success(request, _("鍵を作りました。パスフレーズは、どこにも保存されていません。"))
            return with_cookie(redirect("consultations:key"), opening)
    return render(request, "consultations/custody/key_make.html", {"form": form})


@takes(UnlockForm)
@for_serving
@require_http_methods(["GET", "POST"])
def unlock(request: Request) -> HttpResponse:
    """By passphrase, or by a passkey where one was added."""
    own = key_of(me(request.actor))
    if own is None:
        return redirect("consultations:key_make")
    onward = local_or(request.GET.get("next"), reverse("consultations:key"))
    by_passkey = request.method == "POST" and "credential" in request.POST
    form = UnlockForm(_posted(request))
    form.fields["password"].required = not by_passkey
    if request.method == "POST" and form.is_valid():
        with Trying(form):
            opening = _opened(request, form)
            if opening is not None:
                _tend(request, opening.key)
                return with_cookie(redirect(onward), opening)
        if not form.errors:
            wrong = _("パスフレーズが違います。大文字・小文字、かな入力を確かめてください。")
            form.add_error(
                None if by_passkey else "password", _("このパスキーでは開きません。") if by_passkey else wrong
            )
    passkeys = [one for one in queries.passkeys_of(request.user, own) if one.wrap]
    context = {
        "form": form,
        "passkeys": passkeys,
        "options": _options(request, own, only_added=True),
        "recovery": queries.own_recovery(own.person_id),
        "minutes": settings.DESK_UNLOCK,
    }
    return render(request, "consultations/custody/unlock.html", context)


@for_serving
@require_GET
def was_unlocked(request: Request) -> HttpResponse:
    """Where another window leads that was opened to unlock the key meanwhile."""
    return render(request, "consultations/custody/unlocked.html", {"opened": unlocked(request)})


@for_serving
@posted_only
def lock(request: Request) -> HttpResponse:
    services.lock(actor=request.actor, session=session_of(request))
    messages.success(request, _("鍵をかけました。"))
    return without_cookie(redirect("consultations:key"))


@takes(ChangePhraseForm)
@for_serving
@require_http_methods(["GET", "POST"])
def key_change(request: Request) -> HttpResponse:
    """Another passphrase."""
    _own_or_404(request)
    form = ChangePhraseForm(_posted(request), person=request.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with Trying(form):
            if services.change_passphrase(
                actor=request.actor, passphrase=given["password"], new=given["password1"]
            ):  # fmt: skip
                messages.success(request, _("パスフレーズを変更しました。"))
                return redirect("consultations:key")
        if not form.errors:
            form.add_error("password", _("今のパスフレーズが違います。"))
    return render(request, "consultations/custody/key_change.html", {"form": form})


@takes(ReplaceForm)
@for_serving
@require_http_methods(["GET", "POST"])
def key_replace(request: Request) -> HttpResponse:
    """A new key where the old one cannot be had back."""
    _own_or_404(request)
    form = ReplaceForm(_posted(request), person=request.user)
    if request.method == "POST" and form.is_valid():
        with Trying(form):
            opening = services.replace_key(
                actor=request.actor, session=session_of(request), passphrase=form.cleaned_data["password1"]
            )  # fmt: skip
            messages.success(request, _("鍵を作り直しました。ほかの担当者に、事案の共有を依頼してください。"))
            return with_cookie(redirect("consultations:key"), opening)
    return render(request, "consultations/custody/key_replace.html", {"form": form})


@for_serving
@posted_only
def key_passkey(request: Request) -> HttpResponse:
    """Add a passkey, which takes an unlocked key, or take one away."""
    own, opened = _own_or_404(request), unlocked(request)
    if removed := request.POST.get("remove"):
        wrap = KeyWrap.objects.filter(key=own, way=KeyWrap.Way.PASSKEY, credential=removed).first()
        if wrap is None:
            raise Http404
        keys.remove_passkey(actor=request.actor, wrap=wrap)
        messages.success(request, _("パスキーでは、鍵が開かなくなりました。"))
        return redirect("consultations:key")
    known = {one.credential: one for one in queries.passkeys_of(request.user, own)}
    credential, secret = request.POST.get("credential", ""), _secret(request)
    if opened is None or credential not in known or len(secret) != KEY_SIZE:
        messages.error(request, _("パスキーを追加できませんでした。鍵を開けてから、もう一度お試しください。"))
        return redirect("consultations:key")
    try:
        name = known[credential].name
        keys.add_passkey(actor=request.actor, unlocked=opened, credential=credential, secret=secret, name=name)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
        return redirect("consultations:key")
    messages.success(request, _("パスキーでも、鍵を開けられるようになりました。"))
    return redirect("consultations:key")


@for_serving
@posted_only
def key_tend(request: Request) -> HttpResponse:
    """Hand cases on to those who joined, and exchange keys somebody left with."""
    opened = unlocked(request)
    if opened is None:
        return redirect(reverse("consultations:unlock"))
    if "share" in request.POST:
        made = services.share_missing(actor=request.actor, unlocked=opened)
        messages.success(request, _("新しい担当者に共有しました（%(number)d件）。") % {"number": made})
    _tend(request, opened)
    return redirect("consultations:key")


class Trying(ToldOn):
    """A refusal becomes the form's errors; so does having tried too often."""

    def __exit__(self, kind: Any, raised: BaseException | None, trace: Any) -> bool:
        if isinstance(raised, services.TooOften):
            minutes = math.ceil(raised.wait.total_seconds() / 60)
            raised = ValidationError(
                _("間違いが5回続いたため、あと%(minutes)d分は開けません。") % {"minutes": minutes}, code="often"
            )
        elif isinstance(raised, passphrases.Busy):
            raised = ValidationError(_("混み合っています。少し待ってから、もう一度お試しください。"), code="busy")
        return super().__exit__(type(raised) if raised else None, raised, trace)


def _opened(request: Request, form: UnlockForm) -> services.Opening | None:
    actor, session = request.actor, session_of(request)
    if "credential" in request.POST:
        return services.unlock_with_passkey(
            actor=actor, session=session, credential=request.POST["credential"], secret=_secret(request)
        )  # fmt: skip
    return services.unlock(actor=actor, session=session, passphrase=form.cleaned_data["password"])


def _tend(request: Request, opened: UnlockedKey) -> None:
    """What takes an unlocked key and nobody has to decide: one's desks, one's shares, keys that somebody left with."""
    person = me(request.actor)
    keys.enter_desks(opened, person)
    if escrow.stale(person, opened.key_id):
        services.divide(actor=request.actor, unlocked=opened)
    services.catch_up(actor=request.actor, unlocked=opened)


def _options(request: Request, own: OfficerKey, *, only_added: bool = False) -> dict[str, Any]:
    """What the browser asks a passkey for: a secret for this key alone."""
    listed = queries.passkeys_of(request.user, own)
    return {
        "rpId": request.get_host().partition(":")[0],
        "credentials": [one.credential for one in listed if bool(one.wrap) == only_added],
        "salt": hashlib.sha256(b"entaku desk key " + own.pk.bytes).hexdigest(),
    }


def _secret(request: Request) -> bytes:
    given = request.POST.get("password_secret", "")
    try:
        return urlsafe_b64decode(given + "=" * (-len(given) % 4))
    except ValueError:
        return b""


def _own_or_404(request: Request) -> OfficerKey:
    own = key_of(me(request.actor))
    if own is None:
        raise Http404
    return own


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None
