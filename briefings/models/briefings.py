"""脅威・リスク情報 as published: the head that every reader sees, and its sections, each under its own marking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Organisation, Person
from clearance.models import Indexed, Marked, Vouched
from vault.fields import SealedJSONField, SealedTextField

from ..kinds import Confidence, Kind, Likelihood, Severity

LONGEST_TITLE = 120
LONGEST_HEADING = 120
LONGEST_BODY = 40_000
# What is said of the whole, besides the sections: of a correction it is kept as it was.
SAID = (
    "title", "kind", "severity", "likelihood", "confidence", "concerns", "acknowledge_by", "expires_at",
)  # fmt: skip
# As messages: what is said, not handed over, goes up to 秘文書.
HIGHEST_WRITTEN = 2
FACETS = ("sectors", "steps", "commodities")  # of what it concerns, what a list is narrowed by


class Briefing(Indexed, Vouched):
    """The head: marked as low as the lowest section. Whoever reads a section reads the head, or it would hang loose.

    It counts no editions: an edition that changed a hidden section alone would tell that there is one. What a reader
    sees as editions are the moments at which sections that they may read came and went (briefings.queries.editions).
    `changed_at` is when what stands here itself was last corrected; what stood before is kept (`Former`).
    `facets` are keyed tokens of what it concerns (clearance.search): sectors, commodities, steps of the chain.
    """

    title = SealedTextField(_("題名"), max_plain_length=LONGEST_TITLE)
    kind = models.CharField(_("リスクの種類"), max_length=8, choices=Kind.choices)
    severity = models.PositiveSmallIntegerField(_("影響の大きさ"), choices=Severity.choices)
    likelihood = models.PositiveSmallIntegerField(_("起きる見込み"), choices=Likelihood.choices)
    confidence = models.PositiveSmallIntegerField(_("評価の確かさ"), choices=Confidence.choices)
    concerns = SealedJSONField(_("関係する業種・品目・技術・地域・工程"), max_plain_length=20_000)
    facets = ArrayField(models.BigIntegerField(), default=list, editable=False)
    acknowledge_by = models.DateField(_("確認の期限"), null=True, blank=True)
    changed_at = models.DateTimeField(null=True, editable=False)
    originator = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("情報提供元"), editable=False
    )
    author = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("作成者"), editable=False)
    approved_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("承認者"), editable=False)

    class Meta(Marked.Meta):
        verbose_name = _("脅威・リスク情報")
        verbose_name_plural = _("脅威・リスク情報")
        constraints: ClassVar = [
            *Marked.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="briefing_kind"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="briefing_severity"),
            models.CheckConstraint(condition=Q(likelihood__in=Likelihood.values), name="briefing_likelihood"),
            models.CheckConstraint(condition=Q(confidence__in=Confidence.values), name="briefing_confidence"),
            models.CheckConstraint(condition=Q(level__lte=HIGHEST_WRITTEN), name="briefing_level_of_what_is_written"),
            models.CheckConstraint(condition=~Q(author=F("approved_by")), name="briefing_by_two_officials"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def searched_text(self) -> str:
        return self.title

    def searched_facets(self) -> Iterable[str]:
        return [code for name in FACETS for code in self.concerns.get(name, ())]


def as_kept(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of the whole as JSON, for `Former`: days and moments as text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


class Portion(Indexed, Vouched):
    """節: one state of one section. `slot` is the section across its states; `until` is when another took its place.

    `more` holds what a section names besides its text: what to do, by whom, by when; actors, places; sources
    (`briefings.content`). With `ask_again` its readers are asked to acknowledge once more.
    """

    briefing = models.ForeignKey(Briefing, models.PROTECT, related_name="portions", db_index=False)
    slot = models.UUIDField(editable=False)
    place = models.PositiveSmallIntegerField()
    heading = SealedTextField(_("見出し"), max_plain_length=LONGEST_HEADING)
    body = SealedTextField(_("本文"), max_plain_length=LONGEST_BODY)
    more = SealedJSONField(max_plain_length=200_000)
    until = models.DateTimeField(null=True, editable=False)
    ask_again = models.BooleanField(default=False)
    approved_by = models.ForeignKey(Person, models.PROTECT, related_name="+", editable=False, db_index=False)

    class Meta(Marked.Meta):
        verbose_name = _("節")
        verbose_name_plural = _("節")
        indexes: ClassVar = [
            *Marked.Meta.indexes,
            models.Index(fields=["briefing", "place", "-created"], name="portion_of_briefing"),
        ]
        constraints: ClassVar = [
            *Marked.Meta.constraints,
            models.UniqueConstraint(fields=["slot"], condition=Q(until__isnull=True), name="portion_one_state_at_once"),
            models.CheckConstraint(condition=Q(level__lte=HIGHEST_WRITTEN), name="portion_level_of_what_is_written"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def searched_text(self) -> str:
        """All that a section says, as plain lines: what is searched, compared, exported, and drawn as PDF. Attachments
        are left out: whether a reader may read them is asked of the documents."""
        more = self.more
        lines = [self.heading, self.body]
        lines += ["・" + " / ".join(filter(None, (a["what"], a["who"], a["by"]))) for a in more.get("actions", ())]
        lines += ["・" + " / ".join(filter(None, (n["name"], n["about"]))) for n in more.get("named", ())]
        lines += ["・" + " / ".join(filter(None, (s["what"], s["reliability"]))) for s in more.get("sources", ())]
        return "\n".join(filter(None, lines))


class Former(models.Model):
    """訂正前の内容: what was said of the whole until a correction, as far as every reader saw it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    briefing = models.ForeignKey(Briefing, models.CASCADE, related_name="formers")
    said = SealedJSONField(via="briefing", max_plain_length=40_000)
    until = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("訂正前の内容")
        verbose_name_plural = _("訂正前の内容")
        ordering: ClassVar = ["until", "id"]

    def __str__(self) -> str:
        return str(self.pk)
