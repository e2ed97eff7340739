"""What is said in a room: threads, messages, taking one's own word back, and having seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.acts import Act
from clearance import choosing, context
from clearance.access import Action, Actor, require
from clearance.models import Marking
from clearance.noting import note
from documents.models import Document

from ..models import Message, MessageDocument, ReadMark, Room, Thread
from ..queries import me
from ..queries.rooms import circle_of
from ..queries.threads import lies_under
from .presets import fits
from .rooms import tell_ended


@transaction.atomic
def start_thread(
    *, actor: Actor, room: Room, title: str, body: str, marking: Marking, documents: Sequence[Document] = ()
) -> Thread:
    """Open a thread with its first message, both so marked. Raises Denied, ValidationError as `post` does."""
    tell_ended(room)
    thread = Thread(room=room, circle_id=room.circle_id, marking=marking, title=title, author_id=me(actor))
    _require_sayable(actor, room, thread, under=None)
    thread.save(force_insert=True)
    note(actor, Act.THREAD_START, thread)
    _say(actor, thread, body, marking, documents)
    return thread


@transaction.atomic
def post(
    *, actor: Actor, room: Room, thread: Thread, body: str, marking: Marking, documents: Sequence[Document] = ()
) -> Message:
    """Say something in a thread.

    Raises ValidationError for a room that has ended; a marking above the room's ceiling, above the writer's own
    authorisation or below the thread's; a document that readers of the message could not read. Raises Denied for
    whoever only reads here.
    """
    tell_ended(room)
    require(actor, Action.READ, thread)
    message = Message(thread=thread, circle_id=room.circle_id, marking=marking, author_id=me(actor))
    _require_sayable(actor, room, message, under=thread.marking)
    return _say(actor, thread, body, marking, documents)


@transaction.atomic
def withdraw(*, actor: Actor, message: Message) -> None:
    """Take a message out of everybody's sight. Raises Denied for whoever may not."""
    require_withdrawer(actor, message)
    if not context.withdraw(message):
        raise ValidationError(_("この発言は取り下げられませんでした。画面を読み込み直してください。"), code="withdraw")
    note(actor, Act.MESSAGE_WITHDRAW, message)


def require_withdrawer(actor: Actor, message: Message) -> None:
    """Raise Denied but for its author, while they may speak there, and for the stewards, after the room's end too.

    The database holds the same (clearance_withdraw).
    """
    own = message.author_id == actor.person_id and message.circle_id in actor.reach.writers
    require(actor, Action.READ if own else Action.KEEP, message)


@transaction.atomic
def open_thread(*, actor: Actor, thread: Thread, seen: datetime | None) -> None:
    """The reader has opened a thread, and seen it up to the message posted at `seen`. A mark never moves back."""
    require(actor, Action.READ, thread)
    note(actor, Act.THREAD_OPEN, thread)
    if seen is not None:
        ReadMark.objects.bulk_create(
            [ReadMark(person_id=me(actor), thread=thread, seen_until=seen)],
            update_conflicts=True,
            unique_fields=["person", "thread"],
            update_fields=["seen_until"],
        )


def _require_sayable(actor: Actor, room: Room, said: Thread | Message, *, under: Marking | None) -> None:
    """The markings in words for the writer; then the access decision."""
    if not fits(said.marking, under):
        raise ValidationError(
            {"marking": _("話題より低い格付では発言できません。話題と同じか、より高い格付を選んでください。")}
        )
    try:
        choosing.refuse(actor=actor, circle=circle_of(room), marking=said.marking)
    except ValidationError as refused:
        raise ValidationError({"marking": refused.error_list}) from None
    require(actor, Action.WRITE, said)


def _say(actor: Actor, thread: Thread, body: str, marking: Marking, documents: Sequence[Document]) -> Message:
    message = Message(
        thread=thread, circle_id=thread.circle_id, marking=marking, author_id=me(actor), body=body,
        created=timezone.now(),
    )  # fmt: skip
    message.save(force_insert=True)
    for document in documents:
        _require_attachable(actor, document, message)
        MessageDocument(message=message, document=document).save(force_insert=True)
    note(actor, Act.MESSAGE_POST, message)
    return message


def _require_attachable(actor: Actor, document: Document, message: Message) -> None:
    require(actor, Action.READ, document)
    if document.circle_id != message.circle_id or not lies_under(document, message.marking):
        raise ValidationError(
            {"documents": _("添付文書の格付が発言の格付を超えています。発言の格付を上げるか、添付を外してください。")}
        )
