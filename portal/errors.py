"""What answers a request that cannot be read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBadRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _

BARE = (
    '<!DOCTYPE html>\n<html lang="{}">\n<head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{}</title></head>\n'
    "<body><main><h1>{}</h1><p>{}</p><p>{}</p></main></body>\n</html>\n"
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBadRequest:
    """The page of a 400. Django's own asks for the form's token first: where the form is what cannot be read, that
    fails once more at each layer, and ends as a 500.
    """
    return HttpResponseBadRequest(render_to_string("400.html"))


def bad_request_bare(request: HttpRequest, exception: Exception) -> HttpResponseBadRequest:
    """The same of the anonymous side, which has neither templates nor style sheets."""
    title = _("ご要望を受け取れませんでした")
    what = _("送られた内容の形式が正しくなかったため、処理しませんでした。")
    then = _("前の画面に戻り、もう一度お試しください。同じ表示が続くときは、画面を開き直してください。")
    return HttpResponseBadRequest(format_html(BARE, get_language() or "ja", title, title, what, then))
