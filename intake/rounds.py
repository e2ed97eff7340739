"""A round: everything that lies in the spool carried into the database at once, shuffled, under one tree.

In a deployment there is one a day, so that neither a row's place nor the write-ahead log tells when something came. The
tree is filled with random leaves up to a power of two, so that its size does not count what came either; its root
becomes one event of the portal's log (intake/tasks.py).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import DataError, IntegrityError, InternalError, transaction

from audit import merkle
from intake import bundles, clock, database, pending, spool
from intake.database import Delivered
from intake.spool import Bundle
from vault import blobs

log = logging.getLogger(__name__)

SMALLEST = 16  # leaves
BATCH = 200  # bundles a transaction


def carry() -> int:
    """Carry what lies in the spool; how many bundles. Raises `DatabaseError` while the database is away, and then all
    of it still lies there. May be killed anywhere and run again."""
    carried, paths = 0, spool.waiting()
    for at in range(0, len(paths), BATCH):
        carried += _carry(paths[at : at + BATCH])
    return carried


def _carry(paths: Sequence[Path]) -> int:
    try:
        _together(paths)
    except (DataError, IntegrityError, InternalError, ValueError) as error:
        if len(paths) == 1:
            log.error("bundle set aside", extra={"why": type(error).__name__})
            spool.set_aside(paths[0])
            return 0
        half = len(paths) // 2  # by halves: were each carried alone, the rounds of the log would count them
        return _carry(paths[:half]) + _carry(paths[half:])
    return len(paths)


def _together(paths: Sequence[Path]) -> None:
    """One transaction: what is handed over, and the tree over it. The files first, what lay here last."""
    given = [spool.read(path) for path in paths]
    names = [name for bundle in given for name in bundle.get("blobs", ())]
    _carry_files(names)
    found = hand_over(given)
    _carry_files(names)  # once a row names it, no sweep takes it for an orphan; before, one might have
    for path, delivered in zip(paths, found, strict=True):
        _settle(path, delivered)
    for name in names:
        pending.remove(name)


def _carry_files(names: Sequence[str]) -> None:
    for name in names:
        try:
            blobs.carry_over(name, "office")
        except FileNotFoundError:  # the words are worth more than to be held back for it
            log.error("a file is neither here nor there")


def _settle(path: Path, delivered: Delivered) -> None:
    """What was carried over goes. What belongs to a case that was set aside stays beside it, for its sender to find;
    with the end of its mailbox, all of that goes."""
    aside = spool.set_aside_of(path) if delivered is Delivered.UNKNOWN else []
    if aside and spool.ends_mailbox(path):
        for each in aside:
            spool.done(each)
    elif aside:
        spool.set_aside(path)
        return
    spool.done(path)


@transaction.atomic
def hand_over(given: Sequence[Bundle], *, deliver: Callable[[Bundle], Delivered] = database.deliver) -> list[Delivered]:
    """Deliver these, and close the tree over what was not there before. Raises `DatabaseError`."""
    found = [deliver(_handed_over(bundle)) for bundle in given]
    new = [bundle for bundle, delivered in zip(given, found, strict=True) if delivered is Delivered.NEW]
    said = [bundle for bundle in new if bundles.leaf_record(bundle)]
    if said:
        database.close_round(tree(said))
    return found


def _handed_over(bundle: Bundle) -> Bundle:
    return {name: value for name, value in bundle.items() if name != "leaf"}


def tree(said: Sequence[Bundle]) -> dict[str, Any]:
    """The tree over these bundles' records among random leaves, shuffled, as `intake_close_round` takes it."""
    size = max(SMALLEST, 1 << (len(said) - 1).bit_length())
    order: list[Bundle | None] = [*said, *[None] * (size - len(said))]
    secrets.SystemRandom().shuffle(order)
    leaves = [
        merkle.leaf_hash(bundle["leaf"]["record"].encode()) if bundle else secrets.token_bytes(merkle.HASH_BYTES)
        for bundle in order
    ]

    def subtree(start: int, stop: int) -> bytes:
        return merkle.root(merkle.extend(0, (), leaves[start:stop]))

    return {
        "id": str(uuid4()),
        "day": clock.today().isoformat(),
        "root": bundles.text(subtree(0, size)),
        "leaves": size,
        "entries": [
            _leaf(bundle, place, merkle.inclusion_proof(place, size, subtree))
            for place, bundle in enumerate(order)
            if bundle
        ],
    }


def _leaf(bundle: Bundle, place: int, path: Sequence[bytes]) -> dict[str, Any]:
    leaf: Mapping[str, str] = bundle["leaf"]
    return {
        "entry_id": bundle["entry"]["id"], "record": leaf["record"], "signature": leaf["signature"],
        "signer": leaf["signer"], "place": place, "path": bundles.text(merkle.pack(path)),
    }  # fmt: skip
