"""Changing a marking. What lets nobody new in, one person may do; what lets anybody new in takes two officials.

The item key is rewrapped for the new marking. Where some who could read no longer may, the document gets a new item key
as well, its fields are sealed under it at once, and the worker puts its files under new keys: whoever kept the old key
reads nothing that is stored from then on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, models, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.acts import Act
from clearance import choosing
from clearance.access import Actor, visible_to
from clearance.limits import uncounted
from clearance.models import Circle, Marking, Tlp, compare
from clearance.noting import note, note_each
from vault.fields import sealed_fields
from vault.rotation import give_back

from .. import rules
from ..models import Answer, Document, RelabelRequest, Work
from .receiving import ask_worker

# From what may be passed on furthest to what may not be passed on at all.
TLP_ORDER = (Tlp.CLEAR, Tlp.NONE, Tlp.GREEN, Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED)


MOST_AT_ONCE = 1000
SEALED_WITH_IT = ("versions", "renditions", "relabel_requests")  # what is sealed under a document's item key


@dataclass(frozen=True)
class Step:
    """What a change of marking does: whether it lets anybody new read or pass on, and whether it shuts anybody out."""

    widens: bool
    narrows: bool


def step(old: Marking, new: Marking) -> Step:
    """Compare two markings part by part; one change may widen in one part and narrow in another."""
    return Step(
        widens=new.level < old.level
        or old.comp_mask & ~new.comp_mask != 0
        or new.release_mask & ~old.release_mask != 0
        or TLP_ORDER.index(Tlp(new.tlp)) < TLP_ORDER.index(Tlp(old.tlp)),
        narrows=new.level > old.level
        or new.comp_mask & ~old.comp_mask != 0
        or old.release_mask & ~new.release_mask != 0,
    )


@transaction.atomic
def relabel(*, actor: Actor, document: Document, marking: Marking) -> Document:
    """Change to a marking that lets nobody new in. Raises Denied; ValidationError for what takes two officials."""
    rules.insist(rules.to_relabel(actor, document))
    held = _held(document)
    _refuse_alone(actor, held, marking)
    _change(actor, held, marking)
    _overtake(actor, [held])
    return held


@transaction.atomic
def relabel_alike(*, actor: Actor, document: Document, marking: Marking) -> int:
    """The same for every document of the circle under the same marking that the actor may change, all or none of them.

    Returns how many. Raises as `relabel` does; ValidationError for more than MOST_AT_ONCE.
    """
    rules.insist(rules.to_relabel(actor, document))
    alike = Document.objects.filter(circle_id=document.circle_id, marking_id=document.marking_id)
    # By id, so that of two who come at once the second waits for the first and neither for the other.
    found = list(visible_to(actor, alike).select_for_update().order_by("pk")[: MOST_AT_ONCE + 1])
    if len(found) > MOST_AT_ONCE:
        many = _(
            "同じ格付・取扱制限の文書が%(most)s件を超えるため、まとめて変更できません。文書ごとに変更してください。"
        )
        raise ValidationError(many, code="too_many", params={"most": f"{MOST_AT_ONCE:,}"})
    held = [each for each in found if rules.to_relabel(actor, each)]
    if document.pk not in {each.pk for each in held}:
        raise ValidationError(
            _("表示している間に、この文書の格付が変わりました。もう一度確かめてください。"), code="overtaken"
        )
    _refuse_alone(actor, held[0], marking)
    was = held[0].marking
    compare(held)  # or each would ask the log by itself as its key is opened
    if step(was, marking).narrows:
        prefetch_related_objects(held, "marking", *SEALED_WITH_IT)  # or each would ask for its own
        for each in held:
            _put_under(actor, each, marking)
    else:
        _rewrap(actor, held, marking)
    note_each(actor, Act.DOCUMENT_RELABEL, held, naming=was, was=was.text, to=marking.text)
    _overtake(actor, held)
    return len(held)


@transaction.atomic
def propose(*, actor: Actor, document: Document, marking: Marking, reason: str, consent: str = "") -> RelabelRequest:
    """An official asks for a change that lets more people in. Raises Denied, ValidationError."""
    rules.insist(rules.to_widen(actor, document))
    held = _held(document)
    _refuse_unfit(actor, held, marking)
    if not step(held.marking, marking).widens:
        raise ValidationError({"marking": _("読める方が広がらない変更です。承認を待たずに変更できます。")})
    if held.originator_id != actor.organisation_id and not consent:
        raise ValidationError(
            {"consent": _("情報提供元の同意を、いつ・どなたから・どのように得たかを入力してください。")}
        )
    request = RelabelRequest(
        document=held, present=held.marking, proposed=marking, reason=reason, consent=consent,
        proposed_by_id=rules.person(actor),
    )  # fmt: skip
    try:
        with transaction.atomic():
            request.save(force_insert=True)
    except IntegrityError as error:
        taken = _("この文書には承認待ちの申請があります。その結果が出てから申請してください。")
        raise ValidationError(taken, code="open_already") from error
    note(actor, Act.DOCUMENT_RELABEL_REQUEST, held, naming=marking, request=str(request.pk), to=marking.text)
    return request


@transaction.atomic
def approve(*, actor: Actor, request: RelabelRequest) -> Document:
    """A second official lets the change happen. Of several who approve at once, one does it, the others are denied."""
    request = _locked(actor, request)
    held = request.document
    if held.marking_id != request.present_id:
        raise ValidationError(_("申請のあとに格付が変わりました。申請し直してもらってください。"), code="overtaken")
    _answer(actor, request, Answer.APPROVED)
    to = request.proposed
    note(actor, Act.DOCUMENT_RELABEL_APPROVE, held, naming=to, request=str(request.pk), to=to.text)
    _change(actor, held, to)
    return held


@transaction.atomic
def refuse(*, actor: Actor, request: RelabelRequest, why: str) -> RelabelRequest:
    """A second official sends the request back, with a reason."""
    request = _locked(actor, request)
    request.note = why
    _answer(actor, request, Answer.REFUSED)
    note(actor, Act.DOCUMENT_RELABEL_REFUSE, request.document, request=str(request.pk))
    return request


def _held(document: Document) -> Document:
    """The document as it is now, and as it stays until this transaction ends.

    Without a join: one that was relabelled while we waited would no longer fit its old marking, and be missing.
    """
    return Document.objects.select_for_update().get(pk=document.pk)


def _locked(actor: Actor, request: RelabelRequest) -> RelabelRequest:
    """The document first, as everywhere, so that no two changes wait for each other; then the request as it is now."""
    document = _held(request.document)
    current = RelabelRequest.objects.select_related("present", "proposed").get(pk=request.pk)
    current.document = document
    rules.insist(rules.to_answer(actor, current))
    if current.answer != Answer.NONE:
        raise ValidationError(_("この申請には、すでに結果が出ています。"), code="answered")
    return current


def _answer(actor: Actor, request: RelabelRequest, answer: Answer) -> None:
    request.answer, request.answered_by_id, request.answered_at = answer, actor.person_id, timezone.now()
    request.save(update_fields=["answer", "answered_by", "answered_at", "note"])


def _overtake(actor: Actor, documents: Sequence[Document]) -> None:
    """A request that spoke of the marking before cannot be approved any more."""
    by_key = {document.pk: document for document in documents}
    for request in RelabelRequest.objects.filter(document_id__among=sorted(by_key), answer=Answer.NONE):
        request.document = by_key[request.document_id]  # whose key is the new one
        _answer(actor, request, Answer.OVERTAKEN)


def _refuse_alone(actor: Actor, document: Document, marking: Marking) -> None:
    """What one person may not do by themselves."""
    _refuse_unfit(actor, document, marking)
    if step(document.marking, marking).widens:
        needs_two = _("読める方や伝えられる範囲が広がる変更には、行政官による申請と別の行政官の承認が必要です。")
        raise ValidationError({"marking": ValidationError(needs_two, code="two_officials")})


def _refuse_unfit(actor: Actor, document: Document, marking: Marking) -> None:
    if marking.pk == document.marking_id:
        raise ValidationError({"marking": _("現在と同じ格付・取扱制限です。")})
    circle = Circle.objects.select_related("ceiling").get(pk=document.circle_id)
    try:
        choosing.refuse(actor=actor, circle=circle, marking=marking)
    except ValidationError as refused:
        raise ValidationError({"marking": refused.error_list}) from refused


def _change(actor: Actor, document: Document, marking: Marking) -> None:
    was = document.marking
    _put_under(actor, document, marking)
    note(actor, Act.DOCUMENT_RELABEL, document, naming=was, was=was.text, to=marking.text)


def _put_under(actor: Actor, document: Document, marking: Marking) -> None:
    """Put the document under the marking; the database's policy refuses one that the actor could not read."""
    change = step(document.marking, marking)
    rows = sealed_rows(document) if change.narrows else []
    with uncounted():  # nobody is shown what is sealed anew
        if change.narrows:
            document.new_key(rows)
        else:
            document.item_key()  # opened under the old marking, to be wrapped for the new one
    document.mark(marking)
    _refuse_loss(actor, document)
    if not change.narrows:
        document.rewrap(marking.label)
    document.save(update_fields=["marking", "level", "comp_mask", "release_mask"])
    for row in rows:
        row.save(update_fields=[field.attname for field in sealed_fields(row)])
    if change.narrows:
        for version in document.versions.all():
            ask_worker(version, Work.RESEAL)


def _rewrap(actor: Actor, documents: Sequence[Document], marking: Marking) -> None:
    """`_put_under` for many that lay under one marking and keep their keys: written in one statement."""
    fresh = dict[str, str]()
    for document in documents:
        with uncounted():
            document.item_key()
        document.mark(marking)
        _refuse_loss(actor, document)
        document.rewrap(marking.label)
        fresh[str(document.pk)] = document.wrapped_key.hex()
    rows = Document.objects.filter(pk__among=[document.pk for document in documents])
    changed = give_back(
        rows, fresh, documents[0].key_version,
        marking=marking, level=marking.level, comp_mask=marking.comp_mask, release_mask=marking.release_mask,
    )  # fmt: skip
    if changed != len(documents):  # what a policy leaves out is left out silently
        raise DatabaseError("not every document that is held may be changed")


def _refuse_loss(actor: Actor, document: Document) -> None:
    if not rules.to_read(actor, document):
        raise ValidationError(
            {"marking": _("変更後はご自身がこの文書を読めなくなります。先に取扱者名簿に記載してもらってください。")}
        )


def sealed_rows(document: Document) -> list[models.Model]:
    """Everything sealed under the document's item key besides itself."""
    return [row for name in SEALED_WITH_IT for row in getattr(document, name).all()]
