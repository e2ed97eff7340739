"""Forms: choosing a marking (for documents and dialogues too), and keeping the registers."""

from .codes import CompartmentForm, ReleaseGroupForm
from .entitlements import (
    AssessmentForm,
    AuthorisationForm,
    CertificationForm,
    ReasonForm,
)
from .factors import RevokeFactorsForm
from .filters import OrganisationFilterForm, PeopleFilterForm, RegisterFilterForm
from .markings import BuilderForm, MarkingChoiceForm, MarkingField, marking_choices

__all__ = [
    "AssessmentForm",
    "AuthorisationForm",
    "BuilderForm",
    "CertificationForm",
    "CompartmentForm",
    "MarkingChoiceForm",
    "MarkingField",
    "OrganisationFilterForm",
    "PeopleFilterForm",
    "ReasonForm",
    "RegisterFilterForm",
    "ReleaseGroupForm",
    "RevokeFactorsForm",
    "marking_choices",
]
