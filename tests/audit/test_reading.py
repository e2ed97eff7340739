"""Reading through libpq: what goes wrong there is an error like any other, and leaves no connection half-way."""

import pytest
from django.db import DatabaseError, connections

from audit import reading
from tests.audit.conftest import happen, sealed
from tests.world import as_role


@pytest.mark.django_db
def test_a_refusal_of_the_database_is_an_error() -> None:
    with pytest.raises(DatabaseError, match="permission denied"), as_role("portal_intake"):
        list(reading.places("default", 0, 1))


@pytest.mark.django_db(transaction=True)
def test_whoever_stops_reading_leaves_a_connection_that_works() -> None:
    happen(200)
    sealed()
    lines = reading.places("owner", 0, 200)
    assert next(lines)[0] == 0
    lines.close()  # type: ignore[attr-defined]
    assert len(list(reading.places("owner", 0, 200))) == 200
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
