"""A rendition on its way to storage: pages one after the other in one sealed blob, and where each of them lies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from vault.blobs import NewBlob
from vault.keys import new_item_key
from vault.streams import StreamSealer

MOST_PAGES = 5000


class Page(NamedTuple):
    """What is shown of one page. `image` is a PNG, or empty where the text is all there is."""

    text: str
    image: bytes = b""
    width: int = 0
    height: int = 0


class Place(NamedTuple):
    """Where in the blob a page lies: its text at `offset`, its image after it; and the image's size in pixels."""

    offset: int
    text_length: int
    image_length: int
    width: int
    height: int


@dataclass(frozen=True)
class Drawn:
    """A rendition that is stored but named by no row yet: `blob.keep()` before the row is committed."""

    blob: NewBlob
    key: bytes = field(repr=False)
    size: int
    index: list[Place]
    cut: bool


class NothingToDraw(ValueError):
    """There was no page."""


def store(pages: Iterable[Page], *, most: int = MOST_PAGES) -> Drawn:
    """Seal pages as they come. Those after the first `most` are left out, as `cut` says. Raises NothingToDraw."""
    blob, key = NewBlob(), new_item_key()
    try:
        sealer = StreamSealer(blob, key=key, binding=blob.binding)
        index: list[Place] = []
        cut = False
        for page in pages:
            if len(index) >= most:
                cut = True
                break
            text = page.text.encode("utf-8", "replace")
            index.append(Place(sealer.size, len(text), len(page.image), page.width, page.height))
            sealer.write(text)
            sealer.write(page.image)
        if not index:
            raise NothingToDraw
        return Drawn(blob, key, sealer.finish().size, index, cut)
    except BaseException:
        blob.discard()
        raise
