"""Drafting a finding, having it approved by somebody else, and what the rule and the senders' consents say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from accounts.services import NotAllowed
from audit.acts import Act
from audit.services import Scalar, record
from clearance.access import Actor
from clearance.clock import today
from intake.consents import Consent
from intake.models import Entry
from intake.sealing import Header

from ..custody import UnlockedKey
from ..models.cases import CaseFile
from ..models.findings import Finding, FindingEnvelope, FindingSource
from ..queries import board, readers
from ..services import opening
from ..services.handling import me
from ..services.saying import put
from . import rule
from .sealing import Draft, open_draft, seal
from .wording import quoted

TARGET = "consultations.finding"
State = Finding.State


@dataclass(frozen=True)
class Judged:
    """A finding as it stands: its text, the cases behind it, what the rule says, and why it may not be used."""

    finding: Finding
    draft: Draft
    cases: Sequence[opening.Opened]
    consents: dict[UUID, str]
    verdict: rule.Verdict
    unfit: Sequence[opening.Opened]
    missing: int  # cases behind it that the present person does not read

    @property
    def fit(self) -> bool:
        return bool(self.verdict) and not self.unfit and not self.missing

    @property
    def statement(self) -> rule.Statement:
        return _statement(self.finding, self.draft, self.cases, self.consents)


@transaction.atomic
def begin(*, actor: Actor, unlocked: UnlockedKey, cases: Sequence[CaseFile], draft: Draft) -> Finding:
    """Draft a finding from these cases. Whoever may read all of them may read it.

    Raises ValidationError where it is drawn from none.
    """
    if not cases:
        raise ValidationError({"cases": _("もとになる事案を一つ以上選んでください。")})
    finding = Finding(id=uuid4(), drafted_by_id=me(actor), drafted_on=today())
    envelopes = seal(finding, draft, _readers(unlocked, cases))
    finding.save(force_insert=True)
    for row in [*envelopes, *(FindingSource(finding=finding, case_id=file.pk) for file in cases)]:
        row.save(force_insert=True)
    _note(actor, Act.FINDING_DRAFT, finding, cases=len(cases))
    return finding


@transaction.atomic
def change(
    *, actor: Actor, unlocked: UnlockedKey, finding: Finding, draft: Draft, cases: Sequence[CaseFile] | None = None
) -> Finding:
    """Change one's own draft: it has to be asked for again, and consents to what it said before count no more. `cases`,
    where given, stand behind it from then on instead of those before.

    Raises NotAllowed for anybody else, and once it is released or dropped; ValidationError where no case is left.
    """
    held = locked(finding)
    if held.drafted_by_id != me(actor) or held.state in (State.RELEASED, State.DROPPED):
        raise NotAllowed
    if cases is not None:
        if not cases:
            raise ValidationError({"cases": _("もとになる事案を一つ以上選んでください。")})
        FindingSource.objects.filter(finding=held).exclude(case__in=[file.pk for file in cases]).delete()
        known = set(FindingSource.objects.filter(finding=held).values_list("case_id", flat=True))
        for file in cases:
            if file.pk not in known:
                FindingSource(finding=held, case_id=file.pk).save(force_insert=True)
    envelopes = seal(held, draft, _readers(unlocked, sources(held)))
    held.revision += 1
    held.state, held.approved_by, held.approved_on = State.DRAFT, None, None
    held.save(update_fields=["sealed", "revision", "state", "approved_by", "approved_on"])
    FindingEnvelope.objects.filter(finding=held).delete()
    for envelope in envelopes:
        envelope.save(force_insert=True)
    _note(actor, Act.FINDING_CHANGE, held, revision=held.revision)
    return held


def judge(*, unlocked: UnlockedKey, finding: Finding) -> Judged:
    """What the rule says of it now. Raises Unreadable where one of its cases does not open."""
    draft = open_draft(unlocked, finding)
    cases = opening.peek_all(unlocked, sources(finding))
    consents = {each.file.pk: _agreed(each, finding, draft) for each in cases}
    verdict = rule.check(_statement(finding, draft, cases, consents))
    unfit = [each for each in cases if not _usable(each, consents[each.file.pk])]
    missing = FindingSource.objects.filter(finding=finding).count() - len(cases)
    return Judged(finding, draft, cases, consents, verdict, unfit, missing)


@transaction.atomic
def ask_sender(*, actor: Actor, unlocked: UnlockedKey, finding: Finding, text: str) -> int:
    """Ask the sender whether this very text may be used, word for word; in how many cases of theirs.

    Raises ValidationError where it is drawn from several senders' cases: each would be told what the others said, and
    one of them may be whoever wants to know it.
    """
    held = locked(finding)
    if not of_one_sender(held):
        raise ValidationError(
            _("二人以上の相談をもとにした知見については、同意を求められません。ほかの方の話が伝わってしまうためです。"),
            code="several",
        )
    draft = open_draft(unlocked, held)
    asked = [file for file in sources(held) if file.case.forgotten_on is None]
    for file in asked:
        said = f"{text.strip()}\n\n{quoted(draft)}"
        content = {"text": said, "finding": str(held.pk), "revision": held.revision}
        put(unlocked, file, Entry.Kind.ASK_CONSENT, content)
        record(actor=actor, act=Act.CONSULTATION_ASK_CONSENT, target_type=opening.TARGET, target_id=file.pk)
    return len(asked)


def of_one_sender(finding: Finding) -> bool:
    """Whether all it is drawn from came from one sender, as far as the office knows."""
    files = sources(finding)
    whole = FindingSource.objects.filter(finding=finding).count() == len(files)
    return whole and len(set(rule.sources_of(files).values())) == 1


@transaction.atomic
def ask(*, actor: Actor, unlocked: UnlockedKey, finding: Finding) -> None:
    """Ask for another officer's approval. Raises NotAllowed; ValidationError where the rule does not let it pass."""
    held = locked(finding)
    if held.drafted_by_id != me(actor) or held.state != State.DRAFT:
        raise NotAllowed
    refuse_unfit(judge(unlocked=unlocked, finding=held))
    held.state = State.ASKED
    held.save(update_fields=["state"])
    _note(actor, Act.FINDING_ASK, held, revision=held.revision)


@transaction.atomic
def answer(*, actor: Actor, unlocked: UnlockedKey, finding: Finding, revision: int, approve: bool) -> None:
    """Approve what another has drafted, as one has read it, or send it back. Of two answers the first counts.

    Raises NotAllowed for its author, for what is not asked, and where it has changed since it was read; ValidationError
    where the rule does not let it pass any more.
    """
    held = locked(finding)
    if held.state != State.ASKED or held.revision != revision or held.drafted_by_id == me(actor):
        raise NotAllowed
    if approve:
        refuse_unfit(judge(unlocked=unlocked, finding=held))
        held.state, held.approved_by_id, held.approved_on = State.APPROVED, me(actor), today()
    else:
        held.state = State.DRAFT
    held.save(update_fields=["state", "approved_by", "approved_on"])
    _note(actor, Act.FINDING_APPROVE if approve else Act.FINDING_REFUSE, held, revision=revision)


@transaction.atomic
def drop(*, actor: Actor, finding: Finding) -> None:
    """Give up one's own finding. Raises NotAllowed."""
    held = locked(finding)
    if held.drafted_by_id != me(actor) or held.state in (State.RELEASED, State.DROPPED):
        raise NotAllowed
    held.state = State.DROPPED
    held.save(update_fields=["state"])
    _note(actor, Act.FINDING_DROP, held)


def sources(finding: Finding) -> list[CaseFile]:
    """The cases behind it that the present person reads."""
    keys = FindingSource.objects.filter(finding=finding).values("case")
    return list(board.cases().filter(pk__in=keys).order_by("case__received_on", "pk"))


def locked(finding: Finding) -> Finding:
    held = Finding.objects.select_for_update().filter(pk=finding.pk).first()
    if held is None:
        raise NotAllowed
    return held


def refuse_unfit(judged: Judged) -> None:
    if judged.unfit or judged.missing:
        raise ValidationError(
            _("使うことに同意していない、または取り下げた相談が含まれています。画面の説明を確認してください。"),
            code="unfit",
        )
    if not judged.verdict:
        raise ValidationError([ValidationError(reason.label, code=reason) for reason in judged.verdict.reasons])


def _agreed(case: opening.Opened, finding: Finding, draft: Draft) -> str:
    """Which question the sender answered with a signed yes to this very text; "" for none."""
    for one in case.said:
        asked = one.entry.kind == Entry.Kind.ASK_CONSENT and one.content.get("finding") == str(finding.pk)
        same = one.content.get("revision") == finding.revision and one.text.endswith(f"\n\n{quoted(draft)}")
        if asked and same and case.agreed_to(one):
            return str(one.entry.pk)
    return ""


@dataclass(frozen=True)
class Usable:
    """A case that may be used in a finding as it stands, and how far."""

    file: CaseFile
    header: Header
    consent: Consent


def usable(unlocked: UnlockedKey, most: int) -> list[Usable]:
    """Among the newest cases those that may be used. Their header says how far they go; only what the sender has
    answered a question about since is read whole. What does not open is left out."""
    answers = Entry.objects.filter(case=OuterRef("case"), kind=Entry.Kind.CONSENT, by_sender=True)
    found = board.cases().filter(case__withdrawn_on=None).annotate(widened=Exists(answers))
    files = list(found.order_by("-case__received_on", "pk")[:most])
    headers = opening.headers(unlocked, files)
    widened = [file for file in files if file.widened and file.pk in headers]
    agreed = {each.file.pk: each.consent for each in opening.peek_all(unlocked, widened)} if widened else {}
    known = [
        Usable(
            file, headers[file.pk], agreed.get(file.pk) or opening.consent(headers[file.pk].consent) or Consent.LISTEN
        )
        for file in files
        if file.pk in headers
    ]
    return [each for each in known if each.consent >= Consent.GENERAL]


def _usable(case: opening.Opened, agreed: str) -> bool:
    """What is only to be listened to, or was withdrawn, is used in nothing; but for what the sender agreed to."""
    return case.file.case.withdrawn_on is None and (bool(agreed) or case.consent >= Consent.GENERAL)


def _statement(
    finding: Finding, draft: Draft, cases: Sequence[opening.Opened], consents: dict[UUID, str]
) -> rule.Statement:
    outside = rule.Outside(people=draft.people, firms=draft.firms)
    files = [each.file for each in cases]
    return rule.statement(finding.pk, finding.revision, files, consents=consents, outside=outside)


def _readers(unlocked: UnlockedKey, cases: Iterable[CaseFile]) -> set[UUID]:
    return readers.of_all(file.pk for file in cases) | {unlocked.key_id}


def _note(actor: Actor, act: Act, finding: Finding, **detail: Scalar) -> None:
    record(actor=actor, act=act, target_type=TARGET, target_id=finding.pk, detail=detail)
