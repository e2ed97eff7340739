"""What failed is logged, the values that failed are not."""

import logging
import sys

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from portal.logs import DiscreetFormatter


def logged(error: BaseException) -> str:
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), (type(error), error, error.__traceback__))
    return DiscreetFormatter().format(record)


def caught(error: Exception) -> BaseException:
    try:
        try:
            raise error
        except Exception as inner:
            raise RuntimeError("while saving") from inner
    except RuntimeError as outer:
        return outer


@pytest.mark.django_db
def test_a_violated_constraint_is_named_without_the_value_that_violated_it() -> None:
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET LOCAL ROLE portal_owner")
        cursor.execute("CREATE TABLE people (email text CONSTRAINT one_each UNIQUE)")
        insert, values = "INSERT INTO people VALUES (%s)", ["@".join(("hanako", "example.test"))]
        cursor.execute(insert, values)
        with pytest.raises(IntegrityError) as raised, transaction.atomic():
            cursor.execute(insert, values)
        text = logged(raised.value)
        cursor.execute("DROP TABLE people")
        cursor.execute("SET LOCAL ROLE NONE")
    assert values[0] not in text
    assert "django.db.utils.IntegrityError: 23505: one_each" in text
    assert "psycopg.errors.UniqueViolation: 23505: one_each" in text
    assert __file__ in text


@pytest.mark.parametrize(
    "error", [ValidationError("花子 は登録済みです"), UnicodeDecodeError("utf-8", "花子".encode(), 0, 1, "花子")]
)
def test_what_was_typed_is_withheld_throughout_the_chain(error: Exception) -> None:
    text = logged(caught(error))
    assert "花子" not in text
    assert type(error).__name__ in text
    assert "RuntimeError: while saving" in text


def test_other_errors_say_what_they_say() -> None:
    try:
        raise LookupError("no such template") from None
    except LookupError:
        assert DiscreetFormatter().formatException(sys.exc_info()).endswith("LookupError: no such template")
