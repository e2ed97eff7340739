"""The officials' board of one briefing: whom it reached, who opened it, took note, is overdue, answered, and of which
firms nobody has signed in since.

A firm counts as reached where one of its people may read the head, as having opened or acknowledged where
one of its people has. An acknowledgement counts no more once a section that every reader sees asks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Organisation, Person, Session
from clearance.access import Actor
from clearance.clock import today
from clearance.models import CircleMember, CircleOrganisation, NamedHandler
from clearance.models.authorisations import within

from .. import rules
from ..machines import ADDRESSES, is_machine
from ..models import Acknowledgement, Briefing, Opening, Portion, Reply
from .page import label_of
from .reach import reach

NOBODY_YET = (None, None)


@dataclass(frozen=True)
class Reader:
    """One person it was meant for, and what they did with it."""

    person: Person
    opened: datetime | None
    last: datetime | None
    acknowledged: datetime | None
    overdue: bool
    been_here: bool


@dataclass(frozen=True)
class Firm:
    """One organisation with its readers; `stance` is its newest answer but for questions, "" for none."""

    organisation: Organisation
    readers: list[Reader]
    stance: str = ""

    @property
    def opened(self) -> bool:
        return any(reader.opened for reader in self.readers)

    @property
    def acknowledged(self) -> bool:
        return any(reader.acknowledged for reader in self.readers)

    @property
    def overdue(self) -> bool:
        return not self.acknowledged and any(reader.overdue for reader in self.readers)

    @property
    def been_here(self) -> bool:
        return any(reader.been_here for reader in self.readers)


@dataclass(frozen=True)
class Bar:
    """One line of a chart: how many firms of a sector or a size, as far as they got."""

    label: str | Promise
    reached: int
    opened: int
    acknowledged: int
    overdue: int
    most: int

    @property
    def widths(self) -> list[tuple[str, str, str]]:
        """The strip's parts for the picture: class, where each begins, how wide it is; of a hundred."""
        parts = (
            ("ack", self.acknowledged),
            ("open", self.opened - self.acknowledged),
            ("none", self.reached - self.opened),
        )
        found, begin = [], 0.0
        for name, number in parts:
            width = round(100 * max(number, 0) / (self.most or 1), 2)
            if width:
                found.append((name, f"{begin:.2f}", f"{width:.2f}"))
            begin += width
        return found


@dataclass(frozen=True)
class Board:
    """All of it; names are for those who run the briefing."""

    firms: list[Firm]
    replies: list[Reply]
    by_sector: list[Bar] = field(default_factory=list)
    by_size: list[Bar] = field(default_factory=list)

    @property
    def readers(self) -> list[Reader]:
        return [reader for firm in self.firms for reader in firm.readers]

    @property
    def opened(self) -> int:
        return sum(firm.opened for firm in self.firms)

    @property
    def acknowledged(self) -> int:
        return sum(firm.acknowledged for firm in self.firms)

    @property
    def overdue(self) -> int:
        return sum(firm.overdue for firm in self.firms)

    @property
    def away(self) -> list[Firm]:
        """The firms of which nobody has signed in since it was published."""
        return [firm for firm in self.firms if not firm.been_here]


def runs(actor: Actor, briefing: Briefing) -> bool:
    """Whether the actor is an official who runs the audience; of one for everybody, of the ministry that published."""
    if not actor.official or briefing.circle_id in actor.reach.keepers:
        return actor.official
    ours = briefing.originator_id == actor.organisation_id and briefing.circle_id in actor.reach.writers
    return ours and briefing.circle.everyone


def insist(actor: Actor, briefing: Briefing) -> None:
    """Raises Http404."""
    if not runs(actor, briefing):
        raise Http404


def board(actor: Actor, briefing: Briefing) -> Board:
    """In a number of questions that depends on nobody's number. Raises Http404 for whoever does not run it."""
    insist(actor, briefing)
    people = _meant(actor, briefing)
    replies = list(
        Reply.objects.filter(briefing=briefing).select_related("person", "organisation").order_by("-at", "-id")
    )
    for each in replies:
        each.briefing = briefing  # under whose key its text is sealed
    firms = _firms(briefing, people, _stances(replies))
    return Board(firms, replies, _by_sector(firms), _by_size(firms))


def _meant(actor: Actor, briefing: Briefing) -> list[Person]:
    """Who may read it, but for officials and machines. Where nobody may be told by name (a circle of everybody),
    whoever is of the circle, members by themselves and those whom their firms have named, and whoever opened it."""
    if rules.to_see_reach(actor, briefing.circle_id):
        readers = reach(actor, briefing.circle, briefing.marking)
        if readers.named:
            return [each for each in readers.will if not each.organisation.is_ministry and not is_machine(each)]
    now = timezone.now()
    members = CircleMember.objects.filter(within(now), circle_id=briefing.circle_id).values("person_id")
    firms = CircleOrganisation.objects.filter(within(now), circle_id=briefing.circle_id).values("organisation_id")
    handlers = NamedHandler.objects.filter(within(now), circle_id=briefing.circle_id, organisation_id__in=firms)
    found = Person.objects.filter(is_active=True).exclude(organisation__kind=Organisation.Kind.MINISTRY)
    found = found.exclude(email__endswith=ADDRESSES)
    looked = Opening.objects.filter(briefing=briefing, glimpsed=False).values("person_id")
    found = found.filter(Q(pk__in=members) | Q(pk__in=handlers.values("person_id")) | Q(pk__in=looked))
    return list(found.select_related("organisation").order_by("organisation__name", "organisation_id", "name", "id"))


def _firms(briefing: Briefing, people: Sequence[Person], stances: dict[UUID, str]) -> list[Firm]:
    read = Opening.objects.filter(briefing=briefing, glimpsed=False)
    opened = {key: (first, last) for key, first, last in read.values_list("person_id", "first", "last")}
    noted = dict(
        Acknowledgement.objects.filter(briefing=briefing).order_by().values_list("person_id").annotate(Max("at"))
    )
    asked = Portion.objects.filter(
        briefing=briefing, marking_id=briefing.marking_id, ask_again=True, until__isnull=True
    ).aggregate(at=Max("created"))["at"]
    seen = set(
        Session.objects.filter(person__in=people, seen__gte=briefing.created)
        .order_by()
        .values_list("person_id", flat=True)
    )
    late = briefing.acknowledge_by is not None and briefing.acknowledge_by < today()
    firms: dict[UUID, Firm] = {}
    for person in people:
        first, last = opened.get(person.pk, NOBODY_YET)
        at = noted.get(person.pk)
        if at is not None and asked is not None and asked > at:
            at = None
        been = person.pk in seen or first is not None
        been = been or (person.last_login is not None and person.last_login >= briefing.created)
        firm = firms.setdefault(
            person.organisation_id,
            Firm(person.organisation, [], stances.get(person.organisation_id, "")),
        )
        firm.readers.append(Reader(person, first, last, at, late and at is None, been))
    return list(firms.values())


def _stances(replies: Iterable[Reply]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for each in replies:
        if each.kind != Reply.Kind.QUESTION:
            found.setdefault(each.organisation_id, each.kind)
    return found


def _by_sector(firms: Sequence[Firm]) -> list[Bar]:
    """A firm of several sectors stands in each of them."""
    codes = sorted({code for firm in firms for code in firm.organisation.sectors})
    groups = [(label_of(code), [firm for firm in firms if code in firm.organisation.sectors]) for code in codes]
    none = [firm for firm in firms if not firm.organisation.sectors]
    return _bars([*groups, (_("業種の登録なし"), none)])


def _by_size(firms: Sequence[Firm]) -> list[Bar]:
    sizes = [size for size in Organisation.Size if size]
    groups = [(size.label, [firm for firm in firms if firm.organisation.size == size]) for size in sizes]
    none = [firm for firm in firms if not firm.organisation.size]
    return _bars([*groups, (_("規模の登録なし"), none)])


def _bars(groups: Sequence[tuple[str | Promise, list[Firm]]]) -> list[Bar]:
    most = max((len(firms) for _label, firms in groups), default=0)
    return [
        Bar(
            label, len(firms), sum(firm.opened for firm in firms), sum(firm.acknowledged for firm in firms),
            sum(firm.overdue for firm in firms), most,
        )
        for label, firms in groups
        if firms
    ]  # fmt: skip
