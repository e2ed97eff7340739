"""How the portal talks to its database."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.models import Organisation

pytestmark = pytest.mark.django_db


def test_a_query_that_comes_again_is_planned_once() -> None:
    """The pages' speed rests on it: planning under row-level security takes longer than running."""
    for _ in range(4):
        Organisation.objects.filter(name="無い", step="無い", region="無い").exists()
    with connection.cursor() as cursor:
        prepared = 'SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE \'%"region" = $%"step" = $%\''
        cursor.execute(prepared)
        assert cursor.fetchone()[0] == 1
