"""話題と発言: what is said in a room, each with a marking of its own under the room's ceiling."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Person
from clearance.models import Indexed, Marked, Vouched
from documents.models import Document
from vault.fields import SealedTextField

from .opening import opened
from .rooms import HIGHEST_SPOKEN, Room

LONGEST_TITLE = 120
LONGEST_BODY = 20_000


class Thread(Marked):
    """話題: a title, and the messages under it."""

    room = models.ForeignKey(Room, models.PROTECT, related_name="threads", db_index=False)
    title = SealedTextField(_("題名"), max_plain_length=LONGEST_TITLE)
    author = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)

    class Meta(Marked.Meta):
        verbose_name = _("話題")
        verbose_name_plural = _("話題")
        constraints: ClassVar = [
            *Marked.Meta.constraints,
            models.CheckConstraint(condition=Q(level__lte=HIGHEST_SPOKEN), name="thread_level_of_what_is_spoken"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def shown_title(self) -> str:
        return opened(self, "title")


class Message(Indexed, Vouched):
    """発言: Markdown, sealed as it was written; rendered and sanitised when shown (dialogues.prose)."""

    thread = models.ForeignKey(Thread, models.PROTECT, related_name="messages", db_index=False)
    author = models.ForeignKey(Person, models.PROTECT, related_name="+", db_index=False)
    body = SealedTextField(_("本文"), max_plain_length=LONGEST_BODY)
    documents: models.ManyToManyField[Document, MessageDocument] = models.ManyToManyField(
        Document, through="MessageDocument", related_name="+", verbose_name=_("添付文書")
    )

    class Meta(Marked.Meta):
        verbose_name = _("発言")
        verbose_name_plural = _("発言")
        indexes: ClassVar = [
            *Marked.Meta.indexes,
            models.Index(
                fields=["thread", "-created", "-id"],
                include=["level", "comp_mask", "release_mask", "expires_at", "circle", "author"],
                condition=Q(withdrawn=False),
                name="message_thread_newest",
            ),
        ]
        constraints: ClassVar = [
            *Marked.Meta.constraints,
            models.CheckConstraint(condition=Q(level__lte=HIGHEST_SPOKEN), name="message_level_of_what_is_spoken"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def searched_text(self) -> str:
        return self.body

    @property
    def posted_at(self) -> datetime:
        return self.created

    @property
    def shown_body(self) -> str:
        return opened(self, "body")


class MessageDocument(models.Model):
    """A document of the room that a message points to. The document's own marking still decides who opens it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments", db_index=False)
    document = models.ForeignKey(Document, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("添付文書")
        verbose_name_plural = _("添付文書")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["message", "document"], name="messagedocument_once"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ReadMark(models.Model):
    """既読: up to which message one reader has seen a thread. Nobody else can read it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    thread = models.ForeignKey(Thread, models.CASCADE, related_name="+")
    seen_until = models.DateTimeField()

    class Meta:
        verbose_name = _("既読")
        verbose_name_plural = _("既読")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "thread"], name="readmark_once"),
        ]

    def __str__(self) -> str:
        return str(self.id)
