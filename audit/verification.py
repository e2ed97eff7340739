"""The check of the whole log in one pass: every event, every place, every seal.

Each seal's root is computed again from the events as they are now. Where it does not come out, the stretch goes to
`audit.diagnosis`, which says which row it is. The seals form a chain in which each names the one before with its
signature, so the signature of the last vouches for all; others are checked only where the chain is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import chain
from multiprocessing.connection import Connection

from django.utils import timezone

from audit import merkle, reading
from audit.acts import Act
from audit.diagnosis import Suspect, diagnose
from audit.encoding import moment
from audit.findings import Fault, Finding
from audit.heads import BEFORE_THE_FIRST, Head
from audit.reading import SealRow
from audit.services import SYSTEM, record
from audit.stretches import Stretch, dealt, helped, helpers_for

MOST_FINDINGS = 1000
# An event is sealed within a second; the hour's sweep finds the stragglers. What claims to be older than an earlier
# seal by more than that was put in afterwards.
LATE = timedelta(hours=1)
EARLY = timedelta(minutes=5)  # a clock may run ahead by as much
GRACE = timedelta(seconds=60)  # how long an event may be without a seal
BEHIND = timedelta(minutes=5)  # how far the second place may be behind: it is tried again each minute

Check = Callable[[bytes, bytes], bool]


class CannotSee(RuntimeError):
    """The connection's role does not see the whole log: a check would pass over what it does not see."""


@dataclass(frozen=True, slots=True)
class Report:
    """How many events are sealed, under which head, and what is wrong with them."""

    size: int
    head: Head | None
    findings: list[Finding]


def check_log(
    *,
    verify: Check,
    earlier: Sequence[Head] = (),
    second: Sequence[Head] | None = None,
    grace: timedelta = GRACE,
    using: str = "default",
) -> Report:
    """Check the whole log; `earlier` are heads kept from earlier times: any one catches a log that was made anew.

    `second` are those of the second place, where there is one: they are compared like the others, and have to be up to
    date but for BEHIND.

    `verify(data, signature)` tells whether one of our keys signed the data. Events without a seal count as a fault
    once they are older than `grace`. Runs as `portal_worker` or the owner; raises CannotSee for any other role.
    """
    if not reading.sees_all(using):
        raise CannotSee
    kept = {*earlier, *(second or ())}
    run = _Pass(verify=verify, using=using, earlier=sorted(kept, key=lambda head: head.size))
    run.check(grace)
    run.check_second(second)
    return Report(run.size, run.last, run.result())


def note(report: Report) -> None:
    """Record that the log was checked and what came of it, for the auditor's page."""
    record(actor=SYSTEM, act=Act.AUDIT_VERIFY, detail={"findings": len(report.findings), "size": report.size})


@dataclass
class _Pass:
    """The state of one pass over the log."""

    verify: Check
    using: str
    earlier: list[Head]
    size: int = 0
    frontier: merkle.Frontier = ()
    last: Head | None = None
    run_before: str = ""  # when the sealer ran before: a run that catches up makes many seals of one moment
    findings: list[Finding] = field(default_factory=list)
    suspects: list[Suspect] = field(default_factory=list)
    breaks: list[tuple[Head | None, SealRow]] = field(default_factory=list)
    behind: str = ""
    owed: int = 0  # how many events the second place must cover
    met: int = 0  # how many of the earlier heads the pass has come by
    differing: list[Head] = field(default_factory=list)

    def check(self, grace: timedelta) -> None:
        # Asked first: what is recorded while we read may be sealed after we have read.
        self.behind = moment(timezone.now() - BEHIND)
        loose = reading.loose(self.using, moment(timezone.now() - grace), MOST_FINDINGS + 1)
        with helped(helpers_for(reading.size(self.using))) as helpers:
            for page in reading.seals(self.using):
                self._check_page(page, helpers)
        self.findings += diagnose(
            self.suspects,
            loose=loose,
            beyond=reading.beyond(self.using, MOST_FINDINGS + 1),
            using=self.using,
            authentic=self._authentic,
        )
        self._check_chain()
        self._check_earlier()

    def check_second(self, second: Sequence[Head] | None) -> None:
        """Whether the second place has what was sealed up to a while ago."""
        newest = max((head.size for head in second or ()), default=0)
        if second is not None and self.owed > newest:
            self.findings.append(Finding(Fault.HEADS_BEHIND, newest, until=self.owed - 1))

    def result(self) -> list[Finding]:
        """Each fault once, in the order of the log, as many as anybody will read."""
        found = sorted(dict.fromkeys(self.findings), key=lambda each: (each.seq is None, each.seq or 0, each.event_id))
        return found if len(found) <= MOST_FINDINGS else [*found[:MOST_FINDINGS], Finding(Fault.TOO_MANY)]

    def _check_page(self, page: list[SealRow], helpers: list[Connection]) -> None:
        stops = [seal.head.size for seal in page]
        found = chain.from_iterable(dealt(reading.chunks(self.using, self.size, stops), helpers))
        for seal, stretch in zip(page, found, strict=True):
            self._check_seal(seal, stretch)

    def _check_seal(self, seal: SealRow, stretch: Stretch) -> None:
        head, start = seal.head, self.size
        if self.last and self.last.at < head.at:
            self.run_before = self.last.at
        if head.previous != (self.last.digest if self.last else BEFORE_THE_FIRST).hex():
            self.breaks.append((self.last, seal))
        hashes = merkle.unpack(stretch.hashes)
        grown, subtrees = None, list[bytes]()
        if len(hashes) == head.size - start:
            grown, subtrees = merkle.grow(start, self.frontier, hashes)
        if grown is not None and merkle.root(grown).hex() == head.root:
            self._check_copies(seal, start, grown, stretch.hashes + merkle.pack(subtrees))
            self._check_dates(head, start, stretch)
            self._meet(start, head, hashes)
            self.frontier = grown
        else:
            self.suspects.append(Suspect(head, start, self.frontier))
            self._meet_damaged(head)
            self.frontier = _go_on(seal, grown)
        self.last, self.size = head, head.size
        if head.at < self.behind:
            self.owed = head.size

    def _check_copies(self, seal: SealRow, start: int, grown: merkle.Frontier, kept: bytes) -> None:
        after_the_last = seal.added == seal.head.size - start  # else a seal is missing: the chain says so
        if after_the_last and (seal.frontier != merkle.pack(grown) or seal.kept_hash != sha256(kept).digest()):
            self.findings.append(Finding(Fault.SEAL_WORN, seal.head.size - 1, sealed_at=seal.head.at))

    def _check_dates(self, head: Head, start: int, stretch: Stretch) -> None:
        earliest = _shifted(self.run_before, -LATE) if self.run_before else ""
        latest = _shifted(head.at, EARLY)
        if (stretch.earliest < earliest or stretch.latest > latest) and len(self.findings) <= MOST_FINDINGS:
            places = reading.places(self.using, start, head.size)
            wrong = [place for place in places if not earliest <= place[2] <= latest]
            self.findings += [Finding(Fault.MISDATED, place[0], place[1], sealed_at=head.at) for place in wrong]

    def _meet(self, start: int, head: Head, hashes: merkle.Frontier) -> None:
        for kept in self._came_by(head.size):
            then = merkle.extend(start, self.frontier, hashes[: kept.size - start])
            if merkle.root(then).hex() != kept.root:
                self.differing.append(kept)

    def _meet_damaged(self, head: Head) -> None:
        self.differing += [
            kept for kept in self._came_by(head.size) if kept.size == head.size and kept.root != head.root
        ]

    def _came_by(self, size: int) -> Iterator[Head]:
        while self.met < len(self.earlier) and self.earlier[self.met].size <= size:
            yield self.earlier[self.met]
            self.met += 1

    def _check_chain(self) -> None:
        for before, seal in self.breaks[: MOST_FINDINGS + 1]:
            head = seal.head
            if not self._authentic(head):
                self._seal_fault(Fault.SEAL_ALTERED, head)
            elif before is None or seal.added != head.size - before.size:
                self._seal_fault(Fault.SEAL_REMOVED, head)
            else:
                self._seal_fault(Fault.SEAL_ALTERED, before)
        if self.last and not self._authentic(self.last):
            self._seal_fault(Fault.SEAL_ALTERED, self.last)

    def _seal_fault(self, fault: Fault, head: Head) -> None:
        self.findings.append(Finding(fault, head.size - 1, sealed_at=head.at))

    def _check_earlier(self) -> None:
        for kept in self.earlier:
            if not self._authentic(kept):
                self.findings.append(Finding(Fault.HEAD_FORGED, sealed_at=kept.at))
            elif kept.size > self.size:
                self.findings.append(Finding(Fault.HEAD_AHEAD, self.size, until=kept.size - 1, sealed_at=kept.at))
            elif kept in self.differing:
                self.findings.append(Finding(Fault.HEAD_DIFFERS, kept.size - 1, sealed_at=kept.at))

    def _authentic(self, head: Head) -> bool:
        return self.verify(head.statement, bytes.fromhex(head.signature))


def _go_on(seal: SealRow, grown: merkle.Frontier | None) -> merkle.Frontier:
    """The tree to go on from after a fault, so that it is told once and only where it is."""
    kept = merkle.unpack(seal.frontier)
    if len(kept) != seal.head.size.bit_count():
        kept = tuple(bytes(merkle.HASH_BYTES) for _ in range(seal.head.size.bit_count()))
    return kept if grown is None or merkle.root(kept).hex() == seal.head.root else grown


def _shifted(at: str, by: timedelta) -> str:
    return moment(datetime.fromisoformat(at) + by)
