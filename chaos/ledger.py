"""What was tried, what was answered with a yes, and what the yes was given for; written by many threads."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Promise:
    """A yes: something a client was told is done. `key` is a document's or thread's id, `token` a word in it."""

    kind: str
    key: str
    token: str
    who: str
    fault: str


@dataclass
class Ledger:
    """`fault` names what goes on while an operation is begun; what it did counts there."""

    fault: str = "none"
    tried: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    contents: dict[str, bytes] = field(default_factory=dict)
    promises: list[Promise] = field(default_factory=list)
    suspended: dict[str, set[bool]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def attempt(self) -> str:
        """The fault that this operation counts for."""
        with self._lock:
            self.tried[self.fault] += 1
            return self.fault

    def promised(self, fault: str, kind: str, key: str, token: str, who: str) -> None:
        with self._lock:
            self.acknowledged[fault] += 1
            self.promises.append(Promise(kind, key, token, who, fault))

    def served(self, fault: str) -> None:
        """A yes that promises nothing for later: a page, a download."""
        with self._lock:
            self.acknowledged[fault] += 1

    def miss(self, fault: str) -> None:
        with self._lock:
            self.lost[fault] += 1

    def attempt_state(self, what: str, suspended: bool) -> None:
        """It may be so from now on, or as it was: nobody has said yet."""
        with self._lock:
            self.suspended.setdefault(what, {not suspended}).add(suspended)

    def settle_state(self, what: str, suspended: bool) -> None:
        with self._lock:
            self.suspended[what] = {suspended}
