"""What a receipt is: 96 random bits, and all that follows from them.

    lookup id      where the conversation is found; the database holds its SHA-256 alone
    private key    opens what is sealed to the sender (ML-KEM-768 + X25519)
    consent seed   signs what the sender agrees to (Ed25519)
    case id        a random-looking UUID: the same receipt sent twice is the same case

Each comes by HKDF under its own name, so none tells anything of another. 96 random bits need no slow hash.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from vault.binding import bind
from vault.hybrid import SEED_SIZE, PrivateKey, derive
from vault.signatures import SEED_SIZE as SIGNING_SEED_SIZE

ENTROPY = 12  # bytes


@dataclass(frozen=True)
class Receipt:
    """`entropy`: what the words stand for (intake/words.py), 12 bytes."""

    entropy: bytes

    def __post_init__(self) -> None:
        if len(self.entropy) != ENTROPY:
            raise ValueError("a receipt has 96 bits")

    @classmethod
    def fresh(cls) -> Receipt:
        return cls(os.urandom(ENTROPY))

    def _derive(self, name: str, length: int) -> bytes:
        return derive(self.entropy, info=bind("entaku receipt 1", name), length=length)

    @cached_property
    def lookup(self) -> bytes:
        """What is stored: the SHA-256 of the lookup id."""
        return sha256(self._derive("lookup", 32)).digest()

    @cached_property
    def private(self) -> PrivateKey:
        return PrivateKey.from_seed(self._derive("key pair", SEED_SIZE))

    @cached_property
    def consent_seed(self) -> bytes:
        return self._derive("consent", SIGNING_SEED_SIZE)

    @cached_property
    def case_id(self) -> UUID:
        return UUID(bytes=self._derive("case", 16), version=4)

    def entry_id(self, token: str) -> UUID:
        """Of what one form sends, by the token that was made with the form: sent twice, it is one entry."""
        return UUID(bytes=self._derive(f"entry {token}", 16), version=4)

    def __repr__(self) -> str:
        return "Receipt(…)"
