"""The files of a document: versions as they were handed over, what was drawn of them, what is still to be done."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Person
from vault.fields import SealedBytesField, SealedJSONField, SealedTextField

from ..kinds import VIEWABLE, Kind, kept_promise
from .documents import Document

NAME_MOST = 255


class State(models.TextChoices):
    RECEIVED = "RECEIVED", _("確認中")
    READY = "READY", _("閲覧可")
    QUARANTINED = "QUARANTINED", _("隔離中")
    FAILED = "FAILED", _("確認できず")


class Problem(models.TextChoices):
    """Why a version is not ready, or cannot be shown although it is."""

    NONE = "", ""
    ALTERED = (
        "ALTERED",
        _("保存したファイルが受け取ったときと一致しません。登録した方に再登録を依頼してください。"),
    )
    MISSING = "MISSING", _("保存したファイルが見つかりません。登録した方に再登録を依頼してください。")
    GAVE_UP = "GAVE_UP", _("確認を繰り返しましたが終えられませんでした。新しい版として登録し直してください。")
    NOT_DRAWN = (
        "NOT_DRAWN",
        _("画面表示を作れませんでした。ファイルが壊れているか、保護されている可能性があります。"),
    )
    TOO_LARGE = "TOO_LARGE", _("画面に表示するには大きすぎるファイルです。")


class StoredBlob(models.Model):
    """That a blob of this name belongs to some row. What the storage holds besides is left over and swept away.

    It stands under no marking, since the sweeper looks without a context: random names only. The rows that have a blob
    refer to this one, so the database lets none be forgotten.
    """

    name = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """One file of a document, as it was handed over. Its key is sealed under the document's."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("版"))
    file_name = SealedTextField(_("ファイル名"), via="document", max_plain_length=NAME_MOST)
    change = SealedTextField(_("変更点"), via="document", max_plain_length=1000, default="", blank=True)
    kind = models.CharField(_("種類"), max_length=8, choices=Kind.choices)
    media_type = models.CharField(max_length=100)
    encoding = models.CharField(max_length=12, blank=True)
    size = models.BigIntegerField(_("大きさ"))
    digest = SealedTextField(via="document", max_plain_length=64)
    file_key = SealedBytesField(via="document")
    blob = models.OneToOneField(StoredBlob, models.PROTECT, related_name="+")
    state = models.CharField(_("状態"), max_length=11, choices=State.choices, default=State.RECEIVED)
    problem = models.CharField(max_length=9, choices=Problem.choices, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(_("登録日時"), default=timezone.now)
    received_by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name=_("登録した方"))

    class Meta:
        verbose_name = _("版")
        verbose_name_plural = _("版")
        ordering: ClassVar = ["document_id", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "number"], name="version_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_number_from_one"),
            models.CheckConstraint(condition=Q(size__gte=1), name="version_is_not_empty"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="version_percent"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="version_state"),
            models.CheckConstraint(condition=Q(problem__in=Problem.values), name="version_problem"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def ready(self) -> bool:
        return self.state == State.READY

    @property
    def pending(self) -> bool:
        return self.state == State.RECEIVED

    @property
    def viewable(self) -> bool:
        """Whether there are pages to look at."""
        return self.ready and not self.problem and self.drawable

    @property
    def drawable(self) -> bool:
        """Whether its kind is one whose pages are drawn at all."""
        return self.kind in VIEWABLE

    @property
    def named_rightly(self) -> bool:
        """Whether the content is what the file's name promises."""
        return kept_promise(self.file_name, self.kind)


class Rendition(models.Model):
    """A version's pages, drawn for the screen: one sealed blob, and a sealed index of where in it each page lies."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="renditions")
    version = models.OneToOneField(Version, models.CASCADE, related_name="rendition")
    pages = models.PositiveIntegerField()
    cut = models.BooleanField(default=False)
    index = SealedJSONField(via="document")
    size = models.BigIntegerField()
    file_key = SealedBytesField(via="document")
    blob = models.OneToOneField(StoredBlob, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("表示用の画像と文字")
        verbose_name_plural = _("表示用の画像と文字")
        ordering: ClassVar = ["version_id"]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(pages__gte=1), name="rendition_has_pages")]

    def __str__(self) -> str:
        return str(self.pk)


class Work(models.TextChoices):
    """What the worker does with a version: look at it and draw it, or put its files under new keys."""

    CHECK = "CHECK", "check"
    RESEAL = "RESEAL", "reseal"


class Processing(models.Model):
    """Work that waits. The queue is this table: a broker only says that somebody should look.

    It stands under no marking, since the worker lists it before it has a context: ids and times, nothing else.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    version = models.ForeignKey(Version, models.CASCADE, related_name="+")
    document = models.ForeignKey(Document, models.CASCADE, related_name="+")
    work = models.CharField(max_length=6, choices=Work.choices)
    created = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["created", "id"]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(done_at__isnull=True), name="processing_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.work} {self.version_id}"
