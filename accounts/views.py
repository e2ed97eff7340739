"""One's own pages: profile, security, sessions, organisation; the step-up; accepting an invitation."""

from __future__ import annotations

import math
from typing import TypedDict

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import assurance, browsers, limits, queries, services
from accounts.forms import AcceptInvitationForm, LanguageForm
from accounts.local_paths import local_or
from accounts.models import Appointment, Person
from accounts.sessions import is_hash

COLLEAGUES_A_PAGE = 50


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: Person


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: PersonRequest) -> HttpResponse:
    """Who I am here, and the language I read in."""
    form = LanguageForm(request.POST or None, initial={"language": request.user.language})
    if request.method == "POST" and form.is_valid():
        person = services.change_language(actor=request.user, language=form.cleaned_data["language"])
        with translation.override(person.language):
            messages.success(request, _("表示言語を変更しました。"))
        response = redirect("accounts:profile")
        browsers.remember_language(response, person.language)
        return response
    duties = Appointment.objects.in_force(timezone.now()).filter(person=request.user).order_by("duty", "since")
    return render(request, "accounts/profile.html", {"form": form, "person": request.user, "duties": duties})


@login_required
@require_safe
@never_cache
def security(request: PersonRequest) -> HttpResponse:
    """How I sign in, and where I am signed in."""
    factors = list(Authenticator.objects.filter(user=request.user).order_by("type", "id"))
    recovery = next((each for each in factors if each.type == Authenticator.Type.RECOVERY_CODES), None)
    context = {
        "totp": next((each for each in factors if each.type == Authenticator.Type.TOTP), None),
        "passkeys": [each for each in factors if each.type == Authenticator.Type.WEBAUTHN],
        "recovery_left": _recovery_left(recovery),
        "has_password": request.user.has_usable_password(),
        "sessions": queries.sessions_of(request.user, present=request.session.session_key),
    }
    return render(request, "accounts/security.html", context)


@login_required
@require_POST
def end_session(request: PersonRequest) -> HttpResponse:
    """End one of my sessions, or all others."""
    key = request.POST.get("session", "")
    if key == "others":
        ended = services.end_other_sessions(actor=request.user, present=request.session.session_key)
    else:
        ended = int(is_hash(key) and services.end_session(actor=request.user, key=key))
    if ended:
        messages.success(request, _("セッションを終了しました。"))
    else:
        messages.info(request, _("終了するセッションはありませんでした。"))
    return redirect("accounts:security")


@login_required
@require_safe
@never_cache
def organisation(request: PersonRequest) -> HttpResponse:
    """My organisation's data and its people. There is no directory of anybody else's."""
    own = request.user.organisation
    here, following = queries.colleagues_page(request.user, after=request.GET.get("after"), limit=COLLEAGUES_A_PAGE)
    services.note_organisation(actor=request.user)
    context = {
        "organisation": own,
        "memberships": queries.memberships_of(own),
        "facts": own.foreign_control.all()[:10],
        "colleagues": here,
        "next_url": f"?after={following}" if following else "",
        "first_url": request.path if "after" in request.GET else "",
    }
    return render(request, "accounts/organisation.html", context)


class Way(TypedDict):
    """One way to prove more: what it is called and where it starts."""

    label: str
    url: str


@login_required
@require_safe
@never_cache
def step_up(request: PersonRequest) -> HttpResponse:
    """Why more proof is asked for, and the ways to give it. Reached and left by GET alone: nothing typed is stored."""
    level = _level(request.GET.get("level"))
    onward = local_or(request.GET.get("next"), "/")
    if assurance.of(request).level_reached(timezone.now()) >= level:
        return redirect(onward)
    passkey = level >= assurance.NEEDS_PASSKEY
    ways = _ways(request.user, passkey=passkey, onward=onward)
    context = {
        "level": level,
        "passkey": passkey,
        "act": "act" in request.GET,
        "minutes": int((assurance.PASSKEY_LASTS if passkey else assurance.SECOND_FACTOR_LASTS).total_seconds() // 60),
        "ways": ways,
        "register_url": reverse("mfa_add_webauthn") if passkey else reverse("accounts:security"),
        "demo_url": _demo_url(level, onward),
        "next": onward,
    }
    return render(request, "accounts/step_up.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The one-time link: set the first password, then sign in. Every link that does not hold looks the same."""
    limited: HttpResponse | None = ratelimit.consume_or_429(request, action="invitation")
    if limited is not None:
        return limited
    invited = services.invited_by(token)
    if invited is None:
        return render(request, "accounts/invitation_gone.html", status=410)
    with translation.override(invited.person.language):
        form = AcceptInvitationForm(request.POST or None, person=invited.person)
        if request.method == "POST" and form.is_valid():
            if services.accept_invitation(token=token, password=form.cleaned_data["password1"]) is None:
                return render(request, "accounts/invitation_gone.html", status=410)
            if request.user.is_authenticated:
                get_adapter().logout(request)  # whoever was signed in on this browser is somebody else
            messages.success(request, _("パスワードを設定しました。サインインしてください。"))
            return redirect("account_login")
        context = {"form": form, "email": invited.email, "again": invited.person.last_login is not None}
        return render(request, "accounts/invitation.html", context)


@login_required
@require_safe
@never_cache
def present(request: PersonRequest) -> HttpResponse:
    """Somebody is typing: the page says so now and then, so that the session outlasts a long text."""
    return HttpResponse(status=204)


def too_many(request: HttpRequest) -> HttpResponse:
    """Tried too often: how long to wait."""
    wait = limits.seconds(request)
    response = render(request, "429.html", {"minutes": math.ceil(wait / 60)}, status=429)
    response["Retry-After"] = str(wait)
    return response


def _recovery_left(codes: Authenticator | None) -> int | None:
    """How many recovery codes are unused; none of those that do not open here, None where there never were any."""
    try:
        return len(codes.wrap().get_unused_codes()) if codes else None
    except ValidationError:
        return 0


def _ways(person: Person, *, passkey: bool, onward: str) -> list[Way]:
    held = set(Authenticator.objects.filter(user=person).order_by().values_list("type", flat=True))
    query = "?" + urlencode({"next": onward})
    ways: list[Way] = []
    if Authenticator.Type.WEBAUTHN in held:
        ways.append({"label": _("パスキーで確認する"), "url": reverse("mfa_reauthenticate_webauthn") + query})
    if Authenticator.Type.TOTP in held and not passkey:
        ways.append({"label": _("認証アプリのコードで確認する"), "url": reverse("mfa_reauthenticate") + query})
    return ways


def _level(text: str | None) -> int:
    """The level asked for; what is no level asks for the least that step-up is about."""
    if text is None or not text.isascii() or not text.isdecimal():
        return assurance.NEEDS_SECOND_FACTOR
    return min(int(text[:3]), assurance.HIGHEST_LEVEL)


def _demo_url(level: int, onward: str) -> str:
    """In the demo, whose people have no factors, where one may be pretended; empty everywhere else."""
    if not getattr(settings, "DEMO", False):
        return ""
    try:
        return reverse("demo:step_up") + "?" + urlencode({"level": str(level), "next": onward})
    except NoReverseMatch:
        return ""
