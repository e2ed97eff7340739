"""The desk's wordings, and the consents by which cases are destroyed."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.acts import Act
from audit.services import record
from clearance.access import Actor

from .. import case_database
from ..models.cases import AnswerTemplate, Tombstone
from .opening import TARGET

LATEST = 50


@transaction.atomic
def keep_template(*, actor: Actor, template: AnswerTemplate, new: bool) -> AnswerTemplate:
    """Keep a wording for one of one's desks; the database lets nobody else."""
    template.save(force_insert=new, force_update=not new)
    _note_template(actor, template)
    return template


@transaction.atomic
def remove_template(*, actor: Actor, template: AnswerTemplate) -> None:
    _note_template(actor, template)
    template.delete()


@transaction.atomic
def consent(*, actor: Actor, case: UUID, reference: str) -> None:
    """Record by which consent a case is destroyed on its day (公文書等の管理に関する法律 第8条第2項).

    Raises ValidationError where it is not to be destroyed any more, or has one already.
    """
    if not case_database.consent(case, reference.strip()):
        raise ValidationError(
            _("この事案には、廃棄の同意を登録できません。画面を読み込み直して、状態を確認してください。"),
            code="consent",
        )
    record(actor=actor, act=Act.CONSULTATION_DESTROY_CONSENT, target_type=TARGET, target_id=case)


def tombstones() -> list[Tombstone]:
    """What was destroyed last, for the manager."""
    return list(Tombstone.objects.all()[:LATEST])


def _note_template(actor: Actor, template: AnswerTemplate) -> None:
    record(
        actor=actor, act=Act.CONSULTATION_TEMPLATE, target_type="consultations.answertemplate", target_id=template.pk
    )
