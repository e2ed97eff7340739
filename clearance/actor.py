"""Who acts: a person in a session, or a job; with what they reach at this moment."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from accounts.assurance import Assurance

from .reach import NOWHERE, Reach


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting person (None for anonymous and for jobs), their duties, and their reach.

    `clearance_officer`: whether they act as one, with the duty and a second factor within the hour. `opened` is how
    many item keys were opened for them today before this request, `lifted` how far their limit was lifted
    (clearance/limits.py).
    """

    person_id: UUID | None
    organisation_id: UUID | None
    duties: frozenset[str]
    assurance: Assurance
    reach: Reach
    job: bool = False
    clearance_officer: bool = False
    opened: int = 0
    lifted: int = 0

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None

    @property
    def official(self) -> bool:
        return "OFFICIAL" in self.duties

    @property
    def keeps_registers(self) -> bool:
        """Whether they hold the clearance officer's duty, whatever their session has proved."""
        return "CLEARANCE_OFFICER" in self.duties

    @property
    def auditor(self) -> bool:
        return "AUDITOR" in self.duties

    @property
    def secretary(self) -> bool:
        return "SECRETARY" in self.duties


ANONYMOUS = Actor(None, None, frozenset(), Assurance(None, None, None), NOWHERE)
