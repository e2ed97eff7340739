"""The screens of those who read briefings: the feed, one briefing, its changes, on paper, and what readers answer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clearance.access import Actor
from clearance.forms.telling import ToldOn
from clearance.markings import overall
from clearance.numbered import paged
from clearance.screens import Request, page, screens
from clearance.sent import takes

from .. import rules
from ..forms.reading import NarrowingForm, ReplyForm
from ..models import Briefing
from ..passing import may_tell
from ..pdf import drawn
from ..queries import board as boards
from ..queries import counts, feed
from ..queries import page as pages
from ..queries.editions import differences, moments
from ..services import reading
from ..services.reading import Way

screen = screens(
    step_up="briefings/reading/step_up.html",
    unreadable="briefings/reading/unreadable.html",
    home="briefings:index",
    waiting=feed.waiting_level,
)


@screen
@require_safe
def index(request: Request) -> HttpResponse:
    """The feed, narrowed as the reader asks."""
    actor, form = request.actor, NarrowingForm(request.GET)
    narrowing, after = form.narrowing(), request.GET.get("after", "")
    found = feed.feed(actor, narrowing, after)
    reading.open_feed(actor=actor, shown=found.lines, looked=found.looked)
    asked = {name: str(value) for name, value in request.GET.items() if name != "after" and value}
    context = {
        "form": form,
        "feed": found,
        "lines": found.lines,
        "narrowing": narrowing,
        "own": [(name, f"?{urlencode({field: code})}") for name, field, code in found.firm.filters],
        "stated": found.firm.stated,
        "overall": overall([text for line in found.lines for text in line.markings]),
        "step_up_to": feed.waiting_level(actor),
        "unseen": pages.unseen(actor),
        "official": actor.official,
        "next_url": f"?{urlencode(asked | {'after': found.next})}" if found.next else "",
        "first_url": f"?{urlencode(asked)}" if after else "",
    }
    return page(request, "briefings/reading/index.html", context)


@screen
@require_safe
def briefing(request: Request, briefing: UUID) -> HttpResponse:
    """One briefing, as far as the reader may see it."""
    found, sheet = _opened(request, briefing, Way.PAGE)
    return page(request, "briefings/reading/briefing.html", _context(request.actor, found, sheet, ReplyForm()))


@screen
@require_safe
def printed(request: Request, briefing: UUID) -> HttpResponse:
    """The same for paper, with nothing to click, and the reader's name on it."""
    _found, sheet = _opened(request, briefing, Way.PRINT)
    return page(
        request,
        "briefings/reading/print.html",
        {"sheet": sheet, "may_tell": may_tell(sheet.tlp, sheet.level), **_who(request)},
    )


@screen
@require_safe
def pdf(request: Request, briefing: UUID) -> HttpResponse:
    """The same as PDF, each page with the reader's name, organisation and the time."""
    _found, sheet = _opened(request, briefing, Way.PDF)
    answer = HttpResponse(drawn(sheet, at=timezone.now(), **_who(request)), content_type="application/pdf")
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Disposition"] = f'attachment; filename="briefing-{sheet.briefing.pk}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@screen
@require_safe
def changes(request: Request, briefing: UUID) -> HttpResponse:
    """What changed since it was published, word by word, of what the reader may see."""
    _found, sheet = _opened(request, briefing, Way.CHANGES)
    shown = differences(sheet.briefing, sheet.states, sheet.formers)
    texts = [
        sheet.briefing.marking.text,
        *(change.section.marking.text for edition in shown for change in edition.changes),
    ]
    context = {"sheet": sheet, "editions": shown, "overall": overall(texts)}
    return page(request, "briefings/reading/changes.html", context)


@screen
@require_POST
def acknowledge(request: Request, briefing: UUID) -> HttpResponse:
    """Take note."""
    reading.acknowledge(actor=request.actor, briefing=feed.briefing(request.actor, briefing))
    messages.success(request, _("確認したことを記録しました。"))
    return redirect("briefings:briefing", briefing)


@takes(ReplyForm)
@screen
@require_http_methods(["GET", "POST"])
def reply(request: Request, briefing: UUID) -> HttpResponse:
    """What the reader's firm answers."""
    found = feed.briefing(request.actor, briefing)
    form = ReplyForm(request.POST or None)
    if form.is_valid():
        with ToldOn(form):
            reading.reply(actor=request.actor, briefing=found, **form.cleaned_data)
            messages.success(request, _("返答を送りました。"))
            return redirect(reverse("briefings:briefing", args=[briefing]) + "#replies")
    reading.open_briefing(actor=request.actor, briefing=found, way=Way.REPLY)
    return page(request, "briefings/reading/reply.html", {"briefing": found, "form": form})


@screen
@require_safe
def notices(request: Request) -> HttpResponse:
    """What became of briefings that the person had read."""
    lines = paged(request, pages.notices(request.actor))
    reading.see_notices(actor=request.actor, shown=lines.rows)
    return page(request, "briefings/reading/notices.html", {"lines": lines})


def _opened(request: Request, key: UUID, way: Way) -> tuple[Briefing, pages.Sheet]:
    """The sheet as it stood before this opening, which then is written down."""
    found = feed.briefing(request.actor, key)
    sheet = pages.sheet(request.actor, found)
    reading.open_briefing(actor=request.actor, briefing=found, shown=sheet.portions, way=way)
    return found, sheet


def _context(actor: Actor, found: Briefing, sheet: pages.Sheet, form: ReplyForm) -> dict[str, object]:
    replies = pages.own_replies(actor, found)
    return {
        "sheet": sheet,
        "may_tell": may_tell(sheet.tlp, sheet.level),
        "editions": list(reversed(moments(sheet.states, sheet.formers)))[:-1],
        "replies": replies,
        "stance": pages.stance(replies),
        "told": counts.told(found),
        "form": form,
        "runs": boards.runs(actor, found),
        "may_correct": bool(rules.to_correct(actor, found)),
        "may_retract": bool(rules.to_retract(actor, found)),
    }


def _who(request: Request) -> dict[str, str]:
    """Whose copy it is."""
    return {"name": str(request.user.name), "organisation": str(request.user.organisation.name)}  # type: ignore[union-attr]
