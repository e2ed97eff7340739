"""What the pages show besides documents: a room on each circle, its threads, a million messages, and the files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from bench import prepare
from clearance.models import Marking
from dialogues.models import Room, Thread
from documents.models import Document, Version
from documents.models.versions import State

THREADS = 20  # a room
DIGEST = "0" * 64

# No page that is measured opens a message's text: these are as large as sealed ones, and open nothing.
MESSAGES = """
INSERT INTO dialogues_message (
       id, created, wrapped_key, key_version, marking_id, level, comp_mask, release_mask, withdrawn,
       body, circle_id, author_id, thread_id)
SELECT uuidv7(-make_interval(secs => n)), now() - make_interval(secs => n), decode(repeat('ab', 60), 'hex'), 1,
       m.id, m.level, m.comp_mask, m.release_mask, false, decode(repeat('cd', 150), 'hex'), t.circle_id, p.id, t.id
  FROM generate_series(1, %s::int) AS n
  JOIN (SELECT id, circle_id, row_number() OVER (ORDER BY id) - 1 AS k FROM dialogues_thread) t
    ON t.k = n %% (SELECT count(*) FROM dialogues_thread)
  JOIN clearance_marking m ON m.text = (ARRAY['SENSITIVE', 'HI'])[1 + (n %% 8 = 0)::int]
  JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS k FROM accounts_person) p ON p.k = n %% 500
"""
BLOBS = "INSERT INTO documents_storedblob (name) SELECT id::text FROM documents_document"
VERSIONS = """
INSERT INTO documents_version (
       id, document_id, number, file_name, change, kind, media_type, encoding, size, digest, file_key, blob_id,
       state, problem, percent, received_at, received_by_id)
SELECT id, id, 1, decode(repeat('ab', 50), 'hex'), decode(repeat('ab', 30), 'hex'), 'TEXT', 'text/plain', 'utf-8',
       12345, decode(repeat('ab', 93), 'hex'), decode(repeat('ab', 61), 'hex'), id::text, 'READY', '', 100, created,
       handed_over_by_id
  FROM documents_document WHERE NOT circle_id = ANY(%s)
"""


def build(messages: int, near: list[int]) -> None:
    """`near`: the circles whose documents have files that open, for whoever looks at one."""
    _rooms()
    with prepare.owner() as cursor:
        for table, statement, params in (
            ("dialogues_message", MESSAGES, [messages]),
            ("documents_storedblob", BLOBS, None),
            ("documents_version", VERSIONS, [near]),
        ):
            _fill(cursor, table, statement, params)
    _versions(near)
    with prepare.owner() as cursor:
        cursor.execute("VACUUM ANALYZE documents_version")


def _fill(cursor: Any, table: str, statement: str, params: list[Any] | None) -> None:
    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    with prepare.laid_anew(cursor, table, keys=False):
        cursor.execute(statement, params)
    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    cursor.execute(f"VACUUM ANALYZE {table}")


def _rooms() -> None:
    person = prepare.cast().official
    kinds, now = list(Room.Kind), timezone.now()
    common: dict[str, Any] = {"marking": Marking.objects.using("owner").get(text="SENSITIVE")}
    rooms = [
        Room(
            circle_id=circle, name=f"計測用の対話の場 {number}", purpose="計測のための場です。", opened_by_id=person,
            kind=kinds[number % 5], created=now - timedelta(days=90), **common,
        )
        for number, circle in enumerate(prepare.cast().circles)
    ]  # fmt: skip
    Room.objects.using("owner").bulk_create(rooms, batch_size=1000)
    threads = [
        Thread(
            room_id=room.pk, circle_id=room.circle_id, title=f"計測用の話題 {number}", author_id=person,
            created=now - timedelta(days=number + 1), **common,
        )
        for room in rooms
        for number in range(THREADS)
    ]  # fmt: skip
    Thread.objects.using("owner").bulk_create(threads, batch_size=1000)


def _versions(near: list[int]) -> None:
    documents = Document.objects.using("owner").filter(circle_id__in=near).select_related("marking")
    Version.objects.using("owner").bulk_create(
        [
            Version(
                document=document, number=1, file_name="計測.txt", kind="TEXT", media_type="text/plain",
                encoding="utf-8", size=12345, digest=DIGEST, file_key=b"0" * 32, blob_id=str(document.pk),
                state=State.READY, percent=100, received_at=document.created, received_by_id=document.handed_over_by_id,
            )
            for document in documents
        ],
        batch_size=1000,
    )  # fmt: skip
