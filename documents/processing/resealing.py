"""After a marking was narrowed: puts a version's files under new keys, and removes what the old keys opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial

from django.db import transaction

from vault.blobs import NewBlob, delete
from vault.keys import new_item_key
from vault.streams import seal_stream

from ..files import StoredFile
from ..models import Rendition, StoredBlob, Version
from .at_hand import AtHand, writing


def reseal(held: AtHand) -> None:
    """Copy the file and its rendition under new keys, then point the rows there. Raises Gone, Unreadable.

    A copy whose original was exchanged meanwhile is thrown away: somebody else did the same work.
    """
    with ExitStack() as copies:
        file = _copy(held, held.file, copies)
        rendition = _copy(held, held.rendition, copies) if held.rendition else None
        with writing(held) as (_actor, document, version):
            _point(version, held.file, *file)
            drawn = document.renditions.filter(version=version).first()
            if drawn and held.rendition and rendition:
                _point(drawn, held.rendition, *rendition)


def _copy(held: AtHand, source: StoredFile, copies: ExitStack) -> tuple[NewBlob, bytes]:
    blob, key = copies.enter_context(NewBlob()), new_item_key()
    done = 0

    def pieces() -> Iterator[bytes]:
        nonlocal done
        with closing(source.open()) as plain:
            for piece in plain:
                yield piece
                done += len(piece)
                held.say(100 * done // source.size)

    seal_stream(pieces(), blob, key=key, binding=blob.binding)
    return blob, key


def _point(row: Version | Rendition, source: StoredFile, blob: NewBlob, key: bytes) -> None:
    if row.blob_id != source.blob_name:
        return
    StoredBlob(name=blob.name).save(force_insert=True)
    row.blob_id, row.file_key = blob.name, key
    row.save(update_fields=["blob", "file_key"])
    StoredBlob.objects.filter(name=source.blob_name).delete()
    blob.keep()
    transaction.on_commit(partial(delete, source.blob_name))
