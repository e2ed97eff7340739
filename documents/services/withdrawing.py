"""Taking a document back: from then on nobody reads it; the register and the log keep that it was there."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.acts import Act
from clearance import context
from clearance.access import Actor
from clearance.noting import note

from .. import rules
from ..models import Document


@transaction.atomic
def withdraw(*, actor: Actor, document: Document) -> None:
    """Take a document out of everybody's sight, the actor's own included. Raises Denied for whoever may not."""
    rules.insist(rules.to_withdraw(actor, document))
    note(actor, Act.DOCUMENT_WITHDRAW, document)
    if not context.withdraw(document):
        raise ValidationError(_("取り下げられませんでした。画面を読み込み直してから、もう一度お試しください。"))
