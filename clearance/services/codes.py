"""Entering codes: compartments (取扱分野) and release groups (提供可能な国・地域). A code is never changed or taken
away: markings carry its bit."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.services.acting import require_officer
from audit.acts import Act
from audit.services import record

from ..actor import Actor
from ..models import Compartment, ReleaseGroup
from ..models.markings import Code, next_bit


@transaction.atomic
def add_compartment(*, actor: Actor, code: str, name: str, name_en: str = "") -> Compartment:
    """Enter a compartment. Raises NotAllowed; ValidationError for a code taken or ill-formed, and for the 63rd."""
    made = Compartment(code=code, name=name, name_en=name_en)
    _enter(actor, made, Act.CODE_COMPARTMENT)
    return made


@transaction.atomic
def add_release_group(
    *, actor: Actor, code: str, name: str, countries: Iterable[str], name_en: str = ""
) -> ReleaseGroup:
    """Enter a named group of countries (ISO 3166-1 codes). Raises NotAllowed, ValidationError as `add_compartment`."""
    made = ReleaseGroup(code=code, name=name, name_en=name_en, countries=sorted(set(countries)))
    if not made.countries:
        raise ValidationError({"countries": _("国・地域を1つ以上選んでください。")}, code="no_countries")
    _enter(actor, made, Act.CODE_RELEASE_GROUP)
    return made


def _enter(actor: Actor, made: Code, act: str) -> None:
    require_officer(actor)
    with connection.cursor() as cursor:  # two officers at once must not take one bit
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [made._meta.db_table])
    made.bit = next_bit(type(made))
    made.full_clean()
    made.save(force_insert=True)
    record(actor=actor, act=act, target_type=made._meta.model_name or "", target_id=made.pk, detail={"code": made.code})
