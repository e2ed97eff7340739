"""Raw SQL in migrations: needs a stated reason and a way back, and even then some statements are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import sqlparse
from django.db.migrations import RunSQL
from django.db.migrations.operations.base import Operation

from portal.upgrades.rules import LATER, RENAMED, Step

QUOTED = re.compile(r"\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'", re.DOTALL)  # bodies of functions, and texts
NAME = r"(?:IF (?:NOT )?EXISTS )?(?:ONLY )?(?:public\.)?(\w+)"
TABLE = re.compile(rf"^(?:ALTER|DROP) TABLE {NAME}|^CREATE (?:UNIQUE )?INDEX.*? ON {NAME}", re.IGNORECASE)
DROPPED = re.compile(
    r"\bDROP (?:COLUMN )?(?:IF EXISTS )?(?!CONSTRAINT\b|DEFAULT\b|NOT\b|EXPRESSION\b|IDENTITY\b|COLUMN\b|IF\b)(\w+)",
    re.IGNORECASE,
)
ACTION = re.compile(r",(?![^()]*\))\s*")
ADDED = re.compile(r"ADD (?!CONSTRAINT\b|CHECK\b|FOREIGN\b|UNIQUE\b|PRIMARY\b)", re.IGNORECASE)
DATA = re.compile(r"^(?:WITH|INSERT|UPDATE|DELETE|SELECT)\b", re.IGNORECASE)
PATIENT = re.compile(r"CONCURRENTLY|VALIDATE CONSTRAINT", re.IGNORECASE)

# On any table, whoever knows it.
NEVER = {
    r"^LOCK\b|^TRUNCATE\b|^CLUSTER\b|^VACUUM\b.*\bFULL\b": "it locks everybody out; work in batches instead.",
    r"\block_timeout\b": "`manage.py migrate` sets it and tries again; leave it alone.",
    r"\bDISABLE ROW LEVEL SECURITY\b": "the running code would show every row; change the policy instead.",
    r"^(?:DROP INDEX|REINDEX)\b(?!.*\bCONCURRENTLY\b)": "it waits for every reader, others behind it; CONCURRENTLY.",
}
# On a table that the running code knows.
ON_KNOWN = {
    r"^DROP TABLE\b": f"the running code reads the table; {LATER}.",
    r"\bRENAME (?!CONSTRAINT\b)": RENAMED,
    r"\bALTER (?:COLUMN )?\w+ (?:SET DATA )?TYPE\b": (
        "another type rewrites the table under a lock; add a column, write both, fill it in batches."
    ),
    r"^CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY\b)": "building it locks out writers; CONCURRENTLY, atomic = False.",
    r"\bADD (?:CONSTRAINT|CHECK|FOREIGN KEY|UNIQUE|PRIMARY KEY)\b(?!.*\b(?:NOT VALID|USING INDEX)\b)": (
        "checking every row locks out every writer; NOT VALID, and VALIDATE CONSTRAINT in the next migration."
    ),
}


def statements(operation: RunSQL) -> list[str]:
    """One line each, without comments, quoted texts and the bodies of functions."""
    given = operation.sql if isinstance(operation.sql, list | tuple) else [operation.sql]
    whole = (each if isinstance(each, str) else each[0] for each in given)
    plain = (QUOTED.sub("''", sqlparse.format(each, strip_comments=True)) for each in whole)
    found = chain.from_iterable(sqlparse.split(each) for each in plain)
    return [" ".join(each.replace('"', "").rstrip(";").split()) for each in found if each.strip(" ;\n")]


def only_data(operation: Operation) -> bool:
    return isinstance(operation, RunSQL) and all(DATA.match(each) for each in statements(operation))


def patient(operation: Operation) -> bool:
    """Whether it waits without anybody waiting behind it."""
    return isinstance(operation, RunSQL) and all(PATIENT.search(each) for each in statements(operation))


def sentences(step: Step, known: Mapping[str, set[str]]) -> Iterator[str]:
    operation: Any = step.operation
    if not step.reason:
        yield "raw SQL; say in `safe_because` of the migration why the code of the last release goes on working."
    if operation.reverse_sql is None:
        yield "without a way back a failed upgrade cannot be undone; give reverse_sql (RunSQL.noop where it is right)."
    said = statements(operation)
    if len({bool(DATA.match(each)) for each in said}) > 1:
        yield "data and schema are mixed: the lock of the schema would last as long as the data; make two migrations."
    for statement in said:
        yield from _refused(statement, known)


def _refused(statement: str, known: Mapping[str, set[str]]) -> Iterator[str]:
    for pattern, instead in NEVER.items():
        if re.search(pattern, statement, re.IGNORECASE):
            yield instead
    named = TABLE.match(statement)
    table = next((name for name in named.groups() if name), "") if named else ""
    if table not in known:
        return
    for pattern, instead in ON_KNOWN.items():
        if re.search(pattern, statement, re.IGNORECASE):
            yield instead
    for action in ACTION.split(statement.partition(f" {table} ")[2]):
        if ADDED.match(action) and "NOT NULL" in action.upper() and "DEFAULT" not in action.upper():
            yield "the running code inserts rows without it; give it a constant DEFAULT."
    if statement.upper().startswith("ALTER TABLE") and known[table] & set(DROPPED.findall(statement)):
        yield f"the running code reads the column; {LATER}."
