"""A desk that reads what is sent to the intake, where the demo world has none: its key is thrown away."""

from __future__ import annotations

from uuid import uuid4

import psycopg

from vault.hybrid import PrivateKey


def ensure(connection: psycopg.Connection) -> None:
    if connection.execute("SELECT FROM intake_reader LIMIT 1").fetchone():
        return
    desk = uuid4()
    connection.execute(
        "INSERT INTO intake_desk (id, name_ja, name_en, about_ja, about_en, place, active) "
        "VALUES (%s, '相談窓口', 'Desk', '', '', 0, true)",
        [desk],
    )
    connection.execute(
        "INSERT INTO intake_reader (id, desk_id, key_id, public) VALUES (%s, %s, %s, %s)",
        [uuid4(), desk, uuid4(), PrivateKey.generate().public.to_bytes()],
    )
