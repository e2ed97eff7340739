"""What the frame around every page needs: navigation by duty, the demo's banner, who is signed in."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class NavLink:
    """One entry of the main navigation."""

    label: str
    url: str
    current: str


def navigation(path: str, duties: frozenset[str]) -> list[NavLink]:
    """The parts of the portal a person with these duties works in."""
    entries = [
        (_("ホーム"), "/", True),
        (_("対話の場"), "/rooms/", True),
        (_("文書"), "/documents/", True),
        (_("脅威・リスク情報"), "/briefings/", True),
        (_("匿名相談"), "/consultations/", "OFFICIAL" in duties),
        (_("相談窓口"), "/consultations/desks/", "DESK_MANAGER" in duties),
        (_("保全管理"), "/clearance/", "CLEARANCE_OFFICER" in duties),
        (_("監査"), "/audit/", "AUDITOR" in duties),
    ]
    return [NavLink(label, url, position(path, url)) for label, url, shown in entries if shown]


def position(path: str, url: str) -> str:
    """The value of `aria-current`: `page` on the page itself, `true` below it, else empty."""
    if path == url:
        return "page"
    return "true" if url != "/" and path.startswith(url) else ""


def chrome(request: HttpRequest) -> dict[str, Any]:
    """Reads what the middleware has already loaded; asks the database nothing."""
    user = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    duties: frozenset[str] = frozenset(getattr(getattr(request, "actor", None), "duties", ()))
    return {
        "chrome": {
            "signed_in": signed_in,
            "name": str(getattr(user, "name", "")) if signed_in else "",
            "navigation": navigation(request.path, duties) if signed_in else [],
            "demo": bool(getattr(settings, "DEMO", False)),
            "intake_url": settings.INTAKE_URL,
            "path": request.get_full_path() if request.method == "GET" else request.path,
        }
    }
