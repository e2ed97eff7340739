"""What went wrong in similar products, tried on this one: by its pages as each persona, and as injected SQL."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Session
from audit.models import Event
from clearance.context import refresh
from clearance.markings import marking
from clearance.models import CircleInvitation, CircleMember, NamedHandler, Role
from clearance.services import grants
from dialogues.models import Message
from dialogues.services import membership
from documents.models import Document, DocumentGrant, StoredBlob
from tests import world as build
from tests.dialogues import scenes
from tests.documents.acting import hand_over
from tests.harness.injected import copied, refused
from tests.harness.scene import WORDS, Scene, stage
from tests.world import World, being

pytestmark = pytest.mark.django_db

GRANTS = "INSERT INTO documents_documentgrant (id, user_id, content_object_id, permission_id, since) "
FIRST = "SELECT * FROM clearance_first_grant(%s, %s, %s, %s, %s::smallint, (SELECT min(id) FROM auth_permission)::int)"


@pytest.fixture
def scene(world: World) -> Scene:
    return stage(world)


def page(client: Client, address: str, **given: Any) -> str:
    return client.get(address, given).content.decode()


def leaks(text: str) -> list[str]:
    return [word for word in WORDS.values() if word in text]


# --- seeing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("persona", ["colleague", "outsider", "clearance officer", "auditor"])
def test_search_filters_and_counts_find_what_one_may_read_and_nothing_besides(scene: Scene, persona: str) -> None:
    client = scene.client(persona)
    plain = page(client, "/documents/", q="nothing-is-called-so")
    for asked in (
        {"q": WORDS["title"]},
        {"circle": scene.world.circle.pk, "q": "qzx"},
        {"originator": scene.world.ministry.pk, "q": "qzx"},
    ):
        text = page(client, "/documents/", **asked)
        assert scene.room.pk.hex not in text.replace("-", "")
        assert str(scene.document.pk) not in text
        assert scene.world.ministry.name not in text
        assert text.count("<tr") == plain.count("<tr")


def test_a_document_of_another_room_is_neither_attached_nor_offered(scene: Scene) -> None:
    world = scene.world
    room = scenes.room_apart(world, world.second_official, world.engineer)
    thread = scenes.thread_in(room, world.second_official)
    client = scene.client("engineer")
    address = f"/rooms/{room.pk}/threads/{thread.pk}/"
    assert str(scene.document.pk) not in page(client, address)
    client.post(address, {"body": "添付", "marking": str(thread.marking_id), "documents": [str(scene.document.pk)]})
    with build.as_owner():
        assert not Message.objects.filter(thread=thread, documents=scene.document).exists()


def test_a_thread_or_message_under_another_rooms_address_is_not_there(scene: Scene) -> None:
    world = scene.world
    room = scenes.room_apart(world, world.second_official, world.engineer)
    client = scene.client("engineer")
    for path in (f"threads/{scene.thread.pk}/", f"threads/{scene.thread.pk}/token"):
        assert client.get(f"/rooms/{room.pk}/{path}").status_code == 404
    steward = scene.client("second official")
    assert steward.post(f"/rooms/{room.pk}/messages/{scene.message.pk}/withdraw/").status_code == 404
    with build.as_owner():
        member = world.circle.members.get(person=world.secretary)
        build.join(room.circle, world.official, Role.STEWARD)
    for path in (f"members/{member.pk}/remove/", f"members/{member.pk}/role/"):
        assert scene.client("official").post(f"/rooms/{room.pk}/{path}", {"role": "STEWARD"}).status_code == 404
    with build.as_owner():
        assert CircleMember.objects.get(pk=member.pk).until is None


def test_files_images_and_ranges_of_them_are_as_closed_as_the_document(scene: Scene) -> None:
    client = scene.client("colleague")
    base = f"/documents/{scene.document.pk}/versions/1"
    missing = client.get("/documents/00000000-0000-7000-8000-000000000000/versions/1/download")
    for path in ("/", "/pages/1.png", "/download"):
        for headers in ({}, {"Range": "bytes=0-3"}, {"HX-Request": "true"}, {"If-None-Match": "*"}):
            answer = client.get(base + path, headers=headers)
            assert (answer.status_code, answer.content) == (404, missing.content), path
        assert client.head(base + path).status_code == 404


def test_neighbours_of_what_one_reads_stay_hidden(scene: Scene) -> None:
    """An open document in the same room leads to neither the hidden one nor the people around it."""
    world = scene.world
    opened = hand_over(world, world.official, title="誰でも読める資料", marking=marking(0))
    client = scene.client("colleague")
    for address in (f"/documents/{opened.pk}/", f"/rooms/{scene.room.pk}/", "/documents/", "/rooms/", "/"):
        text = page(client, address)
        assert not [word for word in leaks(text) if word not in (WORDS["room"], WORDS["purpose"])]
        assert str(scene.document.pk) not in text
        assert str(scene.thread.pk) not in text


def test_a_cursor_serves_its_reader_alone(scene: Scene) -> None:
    world = scene.world
    with build.as_owner():
        for number in range(60):
            Document.objects.create(
                title=f"資料{number}", marking=world.hi_semicon, circle=world.circle, originator=world.ministry,
                handed_over_by=world.official, kind="TEXT",
            )  # fmt: skip
    mine = page(scene.client("engineer"), "/documents/")
    after = re.search(r"after=([^\"&]+)", mine)
    assert after
    first = page(scene.client("secretary"), "/documents/")
    borrowed = page(scene.client("secretary"), "/documents/", after=after[1].replace("%3A", ":"))
    assert re.findall(r"資料\d+", borrowed) == re.findall(r"資料\d+", first)
    assert not leaks(page(scene.client("outsider"), "/documents/", after=after[1].replace("%3A", ":")))


def test_who_read_what_is_told_to_the_keepers_of_the_document_alone(scene: Scene) -> None:
    scene.client("engineer").get(f"/documents/{scene.document.pk}/versions/1/download")
    address = f"/documents/{scene.document.pk}/readings/"
    assert "技 術子" in page(scene.client("official"), address)
    assert scene.client("secretary").get(address).status_code == 404


def test_mail_and_the_log_carry_no_content(scene: Scene) -> None:
    scene.client("engineer").get(f"/documents/{scene.document.pk}/versions/1/")
    with build.as_owner():
        told = " ".join(f"{event.label} {event.target_id} {event.detail}" for event in Event.objects.all())
    assert not leaks(told)
    assert not [letter for letter in mail.outbox if leaks(f"{letter.subject} {letter.body}")]
    answer = scene.client("auditor").get("/audit/export.csv")
    exported = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert "document.open" in exported or "document.page" in exported
    assert not leaks(exported)


def test_no_page_of_somebody_signed_in_is_kept_by_a_cache(scene: Scene) -> None:
    by_password = scene.client("official by password")
    client = scene.client("official")
    room, document = scene.room.pk, scene.document.pk
    for who, address in (
        (client, "/"), (client, "/documents/"), (client, f"/documents/{document}/"), (client, "/rooms/"),
        (client, f"/documents/{document}/versions/1/"), (client, f"/documents/{document}/versions/1/download"),
        (client, f"/documents/{document}/register/"), (client, f"/rooms/{room}/"), (client, f"/rooms/{room}/members/"),
        (client, f"/rooms/{room}/threads/{scene.thread.pk}/"), (client, "/clearance/mine/"),
        (client, "/account/organisation/"), (by_password, f"/documents/{document}/"),
    ):  # fmt: skip
        kept = who.get(address).headers.get("Cache-Control", "")
        assert "private" in kept, address
        assert "no-store" in kept, address


@pytest.mark.parametrize("address", ["nobody@example.test", "a person of another firm"])
def test_a_steward_of_a_firm_learns_from_no_form_who_has_an_account(world: World, address: str) -> None:
    with build.as_owner():
        room = build.circle(marking(1), steward=world.engineer)
    scenes.room_on(room, world.engineer)
    paper = hand_over(world, world.engineer, circle=room, marking=marking(1))
    email = address if "@" in address else world.outsider.email
    answer = build.sign_in(world.engineer).post(f"/documents/{paper.pk}/register/", {"email": email})
    assert answer.status_code == 200
    assert "許可できる方が見つかりません" in answer.content.decode()
    with build.as_owner():
        assert not DocumentGrant.objects.exists()


# --- doing ----------------------------------------------------------------------------------------------------


def test_whoever_only_reads_changes_nothing(scene: Scene) -> None:
    world = scene.world
    with build.as_owner():
        watcher = build.person(world.maker, "閲 覧者")
        build.authorise(watcher, 2, "SEMICON")
        build.join(world.circle, watcher, Role.OBSERVER)
    client, document, room = build.sign_in(watcher), scene.document.pk, scene.room.pk
    assert client.get(f"/documents/{document}/").status_code == 200
    for address, given in (
        (f"/documents/{document}/withdraw/", {}), (f"/documents/{document}/relabel/", {"marking_text": "PUBLIC"}),
        (f"/documents/{document}/register/", {"email": world.outsider.email}),
        (f"/documents/{document}/record/", {"record_file": "x"}), (f"/documents/{document}/versions/add/", {}),
        (f"/rooms/{room}/threads/start/", {"title": "x", "body": "x"}), (f"/rooms/{room}/rename/", {"name": "x"}),
        (f"/rooms/{room}/threads/{scene.thread.pk}/", {"body": "x", "marking": str(world.hi_semicon.pk)}),
        (f"/rooms/{room}/messages/{scene.message.pk}/withdraw/", {}), (f"/rooms/{room}/archive/", {}),
        (f"/rooms/{room}/members/invite/", {"email": world.outsider.email}),
        (f"/rooms/{room}/organisations/{world.maker.pk}/", {"email": world.colleague.email}),
    ):  # fmt: skip
        assert client.post(address, given).status_code == 404, address


def test_a_removed_member_lists_counts_polls_and_reopens_nothing(scene: Scene) -> None:
    world, client = scene.world, scene.client("secretary")
    assert WORDS["title"] in page(client, "/documents/")
    with scenes.being(world.official) as actor:
        tie = CircleMember.objects.get(person=world.secretary, circle=world.circle)
        membership.remove_member(actor=actor, room=scene.room, member=tie)
    for address in ("/", "/documents/", "/rooms/"):
        assert not leaks(page(client, address)), address
    for address in (f"/rooms/{scene.room.pk}/token", f"/documents/{scene.document.pk}/state"):
        assert client.get(address).status_code == 404


def test_who_was_removed_does_not_come_back_by_an_older_invitation(world: World) -> None:
    room = scenes.scene(world)
    with build.as_owner():
        firm = build.organisation("霧島化学（架空）")
        build.agreement(firm)
        one, other = build.person(firm), build.person(firm)
    asked = []
    for person in (one, other):
        with scenes.being(world.official) as actor:
            asked.append(membership.invite(
                actor=actor, room=room, email=person.email, whole_organisation=True, role=Role.PARTICIPANT
            ).pk)  # fmt: skip
    build.sign_in(one).post(f"/rooms/invitations/{asked[0]}/", {"answer": "accept"})
    with scenes.being(world.official) as actor:
        tie = room.circle.organisations.get(organisation=firm, until__isnull=True)
        membership.remove_organisation(actor=actor, room=room, tie=tie)
    assert build.sign_in(other).post(f"/rooms/invitations/{asked[1]}/", {"answer": "accept"}).status_code == 404
    with build.as_owner():
        CircleInvitation.objects.filter(pk=asked[1]).update(withdrawn_at=None)
    build.sign_in(other).post(f"/rooms/invitations/{asked[1]}/", {"answer": "accept"})
    with build.as_owner():
        assert not room.circle.organisations.filter(organisation=firm, until__isnull=True).exists()


def test_an_invitation_is_its_addressees_alone_and_serves_once(world: World) -> None:
    room = scenes.scene(world)
    with scenes.being(world.official) as actor:
        asked = membership.invite(
            actor=actor, room=room, email=world.outsider.email, whole_organisation=False, role=Role.PARTICIPANT
        )
    address = f"/rooms/invitations/{asked.pk}/"
    with scenes.being(world.colleague), connection.cursor() as cursor:
        cursor.execute("SELECT clearance_answer_invitation(%s, true)", [asked.pk])
        assert cursor.fetchone() == (False,)
    assert build.sign_in(world.colleague).post(address, {"answer": "accept"}).status_code == 404
    client = build.sign_in(world.outsider)
    assert client.post(address, {"answer": "accept"}).status_code == 302
    assert client.post(address, {"answer": "accept"}).status_code == 404


def test_what_was_given_by_name_ends_at_its_time_and_at_once_when_struck(scene: Scene) -> None:
    world, client = scene.world, scene.client("outsider")
    with being(world.official) as actor:
        paper = Document.objects.get(pk=scene.document.pk)
        grants.give(actor=actor, item=paper, person=world.outsider, until=timezone.now() + timedelta(days=1))
    assert client.get(f"/documents/{scene.document.pk}/").status_code == 200
    with build.as_owner():
        DocumentGrant.objects.update(until=timezone.now())
    assert client.get(f"/documents/{scene.document.pk}/").status_code == 404


def test_a_session_open_at_the_time_ends_with_the_account_the_authorisation_and_the_proof(scene: Scene) -> None:
    world, client = scene.world, scene.client("engineer")
    address = f"/documents/{scene.document.pk}/"
    assert client.get(address).status_code == 200
    with build.as_owner():
        held = world.engineer.authorisations.get()
        held.revoked_at = timezone.now()
        held.revoked_by, held.revoked_reason = world.clearance_officer, "試験"
        held.save()
    assert client.get(address).status_code == 404
    second = scene.client("secretary")
    with build.as_owner():
        world.secretary.is_active = False
        world.secretary.save()
    assert second.get(address).status_code == 302
    assert scene.client("official by password").get(address).status_code == 404
    assert Session.objects.exists()


def test_each_compartment_of_a_marking_is_asked_for_not_one_of_them(world: World) -> None:
    with build.as_owner():
        both = build.circle(marking(2, ["SEMICON", "BATTERY"]), world.engineer, steward=world.official)
    paper = hand_over(world, world.official, circle=both, marking=marking(2, ["SEMICON", "BATTERY"]))
    client = build.sign_in(world.engineer)
    assert client.get(f"/documents/{paper.pk}/").status_code == 404
    assert str(paper.pk) not in page(client, "/documents/")


def test_nothing_is_for_everyone_unless_it_is_said(world: World) -> None:
    """A new circle has its maker in it and nobody else, and what has no context is nobody's."""
    with build.as_owner():
        made = build.circle(marking(1), steward=world.official)
    assert not made.everyone
    paper = hand_over(world, world.official, circle=made, marking=marking(0))
    assert not Document.objects.exists()
    for who in (world.second_official, world.auditor, world.clearance_officer, world.engineer):
        assert build.sign_in(who).get(f"/documents/{paper.pk}/").status_code == 404


def test_the_official_who_asked_to_widen_does_not_answer(scene: Scene) -> None:
    address = f"/documents/requests/{scene.request.pk}/"
    for given in ({"answer": "approve"}, {"answer": "refuse", "note": "試験"}):
        assert scene.client("official").post(address, given).status_code == 404
    assert scene.client("engineer").post(address, {"answer": "approve"}).status_code == 404
    with build.as_owner():
        assert Document.objects.get(pk=scene.document.pk).level == 2
    assert scene.client("second official").post(address, {"answer": "approve"}).status_code == 302
    with build.as_owner():
        assert Document.objects.get(pk=scene.document.pk).level == 1


# --- injected SQL ---------------------------------------------------------------------------------------------


def test_leaving_gives_no_role_and_leads_into_no_other_circle(world: World) -> None:
    with build.as_owner():
        build.join_firm(world.other_circle, world.maker)
    with being(world.secretary):
        for role_and_end in ("role = 'STEWARD', until = '2099-01-01'", "role = 'STEWARD'", "until = '2099-01-01'"):
            assert refused(f"UPDATE clearance_circlemember SET {role_and_end} WHERE person_id = %s", world.secretary.pk)
        assert refused("UPDATE clearance_circlemember SET person_id = %s", world.outsider.pk)
    with being(world.engineer):
        for change in ("circle_id = %s, until = '2099-01-01'", "circle_id = %s, until = now()"):
            assert refused(f"UPDATE clearance_namedhandler SET {change}", world.other_circle.pk)
        assert refused("UPDATE clearance_namedhandler SET until = '2099-01-01'")
        assert world.other_circle.pk not in refresh().reach.circles
        assert not refused("UPDATE clearance_namedhandler SET until = now() WHERE person_id = %s", world.engineer.pk)


def test_nobody_is_the_first_handler_of_what_is_there_already(world: World, settings: Settings) -> None:
    """By whichever of the tables: a grant opens its id wherever that lies."""
    settings.CEILING = 3
    paper = hand_over(world, world.official, worked=False)
    with build.as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE clearance_deployment SET ceiling = 3")
        stranger = build.person(world.ministry)
        build.authorise(stranger, 2, "SEMICON", basis="OFFICIAL")
        build.authorise(stranger, 3, basis="CESI")
        own = build.circle(marking(3), stranger)
    with being(stranger, 3):
        for table in ("documents_documentgrant", "dialogues_roomgrant"):
            for marked in ("documents_document", "dialogues_room", "dialogues_message", "pg_authid"):
                for level in (0, 2, 3):
                    assert refused(FIRST, table, marked, paper.pk, own.pk, level)
        assert not Document.objects.exists()
        assert not refused(FIRST, "documents_documentgrant", "documents_document", uuid4(), own.pk, 3)
    with build.as_owner():
        DocumentGrant.objects.all().delete()  # of no document: the end of the test would find it


def test_nobody_grants_to_themselves_nor_turns_a_grant_to_themselves(world: World) -> None:
    paper = hand_over(world, world.official, worked=False)
    with being(world.official) as actor:
        grants.give(actor=actor, item=Document.objects.get(pk=paper.pk), person=world.outsider)
        given = "SELECT gen_random_uuid(), %s, %s, (SELECT min(id) FROM auth_permission), now()"
        assert refused(GRANTS + given, world.official.pk, paper.pk)
        assert refused("UPDATE documents_documentgrant SET user_id = %s", world.official.pk)
        assert not refused("UPDATE documents_documentgrant SET until = now()")
        assert not refused(GRANTS + given, world.colleague.pk, paper.pk)
    with being(world.secretary):
        assert refused(GRANTS + given, world.outsider.pk, paper.pk)


@pytest.mark.parametrize(
    "change",
    ["originator_id = handed_over_by_id", "circle_id = 1", "expires_at = NULL", "withdrawn = false", "created = now()"],
)
def test_where_a_document_lies_and_whose_it_is_cannot_be_written(world: World, change: str) -> None:
    hand_over(world, world.official, worked=False)
    with being(world.engineer):
        assert Document.objects.exists()
        assert refused(f"UPDATE documents_document SET {change}")


def test_nobody_asks_to_widen_in_another_officials_name(world: World) -> None:
    paper = hand_over(world, world.official, worked=False)
    ask = (
        "INSERT INTO documents_relabelrequest (id, document_id, present_id, proposed_id, reason, consent, note, "
        "proposed_by_id, proposed_at, answer) VALUES (gen_random_uuid(), %s, %s, %s, '', '', '', %s, now(), '')"
    )
    lower = marking(1)
    with being(world.official):
        assert refused(ask, paper.pk, world.hi_semicon.pk, lower.pk, world.second_official.pk)
        assert not refused(ask, paper.pk, world.hi_semicon.pk, lower.pk, world.official.pk)
        assert refused("UPDATE documents_relabelrequest SET proposed_by_id = %s", world.second_official.pk)
        assert refused("UPDATE documents_relabelrequest SET answer = 'APPROVED', answered_by_id = proposed_by_id")


def test_nobody_writes_in_anothers_name(scene: Scene) -> None:
    world = scene.world
    with build.as_owner():
        StoredBlob.objects.create(name="another")
    version = {"number": "number + 1", "blob_id": "'another'"}
    tables: list[tuple[str, str, dict[str, str]]] = [
        ("dialogues_thread", "author_id", {}), ("dialogues_message", "author_id", {}),
        ("documents_document", "handed_over_by_id", {"originator_id": f"'{world.maker.pk}'"}),
        ("documents_version", "received_by_id", version),
    ]  # fmt: skip
    with being(world.engineer):
        for table, author, more in tables:
            assert refused(copied(table, **more, **{author: f"'{world.official.pk}'"})), table
            assert not refused(copied(table, **more, **{author: f"'{world.engineer.pk}'"})), table
        ours = {"handed_over_by_id": f"'{world.engineer.pk}'", "originator_id": f"'{world.ministry.pk}'"}
        assert refused(copied("documents_document", **ours))
    with being(world.secretary):  # who receives for others
        ours["handed_over_by_id"] = f"'{world.secretary.pk}'"
        assert not refused(copied("documents_document", **ours))


def test_the_clearance_officer_opens_nothing_to_themselves(world: World) -> None:
    with build.as_owner():
        build.join_firm(world.circle, world.ministry)
    columns = "id, circle_id, organisation_id, person_id, since"
    name = f"INSERT INTO clearance_namedhandler ({columns}) VALUES (gen_random_uuid(), %s, %s, %s, now())"
    with being(world.clearance_officer) as actor:
        officer = world.clearance_officer.pk
        assert not refused(name, world.circle.pk, world.ministry.pk, world.auditor.pk)
        assert refused(name, world.circle.pk, world.ministry.pk, officer)
        assert refused("UPDATE clearance_namedhandler SET person_id = %s", officer)
        assert not NamedHandler.objects.filter(person_id=officer).exists()
        assert not actor.reach.circles


def test_nobody_enters_a_person_of_their_own_into_a_firm(world: World) -> None:
    """The letter that sets a new password would lead them in."""
    columns = "id, email, name, title, organisation_id, language, is_active, password, created"
    values = "%s, 'me@example.test', 'x', '', %s, 'ja', true, 'sealed$', now()"
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'accounts_person'")
        there = {name for (name,) in cursor.fetchall()}
    assert set(columns.split(", ")) <= there
    enter = f"INSERT INTO accounts_person ({columns}) VALUES ({values})"
    for who in (world.engineer, world.official):
        with being(who):
            assert refused(enter, uuid4(), world.maker.pk)
    assert refused(enter, uuid4(), world.maker.pk)
    with being(world.clearance_officer):
        assert not refused(enter, uuid4(), world.maker.pk)
