"""What happens to people, organisations and sessions: one function for each thing, checked, changed and recorded."""

from .acting import NotAllowed, Officer
from .appointments import appoint, dismiss, found
from .factors import ProvenOfficer, Why, revoke_factors, revoke_factors_at_the_server
from .invitations import accept_invitation, add_person, invite, invited_by
from .organisations import (
    add_organisation,
    change_organisation,
    join_association,
    leave_association,
    record_foreign_control,
)
from .people import change_language, change_person, reinstate_person, suspend_person
from .reading import note_organisation
from .sessions import end_other_sessions, end_session

__all__ = [
    "NotAllowed",
    "Officer",
    "ProvenOfficer",
    "Why",
    "accept_invitation",
    "add_organisation",
    "add_person",
    "appoint",
    "change_language",
    "change_organisation",
    "change_person",
    "dismiss",
    "end_other_sessions",
    "end_session",
    "found",
    "invite",
    "invited_by",
    "join_association",
    "leave_association",
    "note_organisation",
    "record_foreign_control",
    "reinstate_person",
    "revoke_factors",
    "revoke_factors_at_the_server",
    "suspend_person",
]
