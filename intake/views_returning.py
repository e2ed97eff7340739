"""The way back in: the words of the receipt, the conversation they open, and what its sender can do in it.

Everything is asked by POST: the words stand in no address, in no history, in no log of a proxy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake import draft, mailbox
from intake.agreement import fingerprint
from intake.choosing import lines, take, treated, undecided, waiting
from intake.errors import told
from intake.forms import Fault, ReplyForm, unpacked_reply
from intake.mailbox import Conversation, Gone, Reworded, Said
from intake.marks import marked
from intake.padding import SMALLEST_PAGE, padded_size
from intake.page import NOT_KEPT, page
from intake.receipt import Receipt
from intake.shown import chosen, kept_until, sheets, state
from intake.views_writing import to
from intake.words import Mistyped, from_text

Doing = Callable[[HttpRequest, Receipt], HttpResponse]


@require_safe
def back(request: HttpRequest) -> HttpResponse:
    return page(request, "intake/return.html", {"faults": [], "typed": ""}, kept=True)


@require_http_methods(["GET", "HEAD", "POST"])
@told
def conversation(request: HttpRequest) -> HttpResponse:
    """What the words open; whatever is done in it is done by the name of the button."""
    if request.method != "POST":
        return to(request, "return")
    typed = request.POST.get("words", "")
    try:
        receipt = carried(request) or Receipt(from_text(typed))
    except Mistyped as mistyped:
        faults = [Fault("words", _("合言葉"), str(mistyped.message))]
        return page(request, "intake/return.html", {"faults": faults, "typed": typed})
    doing = DOING.get(request.POST.get("do", ""))
    if doing is None:
        raise BadRequest("do")
    try:
        return doing(request, receipt)
    except Gone:
        return page(request, "intake/nothing.html", {"typed": typed})


@require_http_methods(["GET", "HEAD", "POST"])
@told
def proof(request: HttpRequest) -> HttpResponse:
    """The signed acknowledgement, as a file; filled up with spaces, so that it is as large as a page."""
    receipt = carried(request) if request.method == "POST" else None
    if receipt is None:
        return to(request, "return")
    try:
        text = mailbox.acknowledgement_of(receipt).encode()
    except Gone:
        return page(request, "intake/nothing.html", {"typed": ""})
    filled = text.ljust(padded_size(len(text), smallest=SMALLEST_PAGE))
    response = HttpResponse(filled, content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="acknowledgement.json"'
    response.headers["Cache-Control"] = NOT_KEPT
    return response


def carried(request: HttpRequest) -> Receipt | None:
    """The receipt that a page of the conversation carries; None where it does not."""
    given = request.POST.get("receipt", "")
    if not given:
        return None
    try:
        return Receipt(bytes.fromhex(given))
    except ValueError:
        raise BadRequest("receipt") from None


def show(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    return conversation_page(request, receipt, empty())


def edit(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    """From the preview of a reply, the form as it was filled in."""
    return conversation_page(request, receipt, reply_of(request))


def check(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    """A reply as it will be sent."""
    kept = waiting(request)
    taken, refused = take(request, first=len(kept) + 1)
    form = ReplyForm(request.POST, kept=[*kept, *taken], refused=refused)
    if not form.is_valid():
        return conversation_page(request, receipt, form)
    return check_page(request, receipt, form)


def reply(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    form = reply_of(request)
    valid = form.is_valid()
    found = existing(receipt)
    token = form.token if valid or set(form.errors) == {"attached"} else ""
    if token and any(said.id == receipt.entry_id(token) for said in found.entries):
        return conversation_page(request, receipt, empty(), done=_("送りました。"))
    if not valid:
        return conversation_page(request, receipt, form)
    files, wanting = treated(request, form.kept)
    if wanting:
        return check_page(request, receipt, form, wanting)
    mailbox.reply(receipt, token=token, text=form.cleaned_data["text"], files=files)
    return conversation_page(request, receipt, empty(), done=_("送りました。"))


def consent(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    """Yes or no to what the office asks leave for."""
    try:
        question = UUID(request.POST.get("question", ""))
    except ValueError:
        raise BadRequest("question") from None
    answer = request.POST.get("answer")
    if answer not in ("yes", "no"):
        raise BadRequest("answer")
    shown = request.POST.get("shown", "")
    try:
        mailbox.consent(receipt, token=f"consent {question}", question=question, shown=shown, answer=answer == "yes")
    except Reworded:
        care = _("お願いの文が、前の画面と同じではありません。まだ答えていません。読みなおしてから、答えてください。")
        return conversation_page(request, receipt, empty(), care=care)
    done = _("「はい」と答えました。") if answer == "yes" else _("「いいえ」と答えました。")
    return conversation_page(request, receipt, empty(), done=done)


def ask_withdraw(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    existing(receipt)
    return page(request, "intake/withdraw.html", {"receipt": receipt.entropy.hex()})


def withdraw(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    if not existing(receipt).withdrawn:
        mailbox.withdraw(receipt, token="withdrawal")  # noqa: S106 - names the entry, opens nothing
    return conversation_page(request, receipt, empty(), done=_("相談を取り下げました。"))


def ask_forget(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    existing(receipt)
    return page(request, "intake/forget.html", {"receipt": receipt.entropy.hex()})


def forget(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    mailbox.forget(receipt)
    return page(request, "intake/forgotten.html")


DOING: Mapping[str, Doing] = {
    "": show,
    "edit": edit,
    "check": check,
    "reply": reply,
    "consent": consent,
    "ask-withdraw": ask_withdraw,
    "withdraw": withdraw,
    "ask-forget": ask_forget,
    "forget": forget,
}


def existing(receipt: Receipt) -> Conversation:
    """Raises `Gone`."""
    found = mailbox.find(receipt)
    if found is None:
        raise Gone
    return found


def empty() -> ReplyForm:
    return ReplyForm(initial={"begun": draft.begun()})


def reply_of(request: HttpRequest) -> ReplyForm:
    try:
        data, files = unpacked_reply(request.POST.get("draft", ""))
    except draft.Mangled:
        raise BadRequest("draft") from None
    return ReplyForm(data, kept=files)


def conversation_page(
    request: HttpRequest, receipt: Receipt, form: ReplyForm, *, done: str = "", care: str = ""
) -> HttpResponse:
    found = existing(receipt)
    every = sheets(found)
    wanted = request.POST.get("sheet", "")
    number = min(int(wanted), len(every) - 1) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 5 else 0
    context: dict[str, Any] = {
        "state": state(found),
        "kept_until": kept_until(found),
        "chosen": chosen(found),
        "done": done,
        "care": care,
        "days": every[number],
        "older": number + 1 if number + 1 < len(every) else 0,
        "newer": number,
        "questions": [] if found.withdrawn else [asked_of(said) for said in found.questions],
        "withdrawn": found.withdrawn,
        "form": form,
        "kept": form.kept,
        "faults": form.faults() if form.is_bound else [],
        "receipt": receipt.entropy.hex(),
    }
    return page(request, "intake/conversation.html", context)


def asked_of(said: Said) -> dict[str, str]:
    """A request for consent as it is shown; its answer brings back which words it was given to."""
    return {"id": str(said.id), "text": said.text, "shown": fingerprint(said.text)}


def check_page(request: HttpRequest, receipt: Receipt, form: ReplyForm, wanting: Collection[str] = ()) -> HttpResponse:
    existing(receipt)
    context = {
        "marked": marked([(_("送る文章"), form.cleaned_data["text"])]),
        "files": lines(form.kept, wanting),
        "faults": undecided(wanting),
        "packed": form.packed,
        "receipt": receipt.entropy.hex(),
    }
    return page(request, "intake/check_reply.html", context)
