"""The benchmark's world: 2,000 circles, 5,000 people, and as many documents as asked for."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.assurance import Assurance
from bench import sealed
from clearance import masks
from clearance.markings import key_of, parts
from clearance.models import Marking
from documents.models import Document

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


def circle(number: int) -> int:
    """The id of a circle, counted from 0."""
    return (number + 1) * 1_000_003 + 17


def codes(mask: int) -> list[str]:
    return [f"CODE{bit}" for bit in range(CODES) if mask >> bit & 1]


@cache
def cast(seed: int = 7) -> Cast:
    """People, circles, markings and authorisations; the same each time, made once."""
    pick = random.Random(seed)
    now = timezone.now()
    long_ago = now - timedelta(days=100)
    organisations = [uuid7() for _ in range(ORGANISATIONS)]
    people = [uuid7() for _ in range(PEOPLE)]
    ministry, official = uuid7(), uuid7()
    circles = [circle(number) for number in range(CIRCLES)]
    every_code = masks.union(range(CODES))
    top = parts(2, codes(every_code)).text
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
        combinations = [(level, mask) for level in (1, 2) for mask in (0, 1, 2, 4, 5, 128, every_code)]
        texts = [parts(level, codes(mask)).text for level, mask in combinations]
        rows(
            cursor,
            "clearance_marking",
            "id, text, level, comp_mask, release_mask, tlp",
            [
                (key_of(text), text, level, masks.RESERVED | mask, masks.UNRESTRICTED, "")
                for text, (level, mask) in zip(texts, combinations, strict=True)
            ],
        )
        rows(
            cursor,
            "clearance_circle",
            "id, ceiling_id, everyone, created",
            [(each, key_of(top), False, long_ago) for each in circles],
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
        memberships = [(each, official) for each in circles]
        for someone in people:
            memberships += [(each, someone) for each in pick.sample(circles, pick.randint(1, 30))]
        rows(
            cursor,
            "clearance_circlemember",
            "id, circle_id, person_id, role, since",
            [(uuid7(), each, person_id, "PARTICIPANT", long_ago) for each, person_id in memberships],
        )
        cursor.execute("ANALYZE")
    return Cast(pick.sample(people, READERS), official, circles)


def markings() -> list[Marking]:
    """What things are marked with: all but the ceiling's codes at once."""
    return [each for each in Marking.objects.using("owner").order_by("text") if each.text.count("CODE") < CODES]


def moment(number: int, of: datetime) -> tuple[UUID, datetime]:
    """A UUIDv7 and the moment it was made at: so many seconds before."""
    made = of - timedelta(seconds=number)
    stamp = int(made.timestamp() * 1000) << 80 | 7 << 76 | random.getrandbits(12) << 64
    return UUID(int=stamp | 2 << 62 | random.getrandbits(62)), made


COLUMNS = (
    "id, created, marking_id, level, comp_mask, release_mask, withdrawn, kind, record_retention, record_disposal, "
    "circle_id, originator_id, handed_over_by_id, wrapped_key, key_version, title, record_file"
)


def fill(upto: int) -> None:
    """Add documents until there are `upto`: in random circles, under random markings, one a second into the past."""
    found, now = markings(), timezone.now()
    with owner() as cursor:
        cursor.execute("SELECT count(*) FROM documents_document")
        present = cursor.fetchone()[0]
        cursor.execute("SELECT id, organisation_id FROM accounts_person ORDER BY id LIMIT 1")
        person, organisation = cursor.fetchone()
        sealer = sealed.Sealer(Document, "title", "record_file")

        def documents() -> Iterator[tuple[Any, ...]]:
            for number in range(present + 1, upto + 1):
                key, created = moment(number, now)
                own = found[number % len(found)]
                lying = circle(random.randrange(CIRCLES))
                label = (own.pk, own.level, own.comp_mask, own.release_mask)
                fixed = (key, created, *label, False, "TEXT", "", "", lying, organisation, person)
                yield *fixed, *sealer.row(key, own.label, f"計測用の文書 {number}", "")

        if present < upto:
            cursor.execute("ALTER TABLE documents_document DISABLE TRIGGER hold_ceiling")
            with laid_anew(cursor, "documents_document", keys=False):
                rows(cursor, "documents_document", COLUMNS, documents())
            cursor.execute("ALTER TABLE documents_document ENABLE TRIGGER hold_ceiling")
            cursor.execute("VACUUM ANALYZE documents_document")


@contextmanager
def laid_anew(cursor: Any, table: str, *, keys: bool = True) -> Iterator[None]:
    """The table without its constraints and indexes while it is filled, as a restore does; in the end the same.

    Without `keys`, what other tables refer to and what keeps rows apart stays.
    """
    cursor.execute(
        "SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = %s::text::regclass AND contype <> 'n' ORDER BY contype <> 'p'",
        [table],
    )
    found = cursor.fetchall()
    constraints = {name: definition for name, kind, definition in found if keys or kind == "f"}
    cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s", [table])
    named = {name for name, _kind, _definition in found}
    indexes = {
        name: definition
        for name, definition in cursor.fetchall()
        if name not in named and (keys or not definition.startswith("CREATE UNIQUE"))
    }
    for name in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for name, definition in constraints.items():
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for definition in indexes.values():
        cursor.execute(definition)
