"""What the decision reads of people and organisations is written by the clearance officer alone."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Organisation, Person
from clearance.context import acting
from tests.world import World, proved

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", [None, "engineer", "official"])
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounts_organisation SET kind = 'MINISTRY'",
        "UPDATE accounts_organisation SET country = 'JP'",
        "UPDATE accounts_person SET is_active = NOT is_active",
        "UPDATE accounts_person SET organisation_id = (SELECT id FROM accounts_organisation WHERE kind = 'MINISTRY')",
        "INSERT INTO accounts_appointment (id, person_id, duty, since) "
        "SELECT gen_random_uuid(), id, 'CLEARANCE_OFFICER', now() FROM accounts_person",
    ],
)
def test_injected_sql_changes_nothing_the_decision_reads_of_people(world: World, who: str | None, sql: str) -> None:
    def read() -> list[object]:
        people = Person.objects.order_by("pk").values_list("pk", "is_active", "organisation_id")
        return [*people, *Organisation.objects.order_by("pk").values_list("pk", "kind", "country")]

    before = read()
    with transaction.atomic():
        if who:
            with acting(person=world.people[who].pk, assurance=proved(2)):
                run(sql)
        else:
            run(sql)
    assert read() == before


def run(sql: str) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        pass  # refused outright: as good as changing no row


def test_the_officer_locks_and_corrects(world: World) -> None:
    with acting(person=world.clearance_officer.pk, assurance=proved(2)):
        assert Organisation.objects.filter(pk=world.partner.pk).update(country="DE") == 1
        assert Person.objects.filter(pk=world.engineer.pk).update(is_active=False) == 1
