"""What answers where no page does. As large as every page, and nothing that was typed is lost with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from intake import clock, days
from intake.directory import Unavailable
from intake.page import page
from intake.sending import NoReaders
from intake.spool import Full

TROUBLE = "intake/trouble.html"
LATER = 3600  # seconds a program is asked to wait; people are told in words

View = Callable[..., HttpResponse]


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    context = {
        "title": _("ページが見つかりません"),
        "what": _("アドレスがまちがっているか、ページがなくなりました。"),
        "then": _("下のボタンから、はじめの画面を開いてください。"),
    }
    return page(request, TROUBLE, context, status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What cannot be read, or is no form of ours. A browser goes back to what was typed."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request)
    context = {
        "title": _("受け取れませんでした"),
        "what": _("送られたものの形が正しくないため、何も受け取っていません。"),
        "then": _("ブラウザーの「戻る」で前の画面にもどり、もう一度お試しください。"),
    }
    return page(request, TROUBLE, context, status=400)


def too_large(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("大きすぎて、受け取れませんでした"),
        "what": _("ファイルは5つまで、1つ100MBまでです。何も受け取っていません。"),
        "then": _("ブラウザーの「戻る」で前の画面にもどり、ファイルを減らしてください。書いた文章は残っています。"),
    }
    return page(request, TROUBLE, context, status=413)


def failed(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("こちらの不具合で、処理できませんでした"),
        "what": _("ご不便をおかけします。書いたものは、この画面に残っています。"),
        "then": _("少し待ってから、もう一度お試しください。二重に送られることはありません。"),
    }
    return page(request, TROUBLE, {**context, **again(request)}, status=500)


def away(request: HttpRequest) -> HttpResponse:
    """The database does not answer, and what was asked cannot be known without it."""
    context = {
        "title": _("いま、つながりにくくなっています"),
        "what": _("窓口の仕組みの一部が止まっています。これまでに送られた相談は、なくなっていません。"),
        "then": _("10分ほど待ってから、もう一度お試しください。二重に送られることはありません。"),
    }
    return later(request, {**context, **again(request)})


def full(request: HttpRequest) -> HttpResponse:
    """The disk takes no more."""
    context = {
        "title": _("いま、混み合っています"),
        "what": _("相談を置く場所が足りません。これまでに送られた相談は、なくなっていません。"),
        "then": _("この画面を開いたまま、1時間ほど待って、もう一度お試しください。二重には送られません。"),
    }
    return later(request, {**context, **again(request)})


def crowded(request: HttpRequest) -> HttpResponse:
    """The disk is nearly full: what is begun may be sent, who only begins is asked to come back."""
    tomorrow = days.shown(clock.today() + timedelta(days=1))
    context = {
        "title": _("いま、混み合っています"),
        "what": _("新しい相談を書く場所が、残り少なくなっています。これまでに送られた相談は、なくなっていません。"),
        "then": _("%(day)sに、もう一度開いてください。返事は、いまでも見られます。") % {"day": tomorrow},
    }
    return later(request, context)


def closed(request: HttpRequest) -> HttpResponse:
    """No officer is there to whom it could be sealed."""
    context = {
        "title": _("いま、読める担当者がいません"),
        "what": _("担当者がいないあいだは、相談に封ができません。何も受け取っていません。"),
        "then": _("書いたものは、この画面に残っています。開いたままにして、あとでもう一度お試しください。"),
    }
    return later(request, {**context, **again(request)})


def later(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    response = page(request, TROUBLE, context, status=503)
    response.headers["Retry-After"] = str(LATER)
    return response


def again(request: HttpRequest) -> dict[str, Any]:
    """A form that sends once more what was typed. Files cannot be put into a form: they are to be chosen again."""
    if request.method != "POST" or not request.POST:
        return {}
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    return {"again": {"action": request.path, "fields": fields, "files": bool(request.FILES)}}


def told(view: View) -> View:
    """Answers what may keep a page from being made, with what was typed still in it."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > most():
            return too_large(request)
        try:
            return view(request, *args, **more)
        except Full:
            return full(request)
        except Unavailable:
            return away(request)
        except NoReaders:
            return closed(request)

    return answered


def most() -> int:
    """Bytes of a form beyond which it is not even read; up to there what is too large is told beside the field."""
    return int(2 * settings.INTAKE_FILES * settings.INTAKE_FILE_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
