"""What firms answer: their own officials' to read, and others' only as far as the disclosure rule lets it be told."""

from __future__ import annotations

import pytest

from audit.models import Event
from briefings.models import Reply
from briefings.queries.counts import told
from tests.briefings.desk import Desk, desk, published
from tests.briefings.readers import firms
from tests.world import World, as_owner, being, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(world: World) -> Desk:
    return desk(world)


def test_a_firm_answers_and_answers_anew(at_desk: Desk) -> None:
    briefing = published(at_desk)
    client = sign_in(at_desk.world.engineer)
    address = f"/briefings/{briefing.pk}/reply/"
    assert client.post(address, {"kind": "SEEN", "text": "七月から"}).status_code == 302
    for _twice in range(2):
        assert client.post(address, {"kind": "NOT_US"}).status_code == 302
    refused = client.post(address, {"kind": "QUESTION", "text": " "}).content.decode()
    assert "質問の内容を入力してください。" in refused
    assert client.post(address, {"kind": "QUESTION", "text": "いつまでですか"}).status_code == 302
    page = sign_in(at_desk.world.colleague).get(f"/briefings/{briefing.pk}/").content.decode()
    assert "今の返答: <strong>当社には当てはまらない</strong>" in page
    assert "いつまでですか" in page  # of the same firm
    assert "いつまでですか" not in sign_in(at_desk.world.foreign).get(f"/briefings/{briefing.pk}/").content.decode()
    with as_owner():
        assert Event.objects.filter(act="briefing.reply").count() == Reply.objects.count() == 3


@pytest.mark.parametrize(("saying", "silent", "said"), [(4, 8, False), (5, 5, True), (8, 0, False)])
def test_others_learn_of_five_or_more_and_of_nothing_below(at_desk: Desk, saying: int, silent: int, said: bool) -> None:
    briefing = published(at_desk)
    people = firms(at_desk.world, at_desk.world.circle, saying + silent)
    with as_owner():
        for each in people[:saying]:
            Reply(briefing=briefing, person=each, organisation=each.organisation, kind="SEEN").save(force_insert=True)
    official, reader = sign_in(at_desk.world.official), sign_in(people[-1])
    before = reader.get(f"/briefings/{briefing.pk}/").content.decode()
    assert "ほかの企業の返答" not in before
    address = f"/briefings/{briefing.pk}/board/"
    assert official.post(address, {"kind": "SEEN"}).status_code == 302
    page = reader.get(f"/briefings/{briefing.pk}/").content.decode()
    assert ("当社でも見られる: 5者以上" in page) is said
    assert ("ほかの企業の返答" in page) is said
    with as_owner():
        assert Event.objects.filter(act="briefing.counts").exists() is said


def test_only_who_runs_the_audience_tells(at_desk: Desk) -> None:
    briefing = published(at_desk)
    for name in ("engineer", "second_official"):
        client = sign_in(at_desk.world.people[name])
        assert client.post(f"/briefings/{briefing.pk}/board/", {"kind": "SEEN"}).status_code == 404
    assert (
        sign_in(at_desk.world.official).post(f"/briefings/{briefing.pk}/board/", {"kind": "QUESTION"}).status_code
        == 404
    )
    with being(at_desk.world.engineer):
        assert told(briefing) == []
