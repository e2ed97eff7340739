"""Files that somebody chose: cleaned, sealed, and given a name that says nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from typing import Any, cast

from django.http import HttpRequest
from django.utils.translation import gettext as _

from intake.arriving import Arrived
from intake.cleaning import Cleaning, Kind, Reason, Trace, Uncleanable, can_clean, clean, kind_of, safe_name
from intake.draft import File
from intake.pending import Pending, keep, while_room
from intake.spool import Full

WITHOUT, SEALED = "without", "sealed"  # what becomes of a file that could not be cleaned


class Occupied(Exception):
    """Others keep the cleaner busy. The file could be cleaned in a while, so nobody is offered to send it as it is."""


def waiting(request: HttpRequest) -> list[File]:
    """The files that the form brings along, but for those that were given up."""
    kept = [File.unpacked(packed) for packed in request.POST.getlist("kept")]
    return [file for file in kept if file.code not in request.POST.getlist("drop")]


def treated(request: HttpRequest, kept: Sequence[File]) -> tuple[list[Pending], set[str]]:
    """The files that are to be sent, and for which of those that could not be cleaned nothing was chosen yet."""
    files, wanting = [], set[str]()
    for file in kept:
        if file.pending:
            choice = SEALED if file.pending.cleaned else request.POST.get(f"treat-{file.code}")
            if choice == SEALED:
                files.append(file.pending)
            elif choice != WITHOUT:
                wanting.add(file.code)
    return files, wanting


def undecided(wanting: Collection[str]) -> list[dict[str, str]]:
    """Lines of the summary for these."""
    message = _("どちらかを選んでください。")
    return [{"target": f"without-{code}", "label": _("送るファイル"), "message": message} for code in wanting]


def take(request: HttpRequest, *, first: int) -> tuple[list[File], list[str]]:
    """The newly chosen files, which now wait, and why others do not. They are counted on from `first`."""
    chosen = cast("list[Arrived]", request.FILES.getlist("files"))
    taken: list[File] = []
    refused: list[str] = []
    for file in chosen:
        if file.refused == "too large":
            refused.append(_("「%(name)s」は100MBより大きいため、受け取れません。") % {"name": file.name})
        elif file.refused == "no room":
            refused.append(no_room(file))
        elif file.refused:
            refused.append(_("「%(name)s」を受け取れませんでした。もう一度選んでください。") % {"name": file.name})
        elif file.size == 0:
            refused.append(_("「%(name)s」には中身がありません。") % {"name": file.name})
        else:
            try:
                taken.append(_taken(file, first + len(taken)))
            except Occupied:
                refused.append(
                    _(
                        "ほかのファイルで混み合い、「%(name)s」を受け取れませんでした。少し待って、もう一度選んでください。"
                    )
                    % {"name": file.name}
                )
            except Full:
                refused.append(no_room(file))
    return taken, refused


def no_room(file: Arrived) -> str:
    message = _("ファイルを置く場所が足りないため、「%(name)s」を受け取れませんでした。文章だけなら、いまも送れます。")
    return message % {"name": file.name}


def _taken(file: Arrived, number: int) -> File:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    kind = kind_of(file.head, file.name or "")
    label, code = safe_name(kind, number), kind.value if kind else ""
    reason = can_clean(kind)
    if reason is None:
        try:
            cleaning = clean(file.chunks(), kind)
            pending = keep(while_room(cleaning), label=label, kind=code, cleaned=True, removed=_found(cleaning))
            return File.waiting(pending, digest.hexdigest())
        except Uncleanable as uncleanable:
            if uncleanable.reason is Reason.BUSY:
                raise Occupied from uncleanable
            reason = uncleanable.reason
    pending = keep(while_room(file.chunks()), label=label, kind=code, cleaned=False, removed=[reason.value])
    return File.waiting(pending, digest.hexdigest())


def _found(cleaning: Cleaning) -> Iterator[str]:
    """What was taken out; known when all of the file has gone through."""
    yield from (trace.value for trace in cleaning.found)


def told(pending: Pending) -> list[str]:
    """What the preview says of a file."""
    if not pending.cleaned:
        return [str(Reason(pending.removed[0]).text)]
    removed = _("、").join(str(Trace(value).label) for value in pending.removed)
    said = _("取りのぞいたもの：%(what)s") % {"what": removed} if removed else _("取りのぞくものは、ありませんでした。")
    notice = str(Kind(pending.kind).notice)
    return [said, notice] if notice else [said]


def lines(kept: Sequence[File], wanting: Collection[str] = ()) -> list[dict[str, Any]]:
    """The files as the preview shows them."""
    return [
        {
            "code": file.code, "label": file.pending.label, "size": file.pending.size, "cleaned": file.pending.cleaned,
            "told": told(file.pending), "wanting": file.code in wanting,
        }
        for file in kept
        if file.pending
    ]  # fmt: skip
