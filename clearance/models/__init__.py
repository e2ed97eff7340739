"""What the access decision reads: markings, authorisations, circles; and the base of everything that carries a
marking."""

from .authorisations import Authorisation, OrganisationCertification, Suspension
from .circles import Circle, CircleMember, CircleOrganisation, NamedHandler, Role
from .grants import HandlerEntry, ItemGrant
from .indexed import Indexed
from .invitations import CircleInvitation
from .limits import LimitLift
from .marked import Marked, UnderMarking
from .markings import Compartment, Level, Marking, MarkingPreset, ReleaseGroup, Tlp
from .vouched import PutBack, Vouched, compare, compared

__all__ = [
    "Authorisation",
    "Circle",
    "CircleInvitation",
    "CircleMember",
    "CircleOrganisation",
    "Compartment",
    "HandlerEntry",
    "Indexed",
    "ItemGrant",
    "Level",
    "LimitLift",
    "Marked",
    "Marking",
    "MarkingPreset",
    "NamedHandler",
    "OrganisationCertification",
    "PutBack",
    "ReleaseGroup",
    "Role",
    "Suspension",
    "Tlp",
    "UnderMarking",
    "Vouched",
    "compare",
    "compared",
]
