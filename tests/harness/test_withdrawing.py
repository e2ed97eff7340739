"""Who may withdraw what: the services' rule and the database's function agree on every person, open or closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Person
from clearance.access import Denied
from clearance.context import close_circle
from clearance.models import Marked, Role
from clearance.services import grants
from dialogues.models import Message, Room, Thread
from dialogues.services.speaking import require_withdrawer
from documents import rules
from documents.models import Document
from tests import world as build
from tests.dialogues import scenes
from tests.documents.acting import hand_over
from tests.world import World, being

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(world: World) -> dict[str, Person]:
    """Everybody of the world, somebody of the engineer's firm who only reads, and one who knows of single items."""
    with build.as_owner():
        watcher, named = build.person(world.maker, "閲 覧者"), build.person(world.maker, "名 指子")
        for who in (watcher, named, world.colleague):
            build.authorise(who, 2, "SEMICON")
        build.join(world.circle, watcher, Role.OBSERVER)
    return {**world.people, "watcher": watcher, "named": named}


def by_sql(row: Marked) -> bool:
    """Whether the function withdraws it, called as injected SQL would call it; undone again."""
    table = row._meta.db_table
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT clearance_withdraw(%s, %s)", [table, row.pk])
            (done,) = cursor.fetchone()
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return bool(done)


def by_service(actor: object, row: Marked) -> bool:
    found = type(row)._default_manager.filter(pk=row.pk).first()  # as far as they see it
    if found is None:
        return False
    if isinstance(found, Document):
        return bool(rules.to_withdraw(actor, found))  # type: ignore[arg-type]
    try:
        require_withdrawer(actor, found)  # type: ignore[arg-type]
    except Denied:
        return False
    return True


def allowed(people: dict[str, Person], row: Marked) -> set[str]:
    """Who may withdraw it, as both say."""
    may = set()
    for name, person in people.items():
        with being(person) as actor:
            answers = by_sql(row), by_service(actor, row)
        assert answers[0] == answers[1], (name, answers)
        if answers[0]:
            may.add(name)
    return may


OURS = {"engineer", "colleague", "watcher", "named"}  # of the firm whose information it is


def test_documents(world: World, people: dict[str, Person]) -> None:
    own = hand_over(world, world.engineer, worked=False)
    for_them = hand_over(world, world.secretary, worked=False)
    with build.as_owner():
        Document.objects.filter(pk=for_them.pk).update(originator=world.maker)
    for paper in (own, for_them):
        for name in ("named", "outsider"):
            with being(world.official) as actor:
                grants.give(actor=actor, item=Document.objects.get(pk=paper.pk), person=people[name])
    assert allowed(people, own) == {"official", *OURS}
    assert allowed(people, for_them) == {"official", "secretary", *OURS}
    with being(world.official):
        close_circle(world.circle.pk)
    for paper in (own, for_them):
        assert allowed(people, paper) == {"official", *OURS}
    with build.as_owner():
        Document.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    assert allowed(people, own) == set()


def test_messages(world: World, people: dict[str, Person]) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.official, marking=world.hi_semicon)
    said = scenes.say(thread, world.engineer)
    assert allowed(people, said) == {"official", "engineer"}
    with being(world.official):
        close_circle(world.circle.pk)
    assert allowed(people, said) == {"official"}


def test_what_no_service_withdraws_nobody_does(world: World, people: dict[str, Person]) -> None:
    room = scenes.scene(world)
    thread = scenes.thread_in(room, world.engineer)
    with build.as_owner():
        rows = [Room.objects.get(pk=room.pk), Thread.objects.get(pk=thread.pk)]
        assert Message.objects.exists()
    for name in ("official", "engineer"):
        with being(people[name]):
            assert not any(by_sql(row) for row in rows), name
