"""Uploads that do not come from a browser: content already in the hand, sealed as an upload is."""

from __future__ import annotations

from collections.abc import Iterable

from vault.blobs import NewBlob
from vault.keys import new_item_key
from vault.streams import seal_stream
from vault.uploads import HEAD_SIZE, SealedUpload


def sealed(name: str, pieces: Iterable[bytes]) -> SealedUpload:
    """The same as a browser's upload of this content under this name."""
    head = b""

    def seen() -> Iterable[bytes]:
        nonlocal head
        for piece in pieces:
            head += piece[: HEAD_SIZE - len(head)]
            yield piece

    with NewBlob() as blob:
        key = new_item_key()
        stored = seal_stream(seen(), blob, key=key, binding=blob.binding)
        blob.keep()
    return SealedUpload(
        name=name, content_type="", size=stored.size, sha256=stored.sha256, head=head, key=key, blob_name=blob.name
    )
