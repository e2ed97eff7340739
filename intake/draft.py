"""What was typed, on its way from page to page: packed into one field of the form, since nothing here keeps a session.

Whoever holds the form may write into it what they like; so it is read again as strictly as the form itself.
"""

from __future__ import annotations

import binascii
import hmac
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from os import urandom
from typing import Any

from intake.pending import BadToken, Pending, from_token
from intake.receipt import ENTROPY

MOST = 1024 * 1024  # bytes of a draft, unpacked: a form of ours has a tenth of it
NONCE = 16
SEPARATOR = "~"


class Mangled(ValueError):
    """No form of ours made this."""


def pack(content: Any) -> str:
    """Small, and of letters that neither a form nor HTML has to write in a longer way."""
    return urlsafe_b64encode(zlib.compress(json.dumps(content, ensure_ascii=False).encode())).decode()


def unpack(packed: str) -> Any:
    """Raises `Mangled`."""
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(urlsafe_b64decode(packed.encode("ascii")), MOST)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise Mangled
        return json.loads(raw)
    except (binascii.Error, zlib.error, UnicodeError, RecursionError, ValueError):
        raise Mangled from None


@dataclass(frozen=True)
class File:
    """A file that waits, sealed, for what it belongs to. `digest`: of what was chosen, before it was cleaned.

    `pending` is None once it waits no longer: carried on with what was sent, or swept.
    """

    packed: str
    digest: str
    pending: Pending | None

    @classmethod
    def waiting(cls, pending: Pending, digest: str) -> File:
        return cls(f"{pending.token}{SEPARATOR}{digest}", digest, pending)

    @classmethod
    def unpacked(cls, packed: str) -> File:
        token, _separator, digested = packed.partition(SEPARATOR)
        try:
            return cls(packed, digested, from_token(token))
        except BadToken:
            return cls(packed, digested, None)

    @property
    def code(self) -> str:
        """What the form calls it by."""
        return self.pending.blob.replace("/", "-") if self.pending else ""


def begun() -> str:
    """A number that is made with an empty form and goes along with what is written into it."""
    return urlsafe_b64encode(urandom(NONCE)).decode()


def entropy(form: str, content: Mapping[str, Any]) -> bytes:
    """The receipt of what was written into this form.

    The same content from the same form has the same receipt, however often its pages were loaded again on the way: it
    is sent once. Other content has another. Unguessable, since the form's own number is random; whoever finds that
    number on a disk, where a browser kept the empty form, needs every letter of what was sent besides.
    """
    said = json.dumps(content, ensure_ascii=False, sort_keys=True).encode()
    return hmac.digest(form.encode(), said, "sha256")[:ENTROPY]
