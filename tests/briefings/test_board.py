"""The officials' board: how far a briefing got, by name, by sector and by size."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Person
from briefings.machines import ADDRESSES
from briefings.models import Briefing
from briefings.queries.board import board
from tests.briefings.desk import Desk, content, desk, published
from tests.briefings.readers import firms
from tests.world import World, as_owner, being, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(world: World) -> Desk:
    return desk(world)


def test_the_board_tells_who_opened_who_took_note_and_who_is_late(at_desk: Desk) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    briefing = published(at_desk, content(("PUBLIC",), acknowledge_by=yesterday.isoformat()))
    opened, noted, away, machine = firms(at_desk.world, at_desk.world.circle, 4)
    with as_owner():
        Person.objects.filter(pk=machine.pk).update(email=f"{machine.pk}{ADDRESSES}")
    for each in (opened, noted):
        sign_in(each).get(f"/briefings/{briefing.pk}/")
    sign_in(noted).post(f"/briefings/{briefing.pk}/acknowledge/")
    with being(at_desk.world.official) as actor:
        shown = board(actor, Briefing.objects.get(pk=briefing.pk))
        by_firm = {firm.organisation.pk: firm for firm in shown.firms}
        mine = [by_firm[each.organisation_id] for each in (opened, noted, away)]
        assert [(f.opened, f.acknowledged, f.overdue, f.been_here) for f in mine] == [
            (True, False, True, True), (True, True, False, True), (False, False, True, False),
        ]  # fmt: skip
        assert machine.organisation_id not in by_firm  # which takes note of nothing
        assert away.organisation_id in {firm.organisation.pk for firm in shown.away}
        (small,) = [bar for bar in shown.by_size if bar.label == "中小企業"]
        assert (small.reached, small.opened, small.acknowledged, small.overdue) == (3, 2, 1, 2)
        assert sum(float(width) for _name, _x, width in small.widths) == pytest.approx(100 * 3 / small.most, abs=0.1)
        assert not any(person.organisation.is_ministry for person in (reader.person for reader in shown.readers))
    page = sign_in(at_desk.world.official).get(f"/briefings/{briefing.pk}/board/").content.decode()
    for words in (opened.name, noted.name, away.organisation.name, "期限を過ぎています", "<svg", "中小企業", "半導体"):
        assert words in page


def test_the_board_is_for_the_officials_who_run_the_audience(at_desk: Desk) -> None:
    briefing = published(at_desk)
    for name in ("engineer", "colleague", "secretary", "second_official"):
        answer = sign_in(at_desk.world.people[name]).get(f"/briefings/{briefing.pk}/board/")
        assert answer.status_code == 404, name


def test_the_board_asks_as_much_for_many_firms_as_for_few(at_desk: Desk) -> None:
    briefing = published(at_desk)

    def asked() -> int:
        client = sign_in(at_desk.world.official)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/briefings/{briefing.pk}/board/").status_code == 200
        return len(queries)

    asked()
    few = asked()
    firms(at_desk.world, at_desk.world.circle, 6)
    assert asked() == few
