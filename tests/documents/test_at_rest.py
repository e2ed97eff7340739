"""What lies on disks: a dump of the database and the folder of blobs hold no word of a title, a name or a content."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection, connections

from clearance.markings import marking
from documents.demo.pdf import pdf
from documents.models import Document, RelabelRequest
from documents.services.receiving import RecordData, add_version, receive
from documents.services.records import enter_in_records
from documents.services.relabelling import propose, relabel
from documents.uploads import sealed
from portal.embedded.postgres import BIN
from tests.documents.acting import work
from tests.world import World, as_owner, being

pytestmark = pytest.mark.django_db(transaction=True)

PLANTED = {
    "title": "紫雲英題名",
    "file name": "鬼灯草紙",
    "content": "竜胆本文",
    "content in Shift_JIS": "木瓜表形式",
    "content of a PDF": "Nightjarwords",
    "change": "山茶花変更点",
    "record": "石楠花綴り",
    "reason": "沈丁花理由",
    "consent": "満天星同意",
}


def forms(word: str) -> Iterator[bytes]:
    """The bytes a word could be found by, whatever wrote it down."""
    plain = [word.encode("utf-8"), word.encode("utf-16-le"), word.encode("utf-16-be"), word.encode("cp932")]
    plain += [json.dumps(word)[1:-1].encode(), quote(word).encode(), word.encode("unicode_escape")]
    for raw in [*plain, *[each for one in plain[:4] for each in in_base64(one)]]:
        yield raw
        yield raw.hex().encode()
        yield raw.hex().upper().encode()


def in_base64(raw: bytes) -> Iterator[bytes]:
    """What of a word's base64 does not hang on its neighbours, for each of the three ways it can lie."""
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + raw).rstrip(b"=")
        yield text[4 if shift else 0 : len(text) - 1]


def dump() -> bytes:
    """What an operator's backup holds."""
    owner = connections["owner"].settings_dict
    return subprocess.run(
        [BIN / "pg_dump", "-h", owner["HOST"], "-p", owner["PORT"] or "5432", "-U", owner["USER"], owner["NAME"]],
        env={**os.environ, "PGPASSWORD": owner["PASSWORD"]}, capture_output=True, check=True,
    ).stdout  # fmt: skip


def found(word: str, where: bytes) -> bool:
    return any(form in where for form in forms(word))


def hand_over_everything(world: World) -> None:
    """A document with every kind of word in it, through all that may happen to one."""
    with being(world.official) as actor:
        low = marking(1, ["SEMICON"])
        document = receive(
            actor=actor, circle=world.circle.pk, marking=low, title=PLANTED["title"], originator=world.maker.pk,
            upload=sealed(PLANTED["file name"] + ".txt", [(PLANTED["content"] + "の話。\n").encode() * 50]),
        )  # fmt: skip
        table = sealed("a.csv", [("品目," + PLANTED["content in Shift_JIS"] + "\n").encode("cp932") * 9])
        add_version(actor=actor, document=document, upload=table, change=PLANTED["change"])
        drawing = sealed("b.pdf", [pdf([[PLANTED["content of a PDF"]]])])
        add_version(actor=actor, document=document, upload=drawing, change="図面")
        enter_in_records(actor=actor, document=document, record=RecordData(PLANTED["record"], "5", "TRANSFER"))
    work()
    with being(world.official) as actor:
        document = relabel(actor=actor, document=Document.objects.get(), marking=world.hi_semicon)
        propose(actor=actor, document=document, marking=low, reason=PLANTED["reason"], consent=PLANTED["consent"])
    work()
    with being(world.engineer):
        held = Document.objects.get()
        assert held.title == PLANTED["title"]
        assert {version.state for version in held.versions.all()} == {"READY"}
        assert RelabelRequest.objects.get().consent == PLANTED["consent"]


def test_neither_the_dump_nor_the_blobs_hold_a_planted_word(world: World, blobs: Path) -> None:
    hand_over_everything(world)
    backup = dump()
    stored = {path: path.read_bytes() for path in blobs.rglob("*") if path.is_file()}
    assert b"documents_document" in backup
    assert len(stored) == 6
    for what, word in PLANTED.items():
        assert not found(word, backup), what
        for path, content in stored.items():
            assert not found(word, content), (what, path)


def test_the_search_would_find_what_is_not_sealed(world: World, blobs: Path) -> None:
    words = list(PLANTED.values())
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE planted (kept bytea, said text, told jsonb)")
    try:
        for number, word in enumerate(words):
            raw = [word.encode(), word.encode("utf-16-le"), base64.b64encode(b"ab" + word.encode())][number % 3]
            with as_owner(), connection.cursor() as cursor:
                cursor.execute("TRUNCATE planted")
                cursor.execute("INSERT INTO planted (kept) VALUES (%s)", [raw])
            assert found(word, dump())
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE planted")
            cursor.execute("INSERT INTO planted (said) VALUES (%s)", [words[0]])
            cursor.execute("INSERT INTO planted (told) VALUES (%s)", [json.dumps(words[1])])
        backup = dump()
        assert found(words[0], backup)
        assert found(words[1], backup)
        assert not found(words[2], backup)
        assert found(world.maker.name, backup)  # names of organisations are no content
    finally:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("DROP TABLE planted")
