"""One entry of the security log: ids and a few words, no name, no e-mail address, no content."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from allauth.core.internal import httpkit
from django.http import HttpRequest
from django.utils import timezone

from accounts.browsers import label
from accounts.sessions import hashed
from audit.acts import Act, group_of
from portal.logs import processes
from portal.requests import current, view_of

# The daily work of the portal is told by the audit log alone. What is not named here is about security: sign-ins,
# denials, the officers' and the operator's acts, what leaves the portal, and every act that is declared later.
EVERYDAY_GROUPS = frozenset({"thread", "message"})
EVERYDAY_VERBS = frozenset(
    {
        "list", "open", "view", "page", "form", "readings", "readership", "search", "explain", "ready", "fail", "join",
        "decline",
    }
)  # fmt: skip
EVERYDAY = frozenset(
    {Act.DOCUMENT_RECEIVE, Act.DOCUMENT_VERSION, Act.DOCUMENT_RECORD, Act.DOCUMENT_REGISTER, Act.ROOM_LEAVE}
)
REFUSALS: dict[str, str] = {
    Act.SESSION_FAILED: "refused",
    Act.SESSION_LOCKED: "locked out",
    Act.ACCESS_DENIED: "denied",
    Act.LIMIT_REACHED: "limit reached",
}
TOLD = ("by", "kind", "reason", "duty", "count")  # keys of an audit event's detail whose values are codes
CODE = re.compile(r"[\w.-]{1,40}", re.ASCII)
SESSION_SHOWN = 12  # hexadecimal digits of the hash that the table of sessions knows it by


def about_security(act: str) -> bool:
    group, _dot, verb = act.partition(".")
    return group not in EVERYDAY_GROUPS and verb not in EVERYDAY_VERBS and act not in EVERYDAY


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, who, from where. Empty where there is nothing to say."""

    at: datetime
    act: str
    outcome: str
    person: str = ""
    target: str = ""  # the person it was done to, or whose account was tried
    session: str = ""
    device: str = ""
    source: str = ""
    view: str = ""
    process: str = ""
    details: dict[str, str] = field(default_factory=dict)
    request: HttpRequest | None = field(default=None, repr=False, compare=False)

    def completed(self) -> Entry:
        """With the session that signing in has opened meanwhile."""
        return replace(self, session=self.session or _session(self.request), request=None)

    def told(self) -> dict[str, str]:
        """Everything but the time, what is empty left out."""
        own = {f.name: getattr(self, f.name) for f in self.__dataclass_fields__.values()}
        for apart in ("at", "details", "request"):
            own.pop(apart)
        return {name: value for name, value in {**own, **self.details}.items() if value}

    def line(self) -> str:
        return json.dumps({"at": self.at.astimezone(UTC).isoformat(timespec="milliseconds"), **self.told()}) + "\n"


def of(actor: Any, act: str, target_type: str, target_id: object, detail: Mapping[str, Any]) -> Entry:
    """The entry of an audit event, with what the request at hand tells of its sender."""
    request = current.get()
    about_a_person = target_type == "person" or group_of(act) == "person"
    return Entry(
        at=timezone.now(),
        act=str(act),
        outcome=REFUSALS.get(str(act), "done"),
        person=str(actor.person_id or ""),
        target=str(target_id) if about_a_person else "",
        session=_session(request),
        device=label(request) if request else "",
        source=source(request) if request else "",
        view=view_of(request) if request else "",
        process=processes.kind(),
        details={name: str(detail[name]) for name in TOLD if name in detail and CODE.fullmatch(str(detail[name]))},
        request=request,
    )


def source(request: HttpRequest) -> str:
    """Where the request comes from, behind as many proxies as are known (ALLAUTH_TRUSTED_PROXY_COUNT)."""
    try:
        return httpkit.get_client_ip(request) or ""
    except Exception:  # noqa: BLE001 -- a header that cannot be read is no reason to lose the entry
        return ""


def _session(request: HttpRequest | None) -> str:
    key = getattr(getattr(request, "session", None), "session_key", None)
    return hashed(key)[:SESSION_SHOWN] if key else ""
