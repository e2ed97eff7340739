"""Keeping the registers of organisations and people: who may, what is refused, what is noted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import queries, services
from accounts.forms import ForeignControlForm, InvitePersonForm, OrganisationForm, PersonForm
from accounts.models import ForeignControl, Membership, Organisation, Person, Session
from audit.models import Event
from tests.accounts.conftest import PASSWORD, People, post_password
from tests.accounts.doing import sign_in_with_password
from tests.world import as_owner, person

pytestmark = pytest.mark.django_db

Kind = Organisation.Kind
NUMBER = "7000012050002"


def noted() -> list[tuple[str, str, dict[str, Any]]]:
    with as_owner():
        return [(e.act, e.target_id, e.detail) for e in Event.objects.order_by("at", "id")]


def membership(people: People) -> Membership:
    return services.join_association(actor=people.officer_acts, association=people.association, member=people.maker)


DOINGS: dict[str, Callable[[Any, People], object]] = {
    "add an organisation": lambda actor, p: services.add_organisation(actor=actor, kind=Kind.COMPANY, name="新会社"),
    "change an organisation": lambda actor, p: services.change_organisation(
        actor=actor, organisation=p.maker, name="朝霧工業"
    ),
    "close an organisation": lambda actor, p: services.change_organisation(
        actor=actor, organisation=p.maker, active=False
    ),
    "join an association": lambda actor, p: services.join_association(
        actor=actor, association=p.association, member=p.maker
    ),
    "record foreign control": lambda actor, p: services.record_foreign_control(
        actor=actor, organisation=p.maker, as_of=date(2026, 3, 31), source="申告", voting_share=Decimal("4.2")
    ),
    "add a person": lambda actor, p: services.add_person(
        actor=actor, email="new@example.test", name="新 人", organisation=p.maker
    ),
    "invite a person": lambda actor, p: services.invite(actor=actor, person=p.colleague),
    "change a person": lambda actor, p: services.change_person(actor=actor, person=p.engineer, title="部長"),
    "lock a person": lambda actor, p: services.suspend_person(actor=actor, person=p.engineer),
}
NOTED = {
    "add an organisation": "organisation.register",
    "change an organisation": "organisation.change",
    "close an organisation": "organisation.deactivate",
    "join an association": "organisation.membership",
    "record foreign control": "organisation.change",
    "add a person": "person.register",
    "invite a person": "person.invite",
    "change a person": "person.change",
    "lock a person": "person.deactivate",
}


@pytest.mark.parametrize("doing", DOINGS)
def test_an_officers_doing_is_noted_with_its_target_and_without_names(people: People, doing: str) -> None:
    DOINGS[doing](people.officer_acts, people)
    ((act, target, detail),) = noted()
    assert act == NOTED[doing]
    assert target
    assert not any(word in str(detail) for word in ("新", "朝霧", "@", people.engineer.name))


@pytest.mark.parametrize("duties", [(), ("OFFICIAL",), ("AUDITOR", "SECRETARY")], ids=str)
@pytest.mark.parametrize("doing", DOINGS)
def test_nobody_else_may(people: People, doing: str, duties: tuple[str, ...]) -> None:
    with pytest.raises(services.NotAllowed):
        DOINGS[doing](people.acting(people.engineer, *duties), people)
    assert noted() == []


@pytest.mark.parametrize("doing", DOINGS)
def test_what_cannot_be_noted_does_not_happen(people: People, doing: str) -> None:
    def state() -> list[object]:
        models = (Organisation, Person, Membership, ForeignControl)
        return [list(model.objects.order_by("pk").values()) for model in models]

    before = state()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("REVOKE INSERT ON audit_event FROM portal_app")
    with pytest.raises(DatabaseError):
        DOINGS[doing](people.officer_acts, people)
    assert state() == before


BAD_ORGANISATIONS: dict[str, dict[str, Any]] = {
    "a wrong check digit": {"corporate_number": "6000012050002"},
    "a number abroad": {"corporate_number": NUMBER, "country": "NL"},
    "an unknown kind": {"kind": "CLUB"},
    "an unknown sector": {"sectors": ["MAGIC"]},
    "a sector twice": {"sectors": ["SEMICON", "SEMICON"]},
    "sectors that are no list": {"sectors": "SEMICON"},
    "an unknown step": {"step": "MIDDLE"},
    "an unknown size": {"size": "HUGE"},
    "an unknown region": {"region": "MOON"},
    "no name": {"name": ""},
    "a country by its name": {"country": "Japan"},
}


@pytest.mark.parametrize("fields", BAD_ORGANISATIONS.values(), ids=BAD_ORGANISATIONS)
def test_an_organisation_is_refused_for(people: People, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        services.add_organisation(actor=people.officer_acts, **({"kind": Kind.COMPANY, "name": "新会社"} | fields))


def test_a_corporate_number_belongs_to_one_organisation_and_none_to_many(people: People) -> None:
    actor = people.officer_acts
    services.add_organisation(actor=actor, kind=Kind.COMPANY, name="甲", corporate_number=NUMBER)
    with pytest.raises(ValidationError):
        services.add_organisation(actor=actor, kind=Kind.COMPANY, name="乙", corporate_number=NUMBER)
    for name in ("丙", "丁"):
        assert services.add_organisation(actor=actor, kind=Kind.COMPANY, name=name, corporate_number="").pk


DATABASE_REFUSES: dict[str, Callable[[People], object]] = {
    "a country in small letters": lambda p: Organisation(kind="COMPANY", name="x", country="jp").save(),
    "an unknown kind": lambda p: Organisation(kind="CLUB", name="x").save(),
    "a number that is none": lambda p: Organisation(kind="COMPANY", name="x", corporate_number="0" * 13).save(),
    "a membership of itself": lambda p: Membership(association=p.maker, member=p.maker).save(),
    "an end before the beginning": lambda p: Membership(
        association=p.association, member=p.maker, until=timezone.now() - timedelta(days=1)
    ).save(),
    "more votes than there are": lambda p: ForeignControl(
        organisation=p.maker, as_of=date(2026, 1, 1), voting_share=Decimal("100.01"), source="x"
    ).save(),
    "a fact that says nothing": lambda p: ForeignControl(
        organisation=p.maker, as_of=date(2026, 1, 1), source="x"
    ).save(),
    "an address in capitals": lambda p: Person(email="A@EXAMPLE.TEST", name="x", organisation=p.maker).save(),
    "the same address twice": lambda p: Person(email=p.engineer.email, name="x", organisation=p.maker).save(),
}


@pytest.mark.parametrize("wrong", DATABASE_REFUSES.values(), ids=DATABASE_REFUSES)
def test_the_database_itself_refuses(people: People, wrong: Callable[[People], object]) -> None:
    with as_owner(), pytest.raises(IntegrityError), transaction.atomic():
        wrong(people)


def test_memberships_have_dates(people: People) -> None:
    now = timezone.now()
    begun = services.join_association(
        actor=people.officer_acts, association=people.association, member=people.maker, since=now - timedelta(days=10)
    )
    with pytest.raises(ValidationError):
        membership(people)  # runs already
    services.leave_association(actor=people.officer_acts, membership=begun, until=now - timedelta(days=5))
    assert list(queries.members_of(people.association, at=now - timedelta(days=7))) == [people.maker]
    assert list(queries.members_of(people.association)) == []
    assert [m.association for m in queries.memberships_of(people.maker, at=now - timedelta(days=7))] == [
        people.association
    ]
    assert membership(people).pk  # joins again
    assert list(queries.members_of(people.association)) == [people.maker]
    with pytest.raises(ValidationError):
        services.leave_association(actor=people.officer_acts, membership=begun, until=now - timedelta(days=20))


def test_only_associations_have_members(people: People) -> None:
    with pytest.raises(ValidationError):
        services.join_association(actor=people.officer_acts, association=people.maker, member=people.association)


BAD_FACTS: dict[str, dict[str, Any]] = {
    "nothing in it": {},
    "a share over a hundred": {"voting_share": Decimal("100.5")},
    "a share under nought": {"voting_share": Decimal("-1")},
    "a day to come": {"officers": 1, "as_of": date(2999, 1, 1)},
    "no source": {"officers": 1, "source": ""},
}


@pytest.mark.parametrize("fields", BAD_FACTS.values(), ids=BAD_FACTS)
def test_a_fact_on_foreign_control_is_refused_for(people: People, fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        services.record_foreign_control(
            actor=people.officer_acts,
            organisation=people.maker,
            **({"as_of": date(2026, 3, 31), "source": "申告"} | fields),
        )


def test_facts_follow_each_other_newest_first(people: People) -> None:
    for day, share in ((date(2025, 3, 31), "3.0"), (date(2026, 3, 31), "4.2")):
        services.record_foreign_control(
            actor=people.officer_acts,
            organisation=people.maker,
            as_of=day,
            source="申告",
            voting_share=Decimal(share),
        )
    assert [str(fact.voting_share) for fact in people.maker.foreign_control.all()] == ["4.20", "3.00"]


def test_a_change_that_changes_nothing_is_not_noted(people: People) -> None:
    services.change_organisation(actor=people.officer_acts, organisation=people.maker, name=people.maker.name)
    services.change_person(actor=people.officer_acts, person=people.engineer, title=people.engineer.title)
    services.reinstate_person(actor=people.officer_acts, person=people.engineer)
    assert noted() == []


def test_a_locked_account_is_out_at_the_next_click_and_back_after_signing_in_anew(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    services.suspend_person(actor=people.officer_acts, person=people.engineer)
    assert not Session.objects.filter(person=people.engineer).exists()
    assert client.get("/account/").headers["Location"].startswith("/account/login/")
    assert post_password(Client(), people.engineer.email, PASSWORD)["Location"] == "/account/inactive/"
    services.reinstate_person(actor=people.officer_acts, person=people.engineer)
    assert client.get("/account/").status_code == 302
    assert post_password(client, people.engineer.email, PASSWORD)["Location"] == "/"


def test_a_closed_organisation_is_out_at_the_next_click(people: People) -> None:
    client = sign_in_with_password(people.engineer)
    services.change_organisation(actor=people.officer_acts, organisation=people.maker, active=False)
    assert client.get("/account/").headers["Location"].startswith("/account/login/")


@pytest.mark.parametrize("doing", [services.suspend_person, services.reinstate_person])
def test_nobody_locks_or_opens_their_own_account(people: People, doing: Callable[..., Person]) -> None:
    with pytest.raises(ValidationError):
        doing(actor=people.officer_acts, person=people.officer)


@pytest.mark.parametrize("fields", [{"name": ""}, {"language": "fr"}, {"title": "長" * 101}], ids=str)
def test_a_person_is_not_changed_to(people: People, fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        services.change_person(actor=people.officer_acts, person=people.engineer, **fields)  # type: ignore[arg-type]


def test_names_come_in_one_query(people: People, django_assert_num_queries: Any) -> None:
    wanted = [people.engineer.pk, people.officer.pk, people.maker.pk]
    with django_assert_num_queries(1):
        assert queries.names_of(wanted) == {
            people.engineer.pk: people.engineer.name,
            people.officer.pk: people.officer.name,
        }
    with django_assert_num_queries(0):
        assert queries.names_of([]) == {}


def test_the_officers_forms_carry_what_the_services_take(people: People) -> None:
    form = OrganisationForm(
        {"kind": "COMPANY", "name": "新会社", "corporate_number": "", "sectors": ["SEMICON"], "country": "JP"}
    )
    assert form.is_valid(), form.errors
    made = services.add_organisation(actor=people.officer_acts, **form.cleaned_data)
    assert (made.corporate_number, made.sector_names, made.country_name) == (None, ["半導体"], "日本")
    abroad = OrganisationForm({"kind": "COMPANY", "name": "x", "corporate_number": NUMBER, "country": "NL"})
    assert list(abroad.errors) == ["corporate_number"]
    newcomer = InvitePersonForm(
        {"email": "NEW@example.test", "name": "新 人", "organisation": made.pk, "language": "ja"}
    )
    assert newcomer.is_valid(), newcomer.errors
    added = services.add_person(actor=people.officer_acts, **newcomer.cleaned_data)
    assert added.email == "new@example.test"
    changed = PersonForm({"name": "新 人子", "title": "課長", "language": "en"}, instance=added)
    assert changed.is_valid(), changed.errors
    assert services.change_person(actor=people.officer_acts, person=added, **changed.cleaned_data).title == "課長"
    fact = ForeignControlForm({"as_of": "2026-03-31", "voting_share": "12.5", "source": "申告"})
    assert fact.is_valid(), fact.errors
    services.record_foreign_control(actor=people.officer_acts, organisation=made, **fact.cleaned_data)


def test_a_person_is_registered_once(people: People) -> None:
    with pytest.raises(ValidationError):
        services.add_person(
            actor=people.officer_acts, email=people.engineer.email.upper(), name="同", organisation=people.maker
        )
    with as_owner():
        assert person(people.maker).pk
