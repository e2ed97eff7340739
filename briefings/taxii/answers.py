"""What goes over the wire: media types, resources, errors as TAXII 2.1 has them (sections 1.6, 3.6)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

MEDIA = "application/taxii+json;version=2.1"
STIX_MEDIA = "application/stix+json;version=2.1"
LONGEST = 1024 * 1024  # bytes of a submission


class Refused(Exception):
    """An error resource instead of an answer."""

    def __init__(self, status: int, title: str, description: str = "", **headers: str) -> None:
        super().__init__(title)
        self.status, self.title, self.description, self.headers = status, title, description, headers


def missing() -> Refused:
    """For what there is not and for what one may not see: they look the same."""
    return Refused(404, "Not found")


def resource(found: dict[str, Any], status: int = 200) -> HttpResponse:
    return written(json.dumps(found, ensure_ascii=False), status)


def written(body: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(body.encode(), status=status)
    response["Content-Type"] = MEDIA  # as it stands: Django would add a charset
    response["Cache-Control"] = "private, no-store"
    return response


def refusal(refused: Refused) -> HttpResponse:
    said = {"title": refused.title, "http_status": str(refused.status)}
    if refused.description:
        said["description"] = refused.description
    response = resource(said, refused.status)
    for name, value in refused.headers.items():
        response[name.replace("_", "-")] = value
    return response


def stamp(at: datetime) -> str:
    """A moment to the microsecond: that is how fine a place in a feed is."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """Raises Refused (400)."""
    try:
        at: datetime | None = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not text.endswith("Z"):
        raise Refused(400, "Bad request", "A timestamp is written as in RFC 3339, in UTC with a final Z.")
    return at


def accepted(request: HttpRequest) -> bool:
    """Whether the asker takes our media type: by name, with its version or without, or anything at all."""
    return any(_takes(each) for each in (request.headers.get("Accept") or "*/*").split(","))


def sent_as_ours(request: HttpRequest) -> bool:
    return _split(request.headers.get("Content-Type", "")) == ("application/taxii+json", {"version": "2.1"})


def _takes(accept: str) -> bool:
    kind, parameters = _split(accept)
    if parameters.pop("q", "1").rstrip("0.") == "":
        return False
    if kind in ("*/*", "application/*"):
        return True
    return kind == "application/taxii+json" and parameters in ({}, {"version": "2.1"})


def _split(text: str) -> tuple[str, dict[str, str]]:
    kind, *rest = (part.strip() for part in text.split(";"))
    pairs = (each.partition("=") for each in rest if each)
    return kind.lower(), {name.strip().lower(): value.strip().strip('"') for name, _is, value in pairs}
