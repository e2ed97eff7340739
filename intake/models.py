"""What the anonymous intake keeps: rows of random ids, days and sealed bytes.

Nothing here says more than the day on which something came. Ids are random (a UUIDv7 would carry the moment), and what
comes in is written in rounds, shuffled, so that neither the rows' order nor the write-ahead log tells it either.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Desk(models.Model):
    """An office that reads concerns. Kept by `consultations`; shown to whoever writes."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name_ja = models.CharField(_("名称"), max_length=100)
    name_en = models.CharField(_("英語の名称"), max_length=100)
    about_ja = models.CharField(_("説明"), max_length=300, blank=True)
    about_en = models.CharField(_("英語の説明"), max_length=300, blank=True)
    place = models.PositiveSmallIntegerField(_("並び順"), default=0)
    active = models.BooleanField(_("受付中"), default=True)

    class Meta:
        verbose_name = _("窓口")
        verbose_name_plural = _("窓口")
        ordering: ClassVar = ["place", "name_ja", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_ja

    @property
    def about(self) -> str:
        return self.about_en if get_language() == "en" else self.about_ja


class Reader(models.Model):
    """To which public key a desk's concerns are sealed: one officer's. Who that is, the intake does not know."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    desk = models.ForeignKey(Desk, models.CASCADE, related_name="readers")
    key_id = models.UUIDField()
    public = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["desk", "key_id"], name="reader_once_a_desk")]

    def __str__(self) -> str:
        return f"{self.desk_id} {self.key_id}"


class Case(models.Model):
    """One concern and its conversation.

    `lookup` is the SHA-256 of what the receipt derives; it and what is sealed to the receipt go when the sender deletes
    their mailbox. `generation` counts the keys the case had.
    """

    class Way(models.TextChoices):
        WEB = "WEB", _("ウェブ")
        TELEPHONE = "TELEPHONE", _("電話")
        POST = "POST", _("郵便")

    class Stage(models.TextChoices):
        """What the sender is told of where it stands."""

        NEW = "NEW", _("受け付けました")
        READ = "READ", _("担当者が読みました")
        CLOSED = "CLOSED", _("対応を終えました")

    id = models.UUIDField(primary_key=True, editable=False)
    lookup = models.BinaryField(null=True, unique=True)
    receipt_public = models.BinaryField(null=True)
    receipt_wrap = models.BinaryField(null=True)
    consent_public = models.BinaryField()
    received_on = models.DateField()
    urgent = models.BooleanField(default=False)
    way = models.CharField(max_length=9, choices=Way.choices, default=Way.WEB)
    stage = models.CharField(max_length=6, choices=Stage.choices, default=Stage.NEW)
    header = models.BinaryField()
    generation = models.PositiveIntegerField(default=1)
    withdrawn_on = models.DateField(null=True)
    forgotten_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(lookup=None, receipt_public=None, receipt_wrap=None)
                | Q(lookup__isnull=False, receipt_public__isnull=False, receipt_wrap__isnull=False),
                name="case_mailbox_whole_or_gone",
            ),
            models.CheckConstraint(
                condition=Q(forgotten_on=None) | Q(lookup=None), name="case_forgotten_has_no_mailbox"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Envelope(models.Model):
    """The keys of a case, sealed to one officer's public key. Who has none for a case opens nothing of it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="envelopes")
    key_id = models.UUIDField()
    generation = models.PositiveIntegerField(default=1)
    wrapped = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "key_id"], name="envelope_once_a_reader")]
        indexes: ClassVar = [models.Index(fields=["key_id", "case"], name="envelope_of_key")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.key_id}"


class Entry(models.Model):
    """One thing said in a case, sealed under its keys. `place` counts within the case, from 0.

    What is not `shared` is the office's own: sealed under a key the receipt does not open, never given to the sender.
    """

    class Kind(models.TextChoices):
        CONCERN = "CONCERN", _("相談")
        REPLY = "REPLY", _("相談者からの返事")
        CONSENT = "CONSENT", _("同意への答え")
        WITHDRAWAL = "WITHDRAWAL", _("取下げ")
        ANSWER = "ANSWER", _("窓口からの返事")
        QUESTION = "QUESTION", _("窓口からの質問")
        ASK_CONSENT = "ASK_CONSENT", _("同意のお願い")
        NOTE = "NOTE", _("内部メモ")

    id = models.UUIDField(primary_key=True, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="entries")
    place = models.PositiveIntegerField()
    kind = models.CharField(max_length=11, choices=Kind.choices)
    day = models.DateField()
    by_sender = models.BooleanField()
    shared = models.BooleanField(default=True)
    sealed = models.BinaryField()

    class Meta:
        ordering: ClassVar = ["case", "place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "place"], name="entry_place"),
            models.CheckConstraint(condition=Q(shared=True) | Q(by_sender=False), name="entry_of_sender_is_shared"),
            models.CheckConstraint(condition=~Q(kind="NOTE") | Q(shared=False), name="entry_note_is_the_offices"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.place}"


class Blob(models.Model):
    """A sealed file of an entry, by its name in the storage. What it is stands in the sealed entry alone."""

    name = models.CharField(primary_key=True, max_length=35)
    case = models.ForeignKey(Case, models.CASCADE, related_name="blobs")
    entry_id = models.UUIDField()

    def __str__(self) -> str:
        return self.name


class Round(models.Model):
    """What was carried from the intake's disk at one time: a Merkle tree over what came, its root one event of the log.

    `proof` is how that event stands in the sealed log, once it does (lines of audit/proof_export.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    day = models.DateField()
    root = models.BinaryField()
    leaves = models.PositiveIntegerField()
    event_id = models.UUIDField(null=True)
    proof = models.TextField(default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["day"], name="round_without_proof", condition=Q(proof="")),
        ]

    def __str__(self) -> str:
        return f"{self.day} {bytes(self.root).hex()}"


class Leaf(models.Model):
    """The place of one entry in its round, and what the intake signed of it (intake/acknowledgement.py)."""

    entry_id = models.UUIDField(primary_key=True)
    case = models.ForeignKey(Case, models.CASCADE, related_name="leaves")
    round = models.ForeignKey(Round, models.PROTECT, related_name="entries")
    record = models.TextField()
    signature = models.BinaryField()
    signer = models.BinaryField()
    place = models.PositiveIntegerField()
    path = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.round_id} {self.place}"
