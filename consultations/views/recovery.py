"""A forgotten passphrase: asking the holders, and helping whoever asks."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit.acts import Act
from clearance import screens
from clearance.forms.telling import ToldOn
from clearance.sent import takes
from clearance.services.reading import note_listing, note_opening

from ..custody import needs_key, session_of, unlocked
from ..forms.custody import CodeForm, NewPhraseForm, UnlockForm
from ..models.custody import EscrowHolder, EscrowShare, RecoveryAnswer
from ..queries import custody as queries
from ..services import custody as services
from ..services.custody.acting import me
from ..services.custody.recovery import code_of
from .keys import Trying, _own_or_404, _posted
from .serving import Request, for_serving, with_cookie


@takes(NewPhraseForm)
@for_serving
@require_http_methods(["GET", "POST"])
def recovery(request: Request) -> HttpResponse:
    """One's own: ask, wait, finish, call off."""
    own = _own_or_404(request)
    asked = queries.own_recovery(own.person_id)
    if asked is not None and "cancel" in request.POST:
        services.cancel_recovery(actor=request.actor, recovery=asked)
        messages.success(request, _("復旧の依頼を取り消しました。"))
        return redirect("consultations:key")
    if asked is not None:
        return _finish(request)
    form = NewPhraseForm(_posted(request), person=request.user)
    if request.method == "POST" and form.is_valid():
        with Trying(form):
            services.ask_recovery(actor=request.actor, passphrase=form.cleaned_data["password1"])
            messages.success(request, _("復旧を依頼しました。支える方2名に、番号を伝えてください。"))
            return redirect("consultations:recovery")
    shares = EscrowShare.objects.filter(key=own).count()
    return render(request, "consultations/custody/recovery_ask.html", {"form": form, "shares": shares})


@for_serving
@require_GET
def recoveries(request: Request) -> HttpResponse:
    """Who asks for help, for the holders."""
    note_listing(actor=request.actor, act=Act.DESK_KEY_RECOVERY_LIST, what="desk_key")
    holder = EscrowHolder.objects.in_force().filter(person=me(request.actor)).first()
    answered = set(RecoveryAnswer.objects.filter(holder=holder).values_list("recovery", flat=True)) if holder else set()
    listed = queries.recoveries(me(request.actor))
    return render(
        request, "consultations/custody/recoveries.html", {"recoveries": listed, "answered": answered, "holder": holder}
    )  # fmt: skip


@takes(CodeForm)
@for_serving
@needs_key
@require_http_methods(["GET", "POST"])
def recovery_answer(request: screens.Request, recovery: UUID) -> HttpResponseBase:
    """Help, having spoken with whoever asks."""
    found = get_object_or_404(queries.recoveries(me(request.actor)), pk=recovery)
    form, opened = CodeForm(_posted(request)), unlocked(request)
    if request.method == "POST" and form.is_valid() and opened is not None:
        with ToldOn(form):
            services.answer_recovery(
                actor=request.actor, unlocked=opened, recovery=found, code=form.cleaned_data["code"]
            )  # fmt: skip
            messages.success(request, _("復旧に協力しました。2名がそろうと、ご本人が復旧できます。"))
            return redirect("consultations:recoveries")
    note_opening(actor=request.actor, act=Act.DESK_KEY_RECOVERY_OPEN, what="desk_key", key=found.key_id)
    return render(request, "consultations/custody/recovery_answer.html", {"form": form, "recovery": found})


def _finish(request: Request) -> HttpResponse:
    asked = queries.own_recovery(me(request.actor))
    assert asked is not None
    form = UnlockForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        with Trying(form):
            opening = services.finish_recovery(
                actor=request.actor, session=session_of(request), passphrase=form.cleaned_data["password"]
            )  # fmt: skip
            if opening is not None:
                messages.success(request, _("鍵を復旧しました。これからは、新しいパスフレーズで開きます。"))
                return with_cookie(redirect("consultations:key"), opening)
        if not form.errors:
            form.add_error("password", _("依頼したときに決めたパスフレーズと違います。"))
    answers = RecoveryAnswer.objects.filter(recovery=asked).count()
    context = {"form": form, "recovery": asked, "code": code_of(asked), "answers": answers}
    return render(request, "consultations/custody/recovery_finish.html", context)
