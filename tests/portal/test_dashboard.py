"""The first page: what waits for somebody, and nothing that is not theirs to know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from clearance.markings import marking
from clearance.models import Authorisation, Role
from dialogues.services import membership
from documents.models import RelabelRequest
from tests.dialogues import scenes
from tests.documents.acting import hand_over
from tests.world import World, as_owner

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
EVERYBODY = [
    "official", "second_official", "clearance_officer", "auditor", "secretary", "engineer", "colleague", "expired",
    "foreign", "outsider",
]  # fmt: skip


def home(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    return response.content.decode()


def test_whoever_is_not_signed_in_is_sent_to_sign_in(client: Client) -> None:
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("who", EVERYBODY)
def test_everybody_has_a_first_page_and_is_told_what_to_do_next(world: World, client_for: SignIn, who: str) -> None:
    shown = home(client_for(world.people[who]))
    assert "対応が必要なこと" in shown
    assert "empty-next" in shown


def test_rooms_and_documents_stand_there_for_their_readers_alone(world: World, client_for: SignIn) -> None:
    room = scenes.scene(world, name="鳳仙花の対話", marking=marking(2, ["SEMICON"]))
    scenes.thread_in(room, world.official, marking=world.hi_semicon)
    hand_over(world, world.official, title="鳳仙花の文書")
    shown = home(client_for(world.engineer))
    assert "鳳仙花の対話" in shown
    assert "鳳仙花の文書" in shown
    assert "未読1件" in shown
    for who in ("colleague", "expired", "foreign", "outsider", "clearance_officer", "auditor"):
        assert "鳳仙花" not in home(client_for(world.people[who])), who
    weak = home(client_for(world.engineer, level=1))
    assert "鳳仙花" not in weak
    assert "本人確認に進む" in weak


def test_an_invitation_waits_for_the_person_asked(world: World, client_for: SignIn) -> None:
    room = scenes.scene(world, name="招待された場")
    with scenes.being(world.official) as actor:
        membership.invite(
            actor=actor, room=room, email=world.outsider.email, whole_organisation=False, role=Role.PARTICIPANT
        )
    assert "招待された場" in home(client_for(world.outsider))
    assert "対話の場への招待" not in home(client_for(world.engineer))


def test_a_request_for_a_wider_marking_waits_for_another_official(world: World, client_for: SignIn) -> None:
    scenes.scene(world)
    document = hand_over(world, world.official)
    with as_owner():
        propose(document, world, world.official)
    assert "承認を待つ格付変更" in home(client_for(world.second_official))
    for who in ("official", "engineer", "secretary"):
        assert "承認を待つ格付変更" not in home(client_for(world.people[who])), who


def propose(document: Any, world: World, by: Any) -> None:
    RelabelRequest(
        document=document, present=document.marking, proposed=marking(1), proposed_by=by, reason="公開のため"
    ).save(force_insert=True)


def test_what_ends_soon_is_told_to_its_holder_and_counted_for_the_officer(world: World, client_for: SignIn) -> None:
    with as_owner():
        Authorisation.objects.filter(person=world.engineer).update(until=timezone.now() + timedelta(days=20))
    assert "あなたの取扱資格の期限" in home(client_for(world.engineer))
    assert "取扱資格1件と、組織の契約・認定0件" in home(client_for(world.clearance_officer))
    for who in ("official", "secretary", "colleague"):
        assert "期限" not in home(client_for(world.people[who])), who
