"""Reading what a machine sends in: an envelope of STIX 2.1 objects, and what is wrong with the others."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from ..models.feeds import LONGEST_OBJECT
from .answers import LONGEST, Refused, moment, sent_as_ours

ID = re.compile(r"[a-z0-9][a-z0-9-]{1,60}--[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
MOST = 500


@dataclass(frozen=True)
class Failed:
    id: str
    version: str
    message: str


def read(request: HttpRequest) -> tuple[list[tuple[str, datetime, dict[str, Any]]], list[Failed]]:
    """The objects that can be taken, each with id and version; and the rest. Raises Refused (400, 413, 415)."""
    if not sent_as_ours(request):
        raise Refused(415, "Unsupported media type", "Send application/taxii+json;version=2.1.")
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > LONGEST:
        raise Refused(413, "Request entity too large", f"At most {LONGEST} bytes.")
    taken, failed = [], []
    for each in _objects(request.body):
        try:
            taken.append(_checked(each))
        except Refused as refused:
            failed.append(Failed(*_named(each), refused.description))
    return taken, failed


def _objects(body: bytes) -> list[Any]:
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        envelope = None
    objects = envelope.get("objects") if isinstance(envelope, dict) else None
    if not isinstance(objects, list) or not objects or len(objects) > MOST:
        raise Refused(400, "Bad request", f"An envelope with `objects`, from 1 to {MOST} of them, is needed.")
    return objects


def _checked(each: Any) -> tuple[str, datetime, dict[str, Any]]:
    if not isinstance(each, dict) or each.get("spec_version") != "2.1":
        raise Refused(422, "", "not a STIX 2.1 object")
    named, kind = each.get("id"), each.get("type")
    if not isinstance(named, str) or not ID.fullmatch(named) or named.partition("--")[0] != kind:
        raise Refused(422, "", "the id is not one of its type")
    version = each.get("modified") or each.get("created")
    if not isinstance(version, str):
        raise Refused(422, "", "neither `modified` nor `created`")
    try:
        length = len(json.dumps(each, ensure_ascii=False).encode())
    except (ValueError, RecursionError):
        raise Refused(422, "", "not text that can be kept") from None
    if length > LONGEST_OBJECT:
        raise Refused(422, "", f"longer than {LONGEST_OBJECT} bytes")
    return named, moment(version), each


def _named(each: Any) -> tuple[str, str]:
    """As it was given, as far as it can be given back."""
    found = each if isinstance(each, dict) else {}
    given = (found.get(name) for name in ("id", "modified"))
    texts = (value[:100] if isinstance(value, str) else "" for value in given)
    return tuple(text.encode(errors="replace").decode() for text in texts)  # type: ignore[return-value]
