"""The peer of the access benchmark: the same documents and readers under guardian, as its documentation sets it up."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from guardian.shortcuts import get_objects_for_user

from bench.figures import median_ms
from bench.peer.models import PeerDocument, PeerReader
from bench.prepare import laid_anew, owner

FEW = 5  # how often a question that takes part of a second is asked


def groups() -> None:
    """A group for each circle, with the circle's people."""
    with owner() as cursor:
        cursor.execute("INSERT INTO auth_group (name) SELECT id::text FROM clearance_circle")
        cursor.execute(
            "INSERT INTO peer_peermembership (user_id, group_id) SELECT m.person_id, g.id "
            "FROM clearance_circlemember m JOIN auth_group g ON g.name = m.circle_id::text"
        )
        cursor.execute("GRANT SELECT ON auth_group TO portal_app")
        cursor.execute("VACUUM ANALYZE peer_peermembership")


def fill() -> None:
    """The documents there are, and the grants on them: for each of the people, just what the rule lets them read."""
    with owner() as cursor:
        cursor.execute("SELECT id FROM auth_permission WHERE codename = 'view_peerdocument'")
        permission = cursor.fetchone()[0]
        cursor.execute("TRUNCATE peer_peerdocument CASCADE")
        cursor.execute(
            "INSERT INTO peer_peerdocument (id, circle_id, created, title, rest) "
            "SELECT id, circle_id, created, title, decode(repeat('00', 200), 'hex') FROM documents_document"
        )
        with laid_anew(cursor, "peer_peergrant"):
            cursor.execute(
                """
                WITH held AS MATERIALIZED (
                    SELECT p.id, clearance_cleared(p.id, o.id, o.kind = 'MINISTRY', now()) AS masks
                      FROM accounts_person p JOIN accounts_organisation o ON o.id = p.organisation_id)
                INSERT INTO peer_peergrant (user_id, content_object_id, permission_id)
                SELECT m.person_id, d.id, %s::int FROM documents_document d
                  JOIN clearance_circlemember m ON m.circle_id = d.circle_id JOIN held ON held.id = m.person_id
                 WHERE d.comp_mask & held.masks[d.level + 1] <= 0
                """,
                [permission],
            )
            print(f"        {cursor.rowcount:,} grants of guardian's", flush=True)
        for table in ("peerdocument", "peergrant", "peergroupgrant"):
            cursor.execute(f"VACUUM ANALYZE peer_{table}")


def index() -> None:
    """Give guardian's documents the index that a newest-first list of ours has."""
    with owner() as cursor:
        cursor.execute("CREATE INDEX peer_newest ON peer_peerdocument (created DESC, id DESC)")
        cursor.execute("VACUUM ANALYZE peer_peerdocument")


def newest(person: UUID) -> float:
    """ms for the newest 50."""
    user = _reader(person)
    return median_ms(lambda: list(_readable(user).order_by("-created", "-id")[:50]), times=7)


def room(person: UUID, circle: int) -> float:
    """ms for the newest 50 of one circle."""
    user = _reader(person)
    return median_ms(lambda: list(_readable(user).filter(circle_id=circle).order_by("-created", "-id")[:50]), times=FEW)


def count(person: UUID) -> float:
    """ms for the number of all."""
    user = _reader(person)
    return median_ms(lambda: _readable(user).count(), times=FEW)


def _reader(person: UUID) -> PeerReader:
    return PeerReader.objects.get(pk=person)


def _readable(user: PeerReader) -> QuerySet[PeerDocument]:
    found: QuerySet[PeerDocument] = get_objects_for_user(
        user, "peer.view_peerdocument", PeerDocument, with_superuser=False, accept_global_perms=False
    )
    return found
