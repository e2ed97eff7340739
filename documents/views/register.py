"""Who knows of a document by name: the list, one more, one struck. From level 3 up it is the handler register."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Person
from clearance.access import REGISTER_FROM
from clearance.numbered import paged
from clearance.queries.acquaintance import person_known_to
from clearance.sent import takes
from clearance.services import grants

from .. import rules
from ..forms import GrantForm
from ..queries import documents
from ..services.reading import note_register
from .asked import Request, ToldOn, page, screen


@takes(GrantForm)
@screen
@require_http_methods(["GET", "POST"])
def register(request: Request, document: UUID) -> HttpResponse:
    """Everyone granted, and the form for one more while the circle is open."""
    found = documents.document(request.actor, document)
    rules.insist(rules.to_keep_register(request.actor, found))
    form = GrantForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        with ToldOn(form):
            grants.give(
                actor=request.actor, item=found, person=_person(request, given["email"]), until=form.until_moment,
                reason=given["reason"],
            )  # fmt: skip
            messages.success(request, _("名前を挙げて閲覧を許可しました。取扱資格がある方だけが実際に読めます。"))
            return redirect("documents:register", found.pk)
    note_register(actor=request.actor, document=found)
    context = {
        "document": found,
        "form": form if rules.to_grant(request.actor, found) else None,
        "grants": paged(request, documents.grants(found)),
        "statutory": found.level >= REGISTER_FROM,
        "me": request.actor.person_id,
    }
    return page(request, "documents/register.html", context)


@screen
@require_POST
def strike(request: Request, document: UUID, person: UUID) -> HttpResponse:
    """Take a grant back."""
    found = documents.document(request.actor, document)
    rules.insist(rules.to_keep_register(request.actor, found))
    try:
        grants.strike(actor=request.actor, item=found, person=get_object_or_404(Person, pk=person))
        messages.success(request, _("個別の閲覧許可を取り消しました。"))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect("documents:register", found.pk)


def _person(request: Request, email: str) -> Person:
    found = person_known_to(request.actor, email)
    if found is None:
        raise ValidationError(
            {
                "email": _(
                    "許可できる方が見つかりません。メールアドレスを確かめるか、登録の有無を保全責任者にご相談ください。"
                )
            }
        )
    return found
