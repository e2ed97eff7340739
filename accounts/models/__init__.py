"""Organisations, the people in them, the duties they are appointed to, and their sessions."""

from accounts.corporate_number import corporate_number_check_digit, validate_corporate_number

from .organisations import ForeignControl, Membership, Organisation
from .people import Appointment, Invitation, Person
from .sessions import Session

__all__ = [
    "Appointment",
    "ForeignControl",
    "Invitation",
    "Membership",
    "Organisation",
    "Person",
    "Session",
    "corporate_number_check_digit",
    "validate_corporate_number",
]
