"""Looking at a version, page by page; and taking it away."""

from __future__ import annotations

import re
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from .. import rules
from ..encodings import NAMES
from ..forms import PageForm
from ..models import Version
from ..queries import documents
from ..ranges import ByteRange, Unsatisfiable, parse
from ..services.reading import open_download, open_image, open_page
from .asked import Request, page, place_of, screen

# Whatever it is, the browser does nothing with it.
ALONE = "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
# Up to here an answer is given whole: a stream gives its connection to the database back first, and the next request of
# a reader that goes through a file range by range would wait for a new one.
AT_ONCE = 1024 * 1024
Answer = TypeVar("Answer", bound=HttpResponseBase)
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


@screen
@require_safe
def view(request: Request, document: UUID, number: int) -> HttpResponse:
    """One page of a version. An address without a page, or with one that is not there, leads to the nearest."""
    version = documents.version(request.actor, document, number)
    found = version.document
    form = PageForm(request.GET if "page" in request.GET else {"page": 1})
    wanted = form.cleaned_data["page"] if form.is_valid() else 1
    last = found.renditions.filter(version=version).values_list("pages", flat=True).first() or 1
    if wanted > last or not form.is_valid():
        return redirect(_page_url(found.pk, number, min(wanted, last)))
    shown = open_page(actor=request.actor, document=found, version=version, number=wanted)
    context: dict[str, Any] = {
        "document": found,
        "version": version,
        "place": place_of(request.actor, found),
        "shown": shown,
        "japanese": bool(JAPANESE.search(shown.text)),
        "encoding": NAMES.get(version.encoding, ""),
        "previous_url": _page_url(found.pk, number, wanted - 1) if wanted > 1 else "",
        "next_url": _page_url(found.pk, number, wanted + 1) if wanted < shown.pages else "",
        "may_download": rules.to_download(request.actor, found),
    }
    return page(request, "documents/view.html", context)


@screen
@require_safe
def image(request: Request, document: UUID, number: int, page_number: int) -> HttpResponse:
    """The image of one page."""
    version = documents.version(request.actor, document, number)
    drawn = open_image(actor=request.actor, document=version.document, version=version, number=page_number)
    return guarded(HttpResponse(drawn, content_type="image/png"))


@screen
@require_safe
def download(request: Request, document: UUID, number: int) -> HttpResponseBase:
    """The file itself, all of it or one range. A question for the headers alone is answered without opening it."""
    version = documents.version(request.actor, document, number)
    rules.insist(rules.to_download(request.actor, version.document))
    try:
        part = _range(request, version)
    except Unsatisfiable:
        answer = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{version.size}"
        return guarded(answer)
    if request.method == "HEAD":
        return _headed(HttpResponse(status=206 if part else 200), version, part)
    stored = open_download(actor=request.actor, document=version.document, version=version)
    begin, end = (part.start, part.stop) if part else (0, version.size)
    status = 206 if part else 200
    if end - begin <= AT_ONCE:
        return _headed(HttpResponse(stored.read(begin, end - begin), status=status), version, part)
    return _headed(StreamingHttpResponse(stored.open(begin, end), status=status), version, part)


def _range(request: Request, version: Version) -> ByteRange | None:
    """The range asked for, if what the asker has is still this version; of a GET alone (RFC 9110 §14.2)."""
    if request.method != "GET":
        return None
    condition = request.headers.get("If-Range", "")
    if condition and condition != _tag(version):
        return None
    return parse(request.headers.get("Range", ""), version.size)


def _headed(answer: HttpResponseBase, version: Version, part: ByteRange | None) -> HttpResponseBase:
    answer["Content-Type"] = version.media_type
    answer["Content-Length"] = str(part.stop - part.start if part else version.size)
    if part:
        answer["Content-Range"] = part.content_range(version.size)
    answer["Accept-Ranges"] = "bytes"
    answer["ETag"] = _tag(version)
    answer["Content-Disposition"] = disposition(version.file_name)
    return guarded(answer)


def disposition(name: str) -> str:
    """`attachment`, with the name in ASCII for old clients and whole for all others (RFC 6266, RFC 5987)."""
    plain = re.sub(r'[^\x20-\x7e]|["\\%;]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _tag(version: Version) -> str:
    """Names the version, and says nothing of its content: a version never changes."""
    return f'"{version.pk.hex}"'


def guarded(answer: Answer) -> Answer:
    """Kept by no cache, taken for nothing but what it says it is, run nowhere."""
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = ALONE
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def _page_url(document: UUID, number: int, page_number: int) -> str:
    return f"{reverse('documents:view', args=[document, number])}?page={page_number}"
