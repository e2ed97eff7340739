"""For everybody signed in: one's own authorisations, and the marking builder."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.local_paths import local_or

from ..choosing import refuse
from ..clock import moment
from ..context import readership
from ..forms import BuilderForm
from ..markings import draft, parts
from ..models import Circle, Level, Marking
from ..queries import organisations, people, registers
from ..services.reading import note_readership
from .requests import Request


@login_required
@never_cache
@require_GET
def mine(request: Request) -> HttpResponse:
    """What I hold until when; of the statutory levels only that I stand on items' registers, never an assessment."""
    now = moment()
    return render(
        request,
        "clearance/mine.html",
        {
            "person": request.user,
            "effect": people.effective(request.user, at=now),
            "entries": people.held_by(request.user, at=now),
            "agreements": organisations.agreements_of(request.user.organisation, at=now),
            "registers": registers.mine(request.user.pk),
        },
    )


@login_required
@never_cache
@require_GET
def builder(request: Request) -> HttpResponse:
    """A marking from its parts: its text, how it will look, who could read it; or what it exceeds, in words."""
    circle = _circle(request)
    asked = "level" in request.GET
    form = BuilderForm(request.GET if asked else None, initial={"circle": circle.pk if circle else None,
                                                               "next": request.GET.get("next", "")})  # fmt: skip
    context: dict[str, Any] = {"form": form, "circle": circle}
    if circle is not None:
        note_readership(actor=request.actor, circle=circle)
    if asked and form.is_valid():
        try:
            built = draft(
                parts(
                    form.cleaned_data["level"],
                    [code.code for code in form.cleaned_data["compartments"]],
                    [code.code for code in form.cleaned_data["releasability"]],
                    form.cleaned_data["tlp"],
                )
            )
            context["marking"] = built
            refuse(actor=request.actor, circle=circle, marking=built)
        except ValidationError as refused:
            context["refusals"] = refused.messages
            context["step_up"] = _only_step_up(refused) and built.level
        else:
            context |= _built(request, circle, built)
    return render(request, "clearance/builder.html", context)


def _circle(request: Request) -> Circle | None:
    """The circle the address names; one the actor is not in does not exist."""
    text = request.GET.get("circle", "")
    if not text:
        return None
    reach = request.actor.reach
    if not text.isdecimal() or len(text) > 19 or int(text) not in reach.circles | reach.circles_open:
        raise Http404
    return Circle.objects.select_related("ceiling").get(pk=int(text))


def _built(request: Request, circle: Circle | None, built: Marking) -> dict[str, Any]:
    """What is said of a marking that may be used."""
    found: dict[str, Any] = {"usable": True, "by_register": built.level > Level.HI}
    if circle is not None and circle.pk in request.actor.reach.writers and built.level <= Level.HI:
        found["readership"] = dict(
            zip(
                ("people", "organisations"),
                readership(
                    circle=circle.pk, level=built.level, comp_mask=built.comp_mask, release_mask=built.release_mask
                ),
                strict=True,
            )
        )
    back = local_or(request.GET.get("next"), "")
    if back:
        found["back"] = back + ("&" if "?" in back else "?") + urlencode({"marking": built.text})
    return found


def _only_step_up(refused: ValidationError) -> bool:
    return {error.code for error in refused.error_list} == {"step_up"}
