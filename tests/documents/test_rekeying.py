"""`manage.py rotate_keys document`: a new key for one document, its fields and its files, and nothing else changed."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from documents.demo.pdf import pdf
from documents.files import file_of
from documents.models import Document, Rendition, StoredBlob
from documents.services.rekeying import new_key
from tests.documents.acting import hand_over, newest_version, work
from tests.world import World, as_owner
from vault import Unreadable

pytestmark = pytest.mark.django_db(transaction=True)
PDF = pdf([["One"], ["Two"]])


def test_fields_and_files_come_under_new_keys(world: World, blobs: Path) -> None:
    document = hand_over(world, world.official, PDF, name="a.pdf")
    other = hand_over(world, world.official, title="別の文書")
    before, untouched = newest_version(document), newest_version(other)
    with as_owner():
        key, title = Document.objects.get(pk=document.pk).item_key(), document.title
    out = StringIO()
    call_command("rotate_keys", "document", str(document.pk), stdout=out)
    assert "ワーカー" in out.getvalue()

    with as_owner():
        held = Document.objects.get(pk=document.pk)
        assert held.item_key() != key
        assert held.title == title
    assert newest_version(document).file_name == "a.pdf"
    assert newest_version(document).file_key == before.file_key  # readable until the worker has come round
    work(document)
    after = newest_version(document)
    assert after.file_key != before.file_key
    assert after.blob_id != before.blob_id
    assert not (blobs / before.blob_id).exists()
    assert file_of(after).read(0, len(PDF)) == PDF
    with as_owner():
        drawn = Rendition.objects.select_related("document").get(document=document)
        assert drawn.index
        assert StoredBlob.objects.count() == 4
    assert newest_version(other).file_key == untouched.file_key
    with as_owner():
        assert Event.objects.filter(act="key.rotate", target_id=str(document.pk)).count() == 1


def test_a_document_that_does_not_open_is_left_as_it_is(world: World, blobs: Path) -> None:
    document = hand_over(world, world.official)
    with as_owner():
        wrapped = bytes(Document.objects.get(pk=document.pk).wrapped_key)
        broken = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
        Document.objects.filter(pk=document.pk).update(wrapped_key=broken)
    with pytest.raises(Unreadable):
        new_key(document.pk)
    with pytest.raises(CommandError, match="何も変えていません"):
        call_command("rotate_keys", "document", str(document.pk))
    with as_owner():
        assert bytes(Document.objects.get(pk=document.pk).wrapped_key) == broken


def test_a_document_that_is_not_there_is_told_of() -> None:
    with pytest.raises(CommandError, match="取り下げ"):
        call_command("rotate_keys", "document", str(uuid4()))
