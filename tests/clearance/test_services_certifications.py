"""What organisations have agreed to or are certified for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Organisation
from accounts.services import NotAllowed
from clearance.context import acting
from clearance.models import OrganisationCertification
from clearance.services import certifications
from tests import world as build
from tests.clearance.acts import recorded
from tests.clearance.test_services_authorisations import levels, officer
from tests.world import World

pytestmark = pytest.mark.django_db


def recorded_for(world: World, organisation: Organisation, **terms: Any) -> OrganisationCertification:
    usual: dict[str, Any] = {"kind": "AGREEMENT", "highest": 2, "since": timezone.localdate()}
    with officer(world) as actor:
        return certifications.grant(actor=actor, organisation=organisation, **usual | terms)


def agreement_of(organisation: Organisation) -> OrganisationCertification:
    with build.as_owner():
        return organisation.certifications.get()


@pytest.fixture
def newcomer(world: World) -> Any:
    """Somebody with a pledge whose firm has agreed to nothing yet."""
    with build.as_owner():
        who = build.person(build.organisation("新規参入（架空）"))
        build.authorise(who, 2)
    return who


@pytest.mark.parametrize(("highest", "held"), [(1, [0, 1]), (2, [0, 1, 2])])
def test_an_agreement_makes_pledges_count_up_to_its_level(
    world: World, newcomer: Any, highest: int, held: list[int]
) -> None:
    assert levels(newcomer) == [0]
    made = recorded_for(world, newcomer.organisation, highest=highest)
    assert levels(newcomer) == held
    (event,) = recorded("certification.grant")
    assert event["target_id"] == str(made.pk)
    assert event["detail"] == {"highest": highest, "kind": "AGREEMENT", "organisation": str(made.organisation_id)}


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"highest": 3}, "highest"),
        ({"highest": 0}, "highest"),
        ({"kind": "CERTIFICATION", "highest": 2, "departments": "設計部"}, "highest"),
        ({"kind": "CERTIFICATION", "highest": 3}, "departments"),
        ({"until": date(2020, 1, 1)}, "until"),
    ],
)
def test_each_kind_has_its_bounds(world: World, newcomer: Any, terms: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        recorded_for(world, newcomer.organisation, **terms)
    assert field in refused.value.error_dict


def test_a_ministry_needs_none(world: World) -> None:
    with pytest.raises(ValidationError) as refused:
        recorded_for(world, world.ministry)
    assert "kind" in refused.value.error_dict


@pytest.mark.parametrize(("kind", "highest"), [("AGREEMENT", 3), ("AGREEMENT", 0), ("CERTIFICATION", 2)])
def test_the_database_refuses_what_the_form_would(world: World, kind: str, highest: int) -> None:
    with build.as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        OrganisationCertification.objects.create(organisation=world.maker, kind=kind, highest=highest)


def test_suspending_closes_and_resuming_opens_for_all_its_people(world: World) -> None:
    held = agreement_of(world.maker)
    with officer(world) as actor:
        certifications.suspend(actor=actor, certification=held, reason="契約の見直し")
    assert levels(world.engineer) == [0]
    with officer(world) as actor:
        certifications.resume(actor=actor, certification=held)
    assert levels(world.engineer) == [0, 1, 2]


def test_revoking_is_for_good(world: World) -> None:
    held = agreement_of(world.maker)
    with officer(world) as actor:
        certifications.revoke(actor=actor, certification=held, reason="契約の終了")
        with pytest.raises(ValidationError):
            certifications.resume(actor=actor, certification=held)
    assert levels(world.engineer) == [0]
    assert len(recorded("certification.revoke")) == 1


@pytest.mark.parametrize("who", ["official", "secretary", "engineer", "auditor"])
def test_only_the_clearance_officer_records(world: World, who: str) -> None:
    held = agreement_of(world.maker)
    with acting(person=getattr(world, who).pk, assurance=build.proved(2)) as actor:
        with pytest.raises(NotAllowed):
            certifications.grant(
                actor=actor, organisation=world.maker, kind="AGREEMENT", highest=2,
                until=timezone.localdate() + timedelta(days=9),
            )  # fmt: skip
        with pytest.raises(NotAllowed):
            certifications.suspend(actor=actor, certification=held, reason="x")
        with pytest.raises(NotAllowed):
            certifications.revoke(actor=actor, certification=held, reason="x")
