"""Marking keys and item keys: made, wrapped, opened; and secrets derived from the root key."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any, ClassVar, Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from vault import Unreadable
from vault.binding import bind, part
from vault.key_rows import MarkingKey
from vault.providers import KEY_SIZE, NONCE_SIZE, provider

# An opened marking key is asked for again after this long, so a rotation or destruction elsewhere reaches every
# process; whoever destroys a retired key waits at least as long.
CACHE_SECONDS = 60
CACHE_LIMIT = 4096
WRAP_VERSION = b"\x01"

Name = TypeVar("Name")
Held = TypeVar("Held")


@dataclass(frozen=True)
class Label:
    """What a row's key is bound to: the canonical marking and the columns that row-level security decides by."""

    text: str
    level: int
    comp_mask: int
    release_mask: int

    def aad(self) -> bytes:
        return bind("label", self.text, self.level, self.comp_mask, self.release_mask)


class Shelf(Generic[Name, Held]):
    """A small thread-safe cache: bounded, oldest out first, nothing older than `CACHE_SECONDS`."""

    all: ClassVar[list[Shelf[Any, Any]]] = []

    def __init__(self, limit: int = CACHE_LIMIT) -> None:
        self._limit, self._lock = limit, Lock()
        self._held: OrderedDict[Name, tuple[float, Held]] = OrderedDict()
        self.all.append(self)

    def get(self, name: Name) -> Held | None:
        until, held = self._held.get(name, (0.0, None))
        return held if time.monotonic() < until else None

    def put(self, name: Name, held: Held) -> None:
        with self._lock:
            self._held.pop(name, None)
            self._held[name] = (time.monotonic() + CACHE_SECONDS, held)
            if len(self._held) > self._limit:
                self._held.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._held.clear()


# Who is told that a key was opened, and of which layer (`item`, `marking`): the portal counts them. One that raises
# keeps the key from whoever asked for it.
watchers: list[Callable[[str], None]] = []

_opened: Shelf[tuple[str, int], AESGCM] = Shelf()
_newest: Shelf[str, int] = Shelf()


def derive(purpose: str, length: int = KEY_SIZE) -> bytes:
    """The secret of this deployment for `purpose` ("context", "session", "totp", …): HKDF from the root key."""
    return _derived(purpose, length, provider().generations().current)


def derivations(purpose: str, length: int = KEY_SIZE) -> list[bytes]:
    """The same from every root key that is held, the current one first: during a rotation there are two."""
    return [_derived(purpose, length, generation) for generation in provider().generations().all]


@lru_cache(CACHE_LIMIT)
def _derived(purpose: str, length: int, generation: bytes) -> bytes:
    return provider().derive(bind("purpose", purpose), length, generation)


def forget() -> None:
    """Drop every key this process holds in memory. Tests, rotation and destruction call it."""
    for shelf in Shelf.all:
        shelf.clear()
    _derived.cache_clear()
    provider.cache_clear()


def check() -> None:
    """
    Raise unless the root key is usable *and* opens the keys in this database.

    Raises `KeyProviderUnavailable` for a missing, loosened or foreign root key, `Unreadable` for altered rows.
    """
    provider().check()
    row = MarkingKey.objects.filter(destroyed__isnull=True).order_by("-created").first()
    if row:
        _unwrap(row)


def new_item_key() -> bytes:
    return AESGCM.generate_key(KEY_SIZE * 8)


def wrap_item_key(key: bytes, *, label: Label, binding: bytes) -> tuple[bytes, int]:
    """`key` sealed for the row `binding` under the newest key of its marking, and that key's version."""
    version, cipher = _current(label.text)
    nonce = os.urandom(NONCE_SIZE)
    return WRAP_VERSION + nonce + cipher.encrypt(nonce, key, item_aad(label, binding)), version


def unwrap_item_key(wrapped: bytes, version: int, *, label: Label, binding: bytes) -> bytes:
    """The item key; raises `Unreadable` when row, label, version or bytes are not those it was wrapped for."""
    if wrapped[:1] != WRAP_VERSION or len(wrapped) <= NONCE_SIZE:
        raise Unreadable
    cipher = _marking_key(label.text, version)
    try:
        key = cipher.decrypt(wrapped[1 : 1 + NONCE_SIZE], wrapped[1 + NONCE_SIZE :], item_aad(label, binding))
    except InvalidTag:
        raise Unreadable from None
    for told in watchers:
        told("item")
    return key


def item_aad(label: Label, binding: bytes) -> bytes:
    """What the wrap of an item key is bound to."""
    return _label_part(label) + part(binding)


@lru_cache(CACHE_LIMIT)
def _label_part(label: Label) -> bytes:
    return bind("item-key", label.aad())


# --- marking keys ---------------------------------------------------------------------------------------------


class _Uncommitted:
    """
    A marking key whose row this transaction made: usable inside it, held by the process only once it is committed.

    It waits in the connection's list of commit hooks, which forgets it on rollback, a savepoint's too. A process that
    kept the key of a row rolled back would seal what nobody can ever open.
    """

    def __init__(self, row: MarkingKey, cipher: AESGCM) -> None:
        self.name, self.cipher = (row.marking, row.version), cipher

    def __call__(self) -> None:
        # A test that runs the hooks of a transaction it then rolls back must not teach the process a lost key.
        if not _connection().in_atomic_block:
            _hold(*self.name, self.cipher)


def _connection() -> BaseDatabaseWrapper:
    return connections[router.db_for_write(MarkingKey)]


def _hold(text: str, version: int, cipher: AESGCM) -> None:
    _opened.put((text, version), cipher)


def _uncommitted(text: str) -> dict[int, AESGCM]:
    """The keys of this marking that the current transaction made, by version."""
    hooks = (hook[1] for hook in _connection().run_on_commit)
    return {h.name[1]: h.cipher for h in hooks if isinstance(h, _Uncommitted) and h.name[0] == text}


def _marking_key(text: str, version: int) -> AESGCM:
    held = _opened.get((text, version)) or _uncommitted(text).get(version)
    if held is not None:
        return held
    row = MarkingKey.objects.filter(marking=text, version=version, destroyed__isnull=True).first()
    if row is None:
        raise Unreadable
    cipher = _unwrap(row)
    _hold(text, version, cipher)
    return cipher


def _current(text: str) -> tuple[int, AESGCM]:
    """The newest version of the marking's key, made now when there is none or it was retired."""
    version = _newest.get(text) or max(_uncommitted(text), default=0)
    if version:
        return version, _marking_key(text, version)
    row = MarkingKey.objects.filter(marking=text).order_by("-version").first()
    if row is None or row.retired:
        # From this same reading: asked again, a rival's new key would look like one to be followed by the next.
        return _create(text, row.version + 1 if row else 1)
    _newest.put(text, row.version)
    return row.version, _marking_key(text, row.version)


def _create(text: str, version: int) -> tuple[int, AESGCM]:
    """
    Make this version, or take the one that somebody made at the same moment.

    `ON CONFLICT DO NOTHING` waits for a rival's open transaction and leaves ours usable; the read after it sees
    whichever row won.
    """
    key = new_item_key()
    wrapped = wrap_marking_key(key, text, version)
    ours = MarkingKey(marking=text, version=version, wrapped=wrapped)
    MarkingKey.objects.bulk_create([ours], ignore_conflicts=True)
    row = MarkingKey.objects.get(marking=text, version=version)
    if row.pk == ours.pk:
        cipher = AESGCM(key)
        transaction.on_commit(_Uncommitted(row, cipher), using=_connection().alias)
        return version, cipher
    return version, _marking_key(text, version)


def wrap_marking_key(key: bytes, text: str, version: int) -> bytes:
    """The key of a marking under the current root key."""
    return provider().wrap(key, _marking_aad(text, version))


def rewrapped_marking_key(row: MarkingKey) -> bytes:
    """The same key under the current root key. Raises `Unreadable`."""
    aad = _marking_aad(row.marking, row.version)
    return provider().wrap(provider().unwrap(bytes(row.wrapped), aad), aad)


def open_marking_keys(text: str, *, using: str) -> dict[int, AESGCM]:
    """Every version of the marking's key that is not destroyed."""
    rows = MarkingKey.objects.using(using).filter(marking=text, destroyed__isnull=True)
    return {row.version: _unwrap(row) for row in rows}


def marking_key(text: str, version: int) -> bytes:
    """That version of the marking's key itself, to derive another from; raises `Unreadable` when it is gone."""
    row = MarkingKey.objects.filter(marking=text, version=version, destroyed__isnull=True).first()
    if row is None:
        raise Unreadable
    return opened(row)


def opened(row: MarkingKey) -> bytes:
    """The key of a row that was read already; raises `Unreadable`."""
    return _unwrapped(row)


def is_uncommitted(text: str, version: int) -> bool:
    """Whether the present transaction made it: nothing of it is kept in memory, for it may never have been."""
    return version in _uncommitted(text)


def _unwrap(row: MarkingKey) -> AESGCM:
    return AESGCM(_unwrapped(row))


def _unwrapped(row: MarkingKey) -> bytes:
    key = provider().unwrap(bytes(row.wrapped), _marking_aad(row.marking, row.version))
    for told in watchers:
        told("marking")
    return key


def _marking_aad(text: str, version: int) -> bytes:
    return bind("marking-key", text, version)
