"""Any event under any later head, any two heads: proved from what the seals keep, and never past damage."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from audit import merkle, queries
from audit.encoding import COLUMNS, hash_of
from audit.heads import Head
from audit.proofs import Tree, Unprovable
from tests.audit.conftest import START, sealed, sql, tampering
from tests.world import as_role

pytestmark = pytest.mark.django_db
TOTAL = 1500


@pytest.fixture
def grown(db: None, monkeypatch: pytest.MonkeyPatch) -> list[Head]:
    """Fifteen hundred events in seals of every size from 1 to 700."""
    for number, batch in enumerate((1, 255, 3, 700, 90, 41, 410)):
        monkeypatch.setattr("audit.sealing.BATCH", batch + 1)
        with as_role("portal_owner"):
            sql(
                "INSERT INTO audit_event SELECT gen_random_uuid(), %s, null, null, 'room.list', '', '', '', 0, '{}'"
                " FROM generate_series(1, %s)",
                START,
                batch,
            )
        assert sealed(START.replace(second=number)) == batch
    with as_role("portal_owner"):
        return [Head.of(each) for each in reversed(queries.latest_seals(10))]


def leaves() -> list[bytes]:
    with as_role("portal_owner"):
        rows = sql(
            f"SELECT e.id::text, {COLUMNS} FROM audit_event e JOIN audit_leaf l ON l.event_id = e.id ORDER BY l.seq"
        )
    return [hash_of(row) for row in rows]


def test_each_event_is_proved_under_each_later_head(grown: list[Head]) -> None:
    hashes, random = leaves(), Random(7)
    with as_role("portal_worker"):
        for head in grown:
            tree = Tree()
            for place in {0, head.size - 1, *(random.randrange(head.size) for _ in range(20))}:
                path = tree.inclusion(place, head.size)
                assert merkle.includes(hashes[place], place, head.size, path, bytes.fromhex(head.root))


def test_each_head_is_proved_to_continue_each_earlier_one(grown: list[Head]) -> None:
    with as_role("portal_worker"):
        for number, later in enumerate(grown):
            for earlier in grown[: number + 1]:
                path = Tree().consistency(earlier.size, later.size)
                roots = bytes.fromhex(earlier.root), bytes.fromhex(later.root)
                assert merkle.consistent(earlier.size, later.size, *roots, path)
                assert merkle.consistent(earlier.size, later.size, roots[0][::-1], roots[1], path) is False


def test_a_proof_asks_two_questions_whatever_it_proves(
    grown: list[Head], django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    with as_role("portal_worker"), django_assert_max_num_queries(2):  # type: ignore[operator]
        Tree().inclusion(3, TOTAL)


def test_damage_gives_no_proof_or_one_that_leads_nowhere(grown: list[Head]) -> None:
    hashes = leaves()
    with tampering():
        sql("UPDATE audit_seal SET subtrees = decode(repeat('00', octet_length(subtrees)), 'hex')")
    with as_role("portal_worker"):
        path = Tree().inclusion(3, TOTAL)
        assert not merkle.includes(hashes[3], 3, TOTAL, path, bytes.fromhex(grown[-1].root))
    with tampering():
        sql("UPDATE audit_seal SET subtrees = ''")
    with as_role("portal_worker"), pytest.raises(Unprovable):
        Tree().inclusion(3, TOTAL)
    with tampering():
        sql("DELETE FROM audit_seal WHERE tree_size = 1")
    with as_role("portal_worker"), pytest.raises(Unprovable):
        Tree().inclusion(3, 256)


def test_the_last_head_of_each_day_is_linked(grown: list[Head]) -> None:
    with tampering():
        for (one, _other), days in zip(pairwise(grown), (9, 9, 9, 5, 5, 2), strict=True):
            sql("UPDATE audit_seal SET at = at - make_interval(days => %s) WHERE tree_size = %s", days, one.size)
    with as_role("portal_worker"):
        assert queries.day_ends(TOTAL) == [259, 1049, 1090]
