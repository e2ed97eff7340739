"""A head of the log: how many events, under which root, after which head, when; and the signature over that."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from audit.encoding import moment
from audit.models import Seal

BEFORE_THE_FIRST = bytes(32)
FORMAT = "entaku-audit-head-1"


class NotAHead(ValueError):
    """The text is not an exported head."""


@dataclass(frozen=True, slots=True)
class Head:
    """`root` and `previous` are hexadecimal; `at` is UTC text to the microsecond."""

    size: int
    root: str
    previous: str
    at: str
    key_id: str
    signature: str

    @classmethod
    def of(cls, seal: Seal) -> Head:
        return cls(
            size=seal.tree_size,
            root=bytes(seal.root_hash).hex(),
            previous=bytes(seal.previous).hex(),
            at=moment(seal.at),
            key_id=seal.key_id,
            signature=bytes(seal.signature).hex(),
        )

    @property
    def statement(self) -> bytes:
        """What is signed."""
        return statement(size=self.size, root=self.root, previous=self.previous, at=self.at)

    @property
    def sealed_at(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def digest(self) -> bytes:
        """What the next head names as `previous`. It covers the signature: one that holds vouches for all before it."""
        return sha256(self.statement + self.key_id.encode() + b"\n" + self.signature.encode()).digest()

    def to_json(self, public_key: bytes = b"", *, indent: int | None = 1) -> str:
        """The head as it is kept elsewhere, in one line where `indent` is None. With the key, where it is known, so
        that a stranger can check the signature."""
        given = {"public_key": public_key.hex()} if public_key else {}
        return json.dumps({"format": FORMAT, **asdict(self), **given}, indent=indent, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Head:
        """Raises NotAHead."""
        try:
            fields = json.loads(text)
            fields.pop("public_key", None)  # our own keys are what we check by
            if fields.pop("format") != FORMAT or not isinstance(fields["size"], int):
                raise NotAHead(text[:80])
            head = cls(**fields)
            bytes.fromhex(head.root + head.previous + head.signature)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotAHead(text[:80]) from error
        return head


def statement(*, size: int, root: str, previous: str, at: str) -> bytes:
    """The bytes a head's signature is over."""
    return f"{FORMAT}\n{size}\n{root}\n{previous}\n{at}\n".encode()


def head_at(seal: Seal, when: datetime) -> bytes:
    """The statement of a seal about to be signed at `when`."""
    return statement(
        size=seal.tree_size, root=bytes(seal.root_hash).hex(), previous=bytes(seal.previous).hex(), at=moment(when)
    )
