"""What a firm says it deals in: by it its own feed is ordered, and nobody else ever sees it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import Event
from briefings.content import Concerns
from briefings.models import Interests
from briefings.queries.concern import Firm, weight
from briefings.queries.feed import Narrowing, feed
from clearance.markings import marking
from tests.briefings.desk import Desk, content, desk, published
from tests.world import World, as_owner, being, sign_in

pytestmark = pytest.mark.django_db
ADDRESS = "/briefings/interests/"
SAID = {"commodities": "感光材\nネオジム", "technologies": "", "steps": ["EQUIPMENT"], "regions": "東海"}


@pytest.fixture
def at_desk(world: World) -> Desk:
    made = desk(world)
    for title, concerns in (
        ("古い品目の件", Concerns(commodities=("半導体用感光材",), regions=("東海地方",))),
        ("工程の件", Concerns(steps=("EQUIPMENT", "USER"))),
        ("無関係の件", Concerns(commodities=("肥料",), steps=("USER",))),
    ):
        published(made, content(("PUBLIC",), title=title, concerns=concerns))
    return made


@pytest.mark.parametrize(
    ("own", "theirs", "much"),
    [
        (Concerns(commodities=("感光材",)), Concerns(commodities=("半導体用感光材",)), 2),
        (Concerns(commodities=("ｶﾞﾘｳﾑ", "銅")), Concerns(commodities=("ガリウム", "銅箔")), 2),
        (
            Concerns(technologies=("EUV露光",), regions=("欧州",)),
            Concerns(technologies=("euv",), regions=("アジア",)),
            2,
        ),
        (Concerns(steps=("PARTS", "USER")), Concerns(steps=("USER", "PARTS")), 2),
        (Concerns(sectors=("SEMICON",), commodities=("感光材",)), Concerns(sectors=("SEMICON",)), 2),
    ],
)
def test_how_much_it_concerns_a_firm(own: Concerns, theirs: Concerns, much: int) -> None:
    assert weight(Firm(own).ties(theirs)) == much


def test_what_a_firm_says_orders_its_peoples_feed_and_says_why(at_desk: Desk, world: World) -> None:
    def titles(who: str, narrowing: Narrowing = Narrowing()) -> list[str | None]:  # noqa: B008
        with being(world.people[who]) as actor:
            return [line.title for line in feed(actor, narrowing).lines]

    assert titles("colleague") == titles("foreign") == ["無関係の件", "工程の件", "古い品目の件"]
    client = sign_in(world.engineer)
    assert "自社の品目・工程を登録すると" in client.get("/briefings/").content.decode()
    assert client.post(ADDRESS, SAID).status_code == 302
    assert titles("colleague") == ["古い品目の件", "工程の件", "無関係の件"]
    assert titles("foreign") == ["無関係の件", "工程の件", "古い品目の件"]
    page = client.get("/briefings/").content.decode()
    for why in ("品目：半導体用感光材", "地域：東海地方", "工程：製造装置"):
        assert why in page
    assert 'href="?commodity=%E3%83%8D%E3%82%AA%E3%82%B8%E3%83%A0"' in page
    assert 'href="?step=EQUIPMENT"' in page
    assert titles("engineer", Narrowing(commodity="肥料")) == ["無関係の件"]
    assert titles("engineer", Narrowing(step="EQUIPMENT")) == ["工程の件"]
    assert titles("engineer", Narrowing(step="USER", words="無関係")) == ["無関係の件"]
    assert "感光材\nネオジム" in sign_in(world.colleague).get(ADDRESS).content.decode()
    client.post(ADDRESS, SAID | {"commodities": "肥料"})
    assert titles("colleague")[0] == "無関係の件" or titles("colleague")[:2] == ["無関係の件", "工程の件"]
    with as_owner():
        acts = Event.objects.filter(act="briefing.interests").values_list("target_id", "level")
        assert list(acts) == [(str(world.maker.pk), 0)] * 2


def test_nobody_else_sees_it_whatever_their_duty(world: World) -> None:
    client = sign_in(world.engineer)
    client.post(ADDRESS, SAID)
    for who in ("official", "second_official", "clearance_officer", "auditor", "secretary", "foreign", "outsider"):
        with being(world.people[who]):
            assert not Interests.objects.exists(), who
        assert "ネオジム" not in sign_in(world.people[who]).get(ADDRESS).content.decode()
    with being(world.colleague):
        assert Interests.objects.count() == 1
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT i::text FROM briefings_interests i")
        ((row,),) = cursor.fetchall()
    assert "ネオジム".encode().hex() not in row
    assert "ネオジム" not in row


def test_one_says_it_for_ones_own_firm_and_in_ones_own_name(world: World) -> None:
    given = {"marking": marking(1), "said": {"commodities": ["にせ"]}}
    with being(world.outsider):
        for firm, by in ((world.maker, world.outsider), (world.outsider.organisation, world.engineer)):
            with pytest.raises(DatabaseError), transaction.atomic():
                Interests(organisation=firm, changed_by=by, **given).save(force_insert=True)


def test_what_was_typed_wrong_comes_back(world: World) -> None:
    answer = sign_in(world.engineer).post(ADDRESS, SAID | {"commodities": "長" * 81})
    assert answer.status_code == 200
    assert "長" * 81 in answer.content.decode()
    with as_owner():
        assert not Interests.objects.exists()
