"""What the auditor's pages ask of the log. Row-level security decides whether there is an answer at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from audit import merkle, naming
from audit.acts import Act, acts_in, label_of
from audit.encoding import hash_of, row_of
from audit.heads import Head
from audit.models import Event, Leaf, Seal
from audit.proofs import Tree, Unprovable

PAGE = 50
COUNTED = 1000  # a list says how many up to here, then 「1,000件以上」
DAYS = 400  # a year's heads, and a month to be late
LEVELS = range(5)  # docs/glossary.md "Levels"
STRAGGLING = timedelta(minutes=1)  # how much older than the last seal a waiting event may be, to be counted quickly

REFUSALS = frozenset({Act.ACCESS_DENIED, Act.SESSION_FAILED, Act.SESSION_LOCKED})

Holds = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the auditor asked for; empty means everything. `people` is None when nobody was asked for."""

    since: datetime | None = None
    until: datetime | None = None  # up to, not including
    act: str = ""  # an act, or the group of acts
    people: Sequence[UUID] | None = None
    target: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends: the next begins below."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """None for what is no cursor: the list then begins at its beginning."""
        at, _tilde, id_ = text.partition("~")
        try:
            found = cls(datetime.fromisoformat(at), UUID(id_))
        except ValueError:
            return None
        return found if found.at.tzinfo else None


def visible(level: int, holds: Holds) -> bool:
    """Whether label, target and detail of an event may be shown: up to the auditor's own levels, and what is public."""
    return level == 0 or holds(level)


def events(asked: Narrowing, holds: Holds) -> QuerySet[Event]:
    """The events asked for, newest first."""
    found = Event.objects.order_by("-at", "-id")
    if asked.since:
        found = found.filter(at__gte=asked.since)
    if asked.until:
        found = found.filter(at__lt=asked.until)
    if asked.act:
        found = found.filter(act__in=acts_in(asked.act) or [asked.act])
    if asked.people is not None:
        found = found.filter(person_id__in=asked.people)
    if asked.target:
        found = found.filter(target_id=asked.target)
    if asked.label:
        found = found.filter(label__icontains=asked.label)
    if asked.target or asked.label:
        # What is not shown must not be found either: a search would otherwise spell it out.
        found = found.filter(level__in=[level for level in LEVELS if visible(level, holds)])
    return found


def below(found: QuerySet[Event], cursor: Cursor | None, limit: int) -> list[Event]:
    """The next `limit` events after the cursor."""
    if cursor:
        found = found.filter(at__lte=cursor.at).filter(Q(at__lt=cursor.at) | Q(id__lt=cursor.id))
    return list(found[:limit])


def counted(found: QuerySet[Event]) -> int:
    """How many there are, at most one more than COUNTED."""
    return found.order_by()[: COUNTED + 1].count()


@dataclass(frozen=True)
class Shown:
    """An event as one auditor may see it."""

    event: Event
    person: str
    organisation: str
    hidden: bool

    @property
    def act(self) -> str:
        return str(label_of(self.event.act))

    @property
    def target_words(self) -> str:
        return naming.target_words(self.event.target_type) if self.event.target_type else ""

    @property
    def label_parts(self) -> list[str]:
        """The label, cut where a line may break."""
        return [] if self.hidden or not self.event.label else self.event.label.split("//")

    @property
    def target_id(self) -> str:
        return "" if self.hidden else self.event.target_id

    @property
    def detail(self) -> list[tuple[str, str]]:
        return [] if self.hidden else naming.detail_words(self.event.detail)

    @property
    def second(self) -> str:
        """The second within the minute."""
        return f"{self.event.at:%S}"

    @property
    def refusal(self) -> bool:
        """Whether somebody was kept out."""
        return self.event.act in REFUSALS


def shown(found: Sequence[Event], holds: Holds) -> list[Shown]:
    """The events with the names of who acted, and without what lies above the auditor's levels."""
    people = naming.people(event.person_id for event in found)
    organisations = naming.organisations(event.organisation_id for event in found)
    return [
        Shown(
            event=event,
            person=people.get(event.person_id, "") if event.person_id else "",
            organisation=organisations.get(event.organisation_id, "") if event.organisation_id else "",
            hidden=not visible(event.level, holds),
        )
        for event in found
    ]


# --- the seal -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof: the hash beside ours, on which side of it, and what the two make."""

    sibling: str
    left: bool
    result: str


@dataclass
class Proof:
    """That an event stands at its place under a signed head."""

    seq: int
    head: Head
    leaf: bytes
    path: list[bytes] = field(default_factory=list)

    @property
    def place(self) -> int:
        """The place, counted from 1."""
        return self.seq + 1

    @property
    def sealed_at(self) -> datetime:
        return datetime.fromisoformat(self.head.at)

    @property
    def leaf_short(self) -> str:
        return self.leaf.hex()[:16]

    @property
    def holds(self) -> bool:
        return merkle.includes(self.leaf, self.seq, self.head.size, self.path, bytes.fromhex(self.head.root))

    @cached_property
    def steps(self) -> list[Step]:
        made, result = [], self.leaf
        spans = merkle.inclusion_spans(self.seq, 0, self.head.size)
        for sibling, (start, _stop) in zip(self.path, spans, strict=False):  # a damaged seal gives no path
            left = start < self.seq
            result = merkle.node_hash(sibling, result) if left else merkle.node_hash(result, sibling)
            made.append(Step(sibling.hex(), left, result.hex()))
        return made


def proof_of(event: Event) -> Proof | None:
    """The proof of an event as it is now; None while it is not sealed."""
    leaf = Leaf.objects.filter(event_id=event.pk).first()
    seal = heads_from(leaf.seq + 1).first() if leaf else None
    if leaf is None or seal is None:
        return None
    proof = Proof(leaf.seq, Head.of(seal), hash_of(row_of(event)))
    with suppress(Unprovable):  # no path is none that leads to the root
        proof.path = Tree().inclusion(leaf.seq, seal.tree_size)
    return proof


@dataclass(frozen=True, slots=True)
class SealState:
    """How the log stands: its newest seal, what waits for one, and when it was last checked."""

    seal: Seal | None
    waiting: int
    oldest: datetime | None
    checked: Event | None

    @property
    def many(self) -> bool:
        return self.waiting > COUNTED

    @property
    def late(self) -> bool:
        """Whether an event has waited for longer than the sealer needs when it runs."""
        return self.oldest is not None and self.oldest < timezone.now() - STRAGGLING

    @property
    def faults(self) -> int:
        return int(self.checked.detail.get("findings", 0)) if self.checked else 0


def seal_state() -> SealState:
    """The state of the seal. What waits is counted up to COUNTED + 1."""
    unsealed = Event.objects.filter(~Exists(Leaf.objects.filter(event_id=OuterRef("pk")))).order_by("at")
    seal = latest_seals(1).first()
    if seal:
        unsealed = unsealed.filter(at__gte=seal.at - STRAGGLING)
    waiting = unsealed[: COUNTED + 1].aggregate(number=Count("pk"), oldest=Min("at"))
    checked = Event.objects.filter(act=Act.AUDIT_VERIFY).order_by("-at").first()
    return SealState(seal, waiting["number"], waiting["oldest"], checked)


HEAVY = ("leaves", "frontier", "subtrees")  # what a page of heads has no use for


def latest_seals(limit: int, below: int | None = None, using: str = "default") -> QuerySet[Seal]:
    """The newest seals, or the newest of those smaller than `below`, newest first, without what they keep."""
    found = Seal.objects.using(using).order_by("-tree_size").defer(*HEAVY)
    return (found if below is None else found.filter(tree_size__lt=below))[:limit]


def heads_from(size: int) -> QuerySet[Seal]:
    """The seals of at least that size, smallest first, without what they keep."""
    return Seal.objects.filter(tree_size__gte=size).order_by("tree_size").defer(*HEAVY)


def head_of(size: int) -> Head | None:
    """The head of the log of exactly that size, if it was sealed there."""
    seal = Seal.objects.filter(tree_size=size).defer(*HEAVY).first()
    return Head.of(seal) if seal else None


def newest_head(using: str = "default") -> Head | None:
    """The newest head; None while nothing is sealed."""
    seal = latest_seals(1, using=using).first()
    return Head.of(seal) if seal else None


def places_of(found: Sequence[Event], size: int) -> dict[UUID, int]:
    """Where these events stand in the log of that size, counted from 0."""
    leaves = Leaf.objects.filter(event_id__in=[event.pk for event in found], seq__lt=size)
    return dict(leaves.values_list("event_id", "seq"))


def day_ends(size: int, using: str = "default") -> list[int]:
    """The sizes of the last heads of the days (UTC) up to the head of `size`, without it; the newest DAYS of them."""
    days = Seal.objects.using(using).filter(tree_size__lt=size).annotate(day=TruncDate("at", tzinfo=UTC))
    ends = days.values("day").annotate(end=Max("tree_size")).order_by("-end").values_list("end", flat=True)
    return sorted(ends[:DAYS])
