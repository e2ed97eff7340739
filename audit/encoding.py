"""What is hashed of an event: two texts of JSON with sorted keys and no spaces, UTF-8, times in UTC to the microsecond.

    the record   {"act":…,"at":"2026-11-22T01:02:03.000004Z","id":…,"level":…,"organisation_id":…|null,
                  "person_id":…|null,"subject":"<SHA-256 of the subject>","target_type":…}
    the subject  {"detail":{…},"label":…,"salt":…,"target_id":…}

The record holds the hash of the subject only, and the subject a random salt: whoever may not see an event's label and
target can check its record without them, and cannot guess them from the hash (as SD-JWT does it for claims).

The sealer and the verifier read the columns as the text of COLUMNS, so that neither depends on how a driver turns a
column into an object, and a million rows are encoded in seconds.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any

from audit.models import Event

# What follows the id. `detail` is jsonb: the same numbers and strings on every server.
AT = """to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
NAMES = ("person_id", "organisation_id", "act", "target_type", "target_id", "label", "level", "detail", "salt")
COLUMNS = ", ".join([AT, *(f"e.{name}::text" for name in NAMES)])  # as text, whatever the driver makes of their types
COPIED = ", ".join([AT, *(f"e.{name}" for name in NAMES)])  # COPY gives every column as text by itself

Row = Sequence[Any]  # the id and COLUMNS: text, or None for who acted


def canonical(row: Row) -> str:
    """The canonical text of an event's record."""
    id_, at, person, organisation, act, target_type, _target_id, _label, level, _detail, _salt = row
    by_person = f'"{person}"' if person else "null"
    by_organisation = f'"{organisation}"' if organisation else "null"
    return (
        f'{{"act":{encode_basestring(act)},"at":"{at}","id":"{id_}","level":{level},"organisation_id":{by_organisation},'
        f'"person_id":{by_person},"subject":"{sha256(subject(row).encode()).hexdigest()}",'
        f'"target_type":{encode_basestring(target_type)}}}'
    )


def subject(row: Row) -> str:
    """The canonical text of what an event is about: all that is shown only up to the reader's own authorisation."""
    target_id, label, _level, detail, salt = row[6:]
    return (
        f'{{"detail":{_sorted(detail)},"label":{encode_basestring(label)},"salt":"{salt}",'
        f'"target_id":{encode_basestring(target_id)}}}'
    )


def hash_of(row: Row) -> bytes:
    """The leaf hash of an event: merkle.leaf_hash of `canonical`."""
    return hashes_of([row])[0]


def hashes_of(rows: Iterable[Row]) -> list[bytes]:
    """The leaf hashes of many: without five calls for each, a million times."""
    quoted, ordered, sha = encode_basestring, _sorted, sha256
    hashes = []
    for id_, at, person, organisation, act, target_type, target_id, label, level, detail, salt in rows:
        by_person = f'"{person}"' if person else "null"
        by_organisation = f'"{organisation}"' if organisation else "null"
        about = sha(
            f'{{"detail":{ordered(detail)},"label":{quoted(label)},"salt":"{salt}",'
            f'"target_id":{quoted(target_id)}}}'.encode()
        ).hexdigest()
        record = (
            f'\0{{"act":{quoted(act)},"at":"{at}","id":"{id_}","level":{level},"organisation_id":{by_organisation},'
            f'"person_id":{by_person},"subject":"{about}","target_type":{quoted(target_type)}}}'
        )
        hashes.append(sha(record.encode()).digest())
    return hashes


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
        str(event.salt),
    )


def moment(at: datetime) -> str:
    """A time as it is hashed and signed; sorts as the times do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@lru_cache(maxsize=4096)  # few events differ in their detail: saves a third of the time
def _sorted(detail: str) -> str:
    return json.dumps(json.loads(detail), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
