"""The index behind the search: used at twenty thousand rows, and without the grams that nearly everything has."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from clearance.search import tokens_of
from clearance.search.laying import as_json, drop_common
from documents.models import Document
from tests.world import World, as_owner, as_role, being

from .finding import finds, titled, tokens, worker_lays

pytestmark = pytest.mark.django_db

# Copies of one row; they do not open, as each has another's key. The planner and the counting see no difference.
COPIES = """
INSERT INTO documents_document ({columns}, id, created, tokens)
SELECT {columns}, gen_random_uuid(), created - n * interval '1 second',
       ARRAY(SELECT (random() * 4000 + 0 * n)::bigint FROM generate_series(1, {each})) || {common}
  FROM documents_document, generate_series(1, {number}) AS n WHERE id = %s
"""


def copy(document: Document, number: int, *, each: int = 12, common: str = "'{}'::bigint[]") -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped"
            " AND attrelid = 'documents_document'::regclass AND attname NOT IN ('id', 'created', 'tokens')"
        )
        (columns,) = cursor.fetchone()
        cursor.execute(COPIES.format(columns=columns, number=number, each=each, common=common), [document.pk])


def plan(world: World, wanted: list[dict[str, Any]]) -> str:
    """What the owner's function runs, explained."""
    with being(world.engineer), as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT clearance_search_text('documents_document', %s::jsonb, NULL, NULL, NULL, 501)", [as_json(wanted)]
        )
        (sql,) = cursor.fetchone()
        cursor.execute("EXPLAIN " + sql.replace("%", "%%"))
        return "\n".join(line for (line,) in cursor.fetchall())


def test_at_twenty_thousand_rows_the_function_uses_the_index_of_tokens(world: World) -> None:
    document = titled(world, "重要鉱物の在庫の見通し")
    worker_lays()
    copy(document, 20_000)
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE documents_document")
    key = {"marking": str(document.marking_id), "version": document.key_version}
    explained = plan(world, [key | {"tokens": tokens_of("鉱物", world.hi_semicon)}])
    assert "documents_document_tokens" in explained
    assert "documents_document_unindexed" in explained
    assert "Seq Scan on documents_document" not in explained
    assert finds(world.engineer, "鉱物の在庫") == ["重要鉱物の在庫の見通し"]
    with being(world.engineer), connection.cursor() as cursor:  # why there is a function: under the policies it is not
        cursor.execute("EXPLAIN SELECT id FROM documents_document WHERE tokens @> ARRAY[17]::bigint[]")
        assert "documents_document_tokens" not in str(cursor.fetchall())


def test_grams_that_a_fifth_of_all_have_are_left_out_and_found_all_the_same(world: World) -> None:
    document = titled(world, "鉱物の在庫")
    worker_lays()
    (gram,) = tokens_of("鉱物", world.hi_semicon)
    copy(document, 220, each=2, common=f"ARRAY[{gram}]::bigint[]")
    with as_role("portal_worker"):
        assert drop_common() == 1
        assert drop_common() == 1  # again, and stopped anywhere: nothing is left to do
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM documents_document WHERE tokens @> ARRAY[%s]::bigint[]", [gram])
        assert cursor.fetchone() == (0,)
    later = titled(world, "鉱物の輸出")
    worker_lays()
    assert gram not in (tokens(later) or {gram})
    assert finds(world.engineer, "鉱物") == ["鉱物の輸出", "鉱物の在庫"]
    assert finds(world.engineer, "鉱物の輸出") == ["鉱物の輸出"]


def test_below_two_hundred_rows_none_is_common(world: World) -> None:
    document = titled(world, "鉱物")
    worker_lays()
    with as_role("portal_worker"):
        assert drop_common() == 0
    assert tokens(document)


@pytest.mark.django_db(transaction=True)
def test_the_operators_command_lays_what_is_there_and_says_how_far_it_is(world: World, capsys: Any) -> None:
    made = [titled(world, f"第{number}報") for number in range(3)]
    call_command("index_search", "--drop-common")
    said = capsys.readouterr().out
    assert "3 / 3" in said
    assert "laid: 3" in said
    assert all(tokens(document) for document in made)
    call_command("index_search")
    assert "laid: 0" in capsys.readouterr().out
