"""What is hashed of an event: JSON with sorted keys and no spaces, UTF-8, times in UTC to the microsecond.

    {"act":…,"at":"2026-11-22T01:02:03.000004Z","detail":{…},"id":…,"label":…,"level":…,
     "organisation_id":…|null,"person_id":…|null,"target_id":…,"target_type":…}

The sealer and the verifier read the columns as the text of COLUMNS, so that neither depends on how a driver turns a
column into an object, and a million rows are encoded in seconds.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from audit.models import Event

# What follows the id, as text. `detail` is jsonb: the same numbers and strings on every server.
COLUMNS = """
    to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), e.person_id::text, e.organisation_id::text,
    e.act, e.target_type, e.target_id, e.label, e.level::text, e.detail::text
"""

Row = Sequence[Any]  # the id and COLUMNS: text, or None for who acted


def canonical(row: Row) -> str:
    """The canonical text of an event."""
    id_, at, person, organisation, act, target_type, target_id, label, level, detail = row
    by_person = f'"{person}"' if person else "null"
    by_organisation = f'"{organisation}"' if organisation else "null"
    return (
        f'{{"act":{encode_basestring(act)},"at":"{at}","detail":{_sorted(detail)},"id":"{id_}",'
        f'"label":{encode_basestring(label)},"level":{level},"organisation_id":{by_organisation},'
        f'"person_id":{by_person},"target_id":{encode_basestring(target_id)},'
        f'"target_type":{encode_basestring(target_type)}}}'
    )


def hash_of(row: Row) -> bytes:
    """The leaf hash of an event."""
    return sha256(b"\0" + canonical(row).encode()).digest()  # merkle.leaf_hash, without its call a million times


def row_of(event: Event) -> Row:
    """An event of the ORM as the database would give it in text."""
    return (
        str(event.pk),
        moment(event.at),
        str(event.person_id) if event.person_id else None,
        str(event.organisation_id) if event.organisation_id else None,
        event.act,
        event.target_type,
        event.target_id,
        event.label,
        str(event.level),
        json.dumps(event.detail),
    )


def moment(at: datetime) -> str:
    """A time as it is hashed and signed; sorts as the times do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@lru_cache(maxsize=4096)  # few events differ in their detail: saves a third of the time
def _sorted(detail: str) -> str:
    return json.dumps(json.loads(detail), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
