"""What a backup says of itself: hashes, counts, migrations, the head of the audit log; signed, as its last part."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from audit.heads import Head, NotAHead

FORMAT = "entaku-backup-1"


class NotAManifest(ValueError):
    """The part is not a manifest."""


@dataclass(frozen=True)
class Manifest:
    """`tables` are rows by table, `schema` the fingerprints of `catalogue`; `head` is None for a log never sealed.

    `gone` are blobs that the snapshot knew and that were removed in good order before their turn came; `missing` are
    those that a row still names and the storage had lost.
    """

    id: str
    taken_at: str
    server: str
    migrations: list[str]
    tables: dict[str, int]
    left_out: list[str]
    schema: dict[str, dict[str, Any]]
    head: Head | None
    database_size: int
    database_sha256: str
    blobs: int
    blobs_size: int
    blobs_sha256: str
    gone: list[str]
    missing: list[str]
    public_key: str

    def to_bytes(self) -> bytes:
        fields = asdict(self) | {"format": FORMAT, "head": self.head.to_json() if self.head else None}
        return json.dumps(fields, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Manifest:
        """Raises NotAManifest."""
        try:
            fields = json.loads(raw)
            if fields.pop("format") != FORMAT:
                raise NotAManifest
            head = fields.pop("head")
            return cls(**fields, head=Head.from_json(head) if head else None)
        except (ValueError, KeyError, TypeError, AttributeError, NotAHead) as error:
            raise NotAManifest from error


def statement(manifest: bytes) -> bytes:
    """The bytes that are signed."""
    return FORMAT.encode() + b"\n" + manifest


class Tally:
    """Size and SHA-256 of what passes through."""

    def __init__(self) -> None:
        self.size, self._digest = 0, hashlib.sha256()

    def add(self, piece: bytes) -> bytes:
        self.size += len(piece)
        self._digest.update(piece)
        return piece

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class BlobTally:
    """Number and size of all blobs, and one hash over name, size and hash of each in their order."""

    def __init__(self) -> None:
        self.count, self.size, self._digest = 0, 0, hashlib.sha256()

    def add(self, name: str, blob: Tally) -> None:
        self.count += 1
        self.size += blob.size
        self._digest.update(f"{name} {blob.size} {blob.sha256}\n".encode())

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()
