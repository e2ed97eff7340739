"""The demo's sign-in: one click as a made-up person, with as much proof as wanted. Routed for the demo alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import assurance
from accounts.demo import address_of
from accounts.local_paths import local_or
from accounts.models import Person
from accounts.views import PersonRequest
from briefings.demo.machines import MACHINES
from consultations import demo as consultations

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Persona:
    """One of the people the demo offers: who they are, and what they get to see."""

    key: str
    role: Promise
    sees: Promise


PERSONAS = (
    Persona(
        "official",
        _("行政官"),
        _("脅威情報を届け、対話の場を運営します。担当する場の文書と発言を読めます。"),
    ),
    Persona(
        "second_official",
        _("もう一人の行政官"),
        _("公表や格付の引下げを承認します。二人の目がそろって初めて進む操作に使います。"),
    ),
    Persona(
        "clearance_officer",
        _("保全責任者"),
        _("利用者、組織、取扱資格を登録し、停止します。文書の中身は、資格がなければ読めません。"),
    ),
    Persona(
        "second_clearance_officer",
        _("もう一人の保全責任者"),
        _("一日の閲覧の上限の引上げを承認します。二人の保全責任者がそろって初めて進む操作に使います。"),
    ),
    Persona(
        "secretary",
        _("団体事務局"),
        _("業界団体の場を運営します。会員企業と行政のやりとりを読めます。"),
    ),
    Persona(
        "engineer",
        _("技術者（誓約済み）"),
        _("秘密保持の誓約が有効です。供給網の場で秘文書を読み、答えられます。"),
    ),
    Persona(
        "colleague",
        _("同じ会社の同僚（誓約なし）"),
        _("誓約をしていません。同じ場の秘文書は、あること自体が見えません。"),
    ),
    Persona(
        "expired",
        _("誓約の期限が切れた人（誓約期限切れ）"),
        _("誓約の期限が過ぎています。以前読めた文書も、今は見えません。"),
    ),
    Persona(
        "handler",
        _("適合事業者の取扱者"),
        _("上限を3にしたデモで、重要経済安保情報の取扱者名簿に載っていて、架空の文書を読めます。"),
    ),
    Persona(
        "foreign",
        _("海外の協力企業の人"),
        _("提供できる国・地域に入る情報だけが見えます。"),
    ),
    Persona(
        "auditor",
        _("監査担当者"),
        _("だれが何をしたかを確かめます。文書の中身は見えません。"),
    ),
)

ASSURANCES = {
    "password": _("パスワードだけ"),
    "second_factor": _("認証アプリまで"),
    "passkey": _("パスキーまで"),
}


def demo_only(view: View) -> View:
    """Refuse as if nothing were there, wherever the settings do not say that this is a demo."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not getattr(settings, "DEMO", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@demo_only
@require_safe
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """The people to choose from."""
    addresses = {address_of(persona.key): persona for persona in PERSONAS}
    people = {
        person.email: person
        for person in Person.objects.filter(email__in=addresses).select_related("organisation").order_by("email")
    }
    there = set(Person.objects.filter(pk__in=[each.account for each in MACHINES]).values_list("pk", flat=True))
    cards = [(persona, people[email]) for email, persona in addresses.items() if email in people]
    context = {
        "cards": cards,
        "assurances": ASSURANCES,
        "next": local_or(request.GET.get("next"), "/"),
        "passphrase": consultations.PASSPHRASE,
        "words": consultations.words("ja"),
        "intake": settings.INTAKE_URL,
        "machines": [each for each in MACHINES if each.account in there],
        "taxii": request.build_absolute_uri(reverse("taxii:discovery")),
    }
    return render(request, "demo/index.html", context)


@demo_only
@require_POST
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Sign in as a persona, as a real sign-in would: the same records in the session, the same event in the log."""
    key, proof = request.POST.get("persona", ""), request.POST.get("assurance", "")
    if key not in {persona.key for persona in PERSONAS} or proof not in ASSURANCES:
        raise Http404
    person = Person.objects.select_related("organisation").filter(email=address_of(key)).first()
    if person is None or not person.is_active:
        return redirect("demo:index")
    adapter = get_adapter()
    if request.user.is_authenticated:
        adapter.logout(request)
    record_authentication(request, person, "password", email=person.email)
    _record_factor(request, person, proof)
    adapter.login(request, person)
    response: HttpResponseBase = adapter.post_login(
        request,
        person,
        email_verification="none",
        signal_kwargs=None,
        email=person.email,
        signup=False,
        redirect_url=local_or(request.POST.get("next"), "/"),
    )
    return response


@demo_only
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def step_up(request: PersonRequest) -> HttpResponse:
    """Pretend the proof that a level asks for, and go on."""
    asked = request.POST if request.method == "POST" else request.GET
    onward = local_or(asked.get("next"), "/")
    passkey = asked.get("level", "") in {str(level) for level in range(assurance.NEEDS_PASSKEY, 5)}
    if request.method == "POST":
        _record_factor(request, request.user, "passkey" if passkey else "second_factor", reauthenticated=True)
        return redirect(onward)
    return render(request, "demo/step_up.html", {"passkey": passkey, "level": asked.get("level", "2"), "next": onward})


def _record_factor(request: HttpRequest, person: Person, proof: str, **details: bool) -> None:
    """What allauth notes after a second factor; the demo's people have none registered, hence id 0."""
    kinds = {"second_factor": "totp", "passkey": "webauthn"}
    if proof in kinds:
        record_authentication(request, person, "mfa", id=0, type=kinds[proof], **details)
