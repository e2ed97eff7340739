"""A thread's page, starting one, answering, taking one's word back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clearance.access import Action, require
from clearance.markings import overall
from clearance.sent import takes

from ..forms import MessageForm, ThreadForm
from ..models import Thread
from ..prose import render as prose
from ..queries import rooms, threads, tokens
from ..services import reading, speaking
from ..services.presets import offered
from .answers import token_answer
from .asked import Asked, Request, ToldOn, page, screen

BESIDE_ANSWER = "answer"  # said where the reader is taken to after posting, not at the head of the page


@takes(ThreadForm)
@screen
@require_http_methods(["GET", "POST"])
def start(request: Request, room: UUID) -> HttpResponse:
    """Start a thread; the second button shows how the text will look and sends nothing."""
    asked = Asked(request, room)
    if not asked.ended_meanwhile:
        require(request.actor, Action.WRITE, asked.room)
    choices = offered(request.actor, circle=asked.circle)
    form = ThreadForm(
        request.POST or None,
        choices=choices,
        documents=threads.attachable(request.actor, asked.room),
        initial={"marking": choices[-1].marking.pk if choices else None},
    )
    preview = ""
    if form.is_valid():
        if "preview" in request.POST:
            preview = prose(form.cleaned_data["body"])
        else:
            with ToldOn(form):
                thread = speaking.start_thread(actor=request.actor, room=asked.room, **form.said())
                messages.success(request, _("投稿しました。"))
                return redirect("dialogues:thread", room, thread.pk)
    reading.note_form(actor=request.actor, room=asked.room, form=reading.Form.START)
    return page(request, "dialogues/start.html", {"asked": asked, "room": asked.room, "form": form, "preview": preview})


@takes(MessageForm)
@screen
@require_http_methods(["GET", "POST"])
def thread(request: Request, room: UUID, thread: UUID) -> HttpResponse:
    """A thread's messages from the oldest to the newest of a page, and the form to answer with."""
    asked = Asked(request, room)
    found = threads.thread(request.actor, asked.room, thread)
    form, preview, posted = _answer(request, asked, found)
    if posted:
        messages.success(request, _("投稿しました。"), extra_tags=BESIDE_ANSWER)
        return redirect(reverse("dialogues:thread", args=[room, thread]) + "#answer")
    said, earlier = threads.messages(request.actor, found, after=request.GET.get("after", ""))
    new = any(one.unread for one in said)
    speaking.open_thread(actor=request.actor, thread=found, seen=said[-1].message.created if new else None)
    return page(
        request,
        "dialogues/thread.html",
        {
            "asked": asked,
            "room": asked.room,
            "thread": found,
            "overall": overall([found.marking.text, *(one.message.marking.text for one in said)]),
            "said": [(one, prose(one.message.shown_body)) for one in said],
            "earlier": earlier,
            "after": request.GET.get("after", ""),
            "form": form,
            "preview": preview,
            "answer_action": f"{request.get_full_path()}#answer",
            "token": tokens.of_thread(request.actor, found),
        },
    )


@screen
@require_GET
def token(request: Request, room: UUID, thread: UUID) -> HttpResponse:
    """A short text that moves when something is said in the thread that this reader may see."""
    found = threads.thread(request.actor, rooms.room(request.actor, room), thread)
    return token_answer(request, tokens.of_thread(request.actor, found))


@screen
@require_http_methods(["GET", "POST"])
def withdraw(request: Request, room: UUID, message: UUID) -> HttpResponse:
    """Ask, then take a message out of everybody's sight."""
    asked = Asked(request, room)
    found = threads.message(request.actor, asked.room, message)
    speaking.require_withdrawer(request.actor, found)
    if request.method == "POST":
        try:
            speaking.withdraw(actor=request.actor, message=found)
            messages.success(request, _("発言を取り下げました。"))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return redirect("dialogues:thread", room, found.thread_id)
    reading.note_message(actor=request.actor, message=found)
    return page(
        request,
        "dialogues/withdraw.html",
        {"asked": asked, "room": asked.room, "message": found, "html": prose(found.shown_body)},
    )


def _answer(request: Request, asked: Asked, thread: Thread) -> tuple[MessageForm | None, str, bool]:
    """The form to answer with (None for whoever only reads), the preview asked for, and whether it was posted."""
    if not asked.writer and not asked.ended_meanwhile:
        if request.method == "POST":
            require(request.actor, Action.WRITE, thread)  # where one only reads is to the writer as nowhere
        return None, "", False
    form = MessageForm(
        request.POST or None,
        choices=offered(request.actor, circle=asked.circle, under=thread.marking),
        documents=threads.attachable(request.actor, asked.room),
        initial={"marking": thread.marking_id},
    )
    if not form.is_valid():
        return form, "", False
    if "preview" in request.POST:
        return form, prose(form.cleaned_data["body"]), False
    with ToldOn(form):
        speaking.post(actor=request.actor, room=asked.room, thread=thread, **form.said())
        return form, "", True
    return form, "", False
