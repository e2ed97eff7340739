"""What pages ask about people and organisations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Invitation, Membership, Organisation, Person, Session
from accounts.sessions import SessionStore


def names_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of these people, for those that exist. One query, whatever the number."""
    wanted = {each for each in ids if each is not None}
    return dict(Person.objects.filter(pk__in=wanted).order_by().values_list("pk", "name")) if wanted else {}


def organisation_names_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of these organisations, for those that exist. One query, whatever the number."""
    wanted = {each for each in ids if each is not None}
    found = Organisation.objects.filter(pk__in=wanted).order_by()
    return dict(found.values_list("pk", "name")) if wanted else {}


def ids_called(text: str, *, most: int = 200) -> list[UUID]:
    """The people whose name holds the text or whose e-mail address it is. For pages of officers and auditors alone."""
    called = Q(name__icontains=text) | Q(email__iexact=text)
    return list(Person.objects.filter(called).order_by("name", "id").values_list("pk", flat=True)[:most])


def colleagues(person: Person) -> QuerySet[Person]:
    """The people of one's own organisation: the only directory anybody but an officer gets."""
    return Person.objects.filter(organisation_id=person.organisation_id, is_active=True).order_by("name", "id")


def colleagues_page(person: Person, *, after: str | None, limit: int) -> tuple[list[Person], UUID | None]:
    """One page of them, and the id of its last where more follow. `after`: that id; of anybody else it is ignored."""
    rows = colleagues(person)
    try:
        last = rows.filter(pk=UUID(after)).first() if after else None
    except ValueError:
        last = None
    if last is not None:
        rows = rows.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    page = list(rows[: limit + 1])
    return page[:limit], page[limit - 1].pk if len(page) > limit else None


def memberships_of(organisation: Organisation, *, at: datetime | None = None) -> QuerySet[Membership]:
    """The associations an organisation belongs to at the moment (now, unless told)."""
    return (
        Membership.objects.in_force(at or timezone.now())
        .filter(member=organisation)
        .select_related("association")
        .order_by("association__name", "id")
    )


def members_of(association: Organisation, *, at: datetime | None = None) -> QuerySet[Organisation]:
    """The organisations that belong to an association at the moment (now, unless told)."""
    in_force = Membership.objects.in_force(at or timezone.now()).filter(association=association)
    return Organisation.objects.filter(pk__in=in_force.order_by().values("member_id")).order_by("name", "id")


def open_invitation(person: Person) -> Invitation | None:
    """The invitation this person can still accept."""
    found: Invitation | None = Invitation.objects.open(timezone.now()).filter(person=person).first()
    return found


def factors_of(person: Person) -> dict[str, int]:
    """How many of each kind of proof the person has registered; a kind they have none of is missing."""
    kinds = Authenticator.objects.filter(user=person).order_by().values_list("type", flat=True)
    return {str(kind): number for kind, number in Counter(kinds).items()}


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of a person's sessions, as their own page shows it. `key` is the hash: it opens nothing."""

    key: str
    browser: str
    started: datetime
    seen: datetime
    present: bool


def sessions_of(person: Person, *, present: str | None) -> list[OpenSession]:
    """The person's sessions that still open, the latest active first. `present`: the cookie's key of this one."""
    return [
        session
        for row in Session.objects.filter(person=person, expire_date__gt=timezone.now()).order_by(
            "-seen", "session_key"
        )
        if (session := _described(row, SessionStore(present))) is not None
    ]


def _described(row: Session, own: SessionStore) -> OpenSession | None:
    content = SessionStore.peek(row)
    if content is None:
        return None
    return OpenSession(
        key=row.session_key,
        browser=str(content.data.get("browser", "")),
        started=content.started,
        seen=row.seen,
        present=own.is_row(row.session_key),
    )
