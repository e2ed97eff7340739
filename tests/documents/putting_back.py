"""Puts a row back as it once was, as somebody with a copy of the table would."""

from __future__ import annotations

from django.db import connection

from clearance.models import Marked
from tests.world import as_owner


def copied(row: Marked) -> str:
    """SQL that puts the row back as it is now."""
    table = row._meta.db_table
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"SELECT to_json(held)::text FROM {table} held WHERE id = %s", [row.pk])
        (kept,) = cursor.fetchone()
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
            f" WHERE attnum > 0 AND NOT attisdropped AND attrelid = '{table}'::regclass"
        )
        (columns,) = cursor.fetchone()
    quoted = kept.replace("'", "''")
    return (
        f"UPDATE {table} SET ({columns}) = (SELECT {columns} FROM"
        f" json_populate_record(NULL::{table}, '{quoted}')) WHERE id = '{row.pk}'"
    )


def put_back(row: Marked, sql: str) -> None:
    table = row._meta.db_table
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
