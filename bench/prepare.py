"""The benchmark's world: 2,000 circles, 5,000 people, and as many documents as asked for."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.assurance import Assurance
from clearance import masks

CIRCLES = 2_000
PEOPLE = 5_000
ORGANISATIONS = 400
READERS = 20
CODES = 8


def migrate() -> None:
    print("migrating …", flush=True)
    call_command("migrate", database="owner", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


@dataclass(frozen=True)
class Cast:
    """Who reads: some who are in 1–30 circles, one official who is in all of them."""

    readers: list[UUID]
    official: UUID
    circles: list[int]


def assurance() -> Assurance:
    now = timezone.now()
    return Assurance(now, now, None)


@contextmanager
def owner() -> Any:
    with connections["owner"].cursor() as cursor:
        yield cursor


def rows(cursor: Any, table: str, columns: str, values: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def cast(seed: int = 7) -> Cast:
    """People, circles, markings and authorisations; the same each time."""
    pick = random.Random(seed)
    now = timezone.now()
    long_ago = now - timedelta(days=100)
    organisations = [uuid7() for _ in range(ORGANISATIONS)]
    people = [uuid7() for _ in range(PEOPLE)]
    ministry, official = uuid7(), uuid7()
    circles = [n * 1_000_003 + 17 for n in range(1, CIRCLES + 1)]
    top = uuid7()
    everything = masks.RESERVED | masks.union(range(CODES))
    firm = ("COMPANY", "", "[]", "", "", "", "JP", True, now)
    person = ("!", "", "ja", True, now)
    recorded = (long_ago, "", "", long_ago)
    with owner() as cursor:
        rows(
            cursor,
            "accounts_organisation",
            "id, name, kind, name_en, sectors, step, region, size, country, active, created",
            [(ministry, "m", "MINISTRY", *firm[1:]), *((o, str(n), *firm) for n, o in enumerate(organisations))],
        )
        rows(
            cursor,
            "accounts_person",
            "id, email, name, organisation_id, password, title, language, is_active, created",
            [(official, "official@example.test", "o", ministry, *person)]
            + [
                (p, f"p{n}@example.test", str(n), organisations[n % ORGANISATIONS], *person)
                for n, p in enumerate(people)
            ],
        )
        rows(
            cursor,
            "clearance_compartment",
            "id, code, name, name_en, bit",
            [(uuid7(), f"CODE{n}", "c", "", n) for n in range(CODES)],
        )
        combinations = [(level, codes) for level in (1, 2) for codes in (0, 1, 2, 4, 5, 128)]
        rows(
            cursor,
            "clearance_marking",
            "id, text, level, comp_mask, release_mask, tlp",
            [(top, "TOP", 2, everything, -1, "")]
            + [(uuid7(), f"M{lv}/{codes}", lv, masks.RESERVED | codes, -1, "") for lv, codes in combinations],
        )
        rows(
            cursor,
            "clearance_circle",
            "id, ceiling_id, everyone, created",
            [(circle, top, False, long_ago) for circle in circles],
        )
        rows(
            cursor,
            "clearance_organisationcertification",
            "id, highest, since, revoked_reason, reference, recorded_at, kind, departments, organisation_id",
            [(uuid7(), 2, *recorded, "AGREEMENT", "", o) for o in organisations],
        )
        rows(
            cursor,
            "clearance_authorisation",
            "id, highest, since, revoked_reason, reference, recorded_at, basis, comp_mask, person_id",
            [(uuid7(), 2, *recorded, "OFFICIAL", masks.union(range(CODES)), official)]
            + [(uuid7(), pick.choice((1, 2)), *recorded, "NDA", pick.choice((1, 3, 7)), p) for p in people],
        )
        memberships = {(c, official): "PARTICIPANT" for c in circles}
        for someone in people:
            for circle in pick.sample(circles, pick.randint(1, 30)):
                memberships[circle, someone] = "PARTICIPANT"
        rows(
            cursor,
            "clearance_circlemember",
            "id, circle_id, person_id, role, since",
            [(uuid7(), circle, person_id, role, long_ago) for (circle, person_id), role in memberships.items()],
        )
        cursor.execute("ANALYZE")
    return Cast(pick.sample(people, READERS), official, circles)


def fill(upto: int) -> None:
    """Add documents until there are `upto`: in random circles, under random markings, one a second into the past."""
    with owner() as cursor:
        cursor.execute("SELECT count(*) FROM documents_document")
        present = cursor.fetchone()[0]
        cursor.execute("ALTER TABLE documents_document DISABLE TRIGGER hold_ceiling")
        cursor.execute(
            """
            INSERT INTO documents_document (
                   id, created, wrapped_key, key_version, marking_id, level, comp_mask, release_mask, withdrawn,
                   title, kind, record_file, record_retention, record_disposal,
                   circle_id, originator_id, handed_over_by_id)
            SELECT uuidv7(-make_interval(secs => n)), now() - make_interval(secs => n),
                   decode(repeat('ab', 60), 'hex'), 1, m.id, m.level, m.comp_mask, m.release_mask, false,
                   decode(repeat('cd', 90), 'hex'), 'TEXT', decode(repeat('ef', 30), 'hex'), '', '',
                   (floor(random() * %s::int) + 1)::bigint * 1000003 + 17, o.id, p.id
              FROM generate_series(%s::int, %s::int) AS n
              JOIN (SELECT *, row_number() OVER (ORDER BY text) - 1 AS k FROM clearance_marking WHERE text <> 'TOP') m
                ON m.k = n %% 12
             CROSS JOIN (SELECT id FROM accounts_organisation LIMIT 1) o
             CROSS JOIN (SELECT id FROM accounts_person LIMIT 1) p
            """,
            [CIRCLES, present + 1, upto],
        )
        cursor.execute("ALTER TABLE documents_document ENABLE TRIGGER hold_ceiling")
        cursor.execute("VACUUM ANALYZE documents_document")


def fill_peer() -> None:
    """The same documents for guardian, and its grants: for each of the people, just what the rule lets them read.

    Constraints and indexes are laid after the rows, as a restore would; they are the same in the end.
    """
    with owner() as cursor:
        cursor.execute("SELECT id FROM auth_permission WHERE codename = 'view_peerdocument'")
        permission = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO peer_peerdocument (id, circle_id, created, title, rest) "
            "SELECT id, circle_id, created, title, decode(repeat('00', 200), 'hex') FROM documents_document"
        )
        cursor.execute("INSERT INTO auth_group (name) SELECT id::text FROM clearance_circle")
        cursor.execute(
            "INSERT INTO peer_peermembership (user_id, group_id) SELECT m.person_id, g.id "
            "FROM clearance_circlemember m JOIN auth_group g ON g.name = m.circle_id::text"
        )
        cursor.execute("GRANT SELECT ON auth_group TO portal_app")
        with laid_anew(cursor, "peer_peergrant"):
            cursor.execute(
                """
                WITH held AS MATERIALIZED (
                    SELECT p.id, clearance_cleared(p.id, o.id, o.kind = 'MINISTRY', now()) AS masks
                      FROM accounts_person p JOIN accounts_organisation o ON o.id = p.organisation_id)
                INSERT INTO peer_peergrant (user_id, content_object_id, permission_id)
                SELECT m.person_id, d.id, %s::int FROM documents_document d
                  JOIN clearance_circlemember m ON m.circle_id = d.circle_id JOIN held ON held.id = m.person_id
                 WHERE d.comp_mask & held.masks[d.level + 1] <= 0
                """,
                [permission],
            )
            print(f"        {cursor.rowcount:,} grants", flush=True)
        for table in ("peerdocument", "peergrant", "peergroupgrant", "peermembership"):
            cursor.execute(f"VACUUM ANALYZE peer_{table}")


@contextmanager
def laid_anew(cursor: Any, table: str) -> Iterator[None]:
    """The table without its constraints and indexes for as long as it is filled."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = %s::text::regclass AND contype <> 'n' ORDER BY contype <> 'p'",
        [table],
    )
    constraints = dict(cursor.fetchall())
    cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table])
    indexes = {name: definition for name, definition in cursor.fetchall() if name not in constraints}
    for name in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for name, definition in constraints.items():
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for definition in indexes.values():
        cursor.execute(definition)


def index_peer() -> None:
    """Give guardian's documents the index that a newest-first list of ours has."""
    with owner() as cursor:
        cursor.execute("CREATE INDEX peer_newest ON peer_peerdocument (created DESC, id DESC)")
        cursor.execute("VACUUM ANALYZE peer_peerdocument")
