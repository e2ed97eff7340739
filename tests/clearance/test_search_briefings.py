"""Searching what is published: the sections one may read, from the moment they are published to their withdrawal."""

from __future__ import annotations

import pytest
from django.db import connection

from briefings.models import Briefing, Portion, State
from briefings.services import publishing, reviewing
from clearance.search import search
from tests.briefings import desk as on
from tests.world import World, as_owner, being

pytestmark = pytest.mark.django_db


def headings(world: World, who: str, words: str) -> list[str]:
    with being(world.people[who]) as actor:
        return sorted(row.heading for row in search(actor, Portion.objects.select_related("marking"), words))


def laid(table: str) -> list[bool]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"SELECT tokens IS NOT NULL FROM {table}")
        return [each for (each,) in cursor.fetchall()]


def test_each_finds_the_sections_they_may_read_at_once_and_none_after_retraction(world: World) -> None:
    desk = on.desk(world)
    review = on.review_of(desk, on.draft_of(desk, on.content(), state=State.IN_REVIEW))
    with being(desk.reviewer) as actor:
        briefing = reviewing.approve(actor=actor, review=review)
    assert isinstance(briefing, Briefing)
    assert laid("briefings_briefing") == [True]
    assert laid("briefings_portion") == [True] * 3  # without waiting for the worker
    assert headings(world, "engineer", "四週間") == [on.HEADINGS[2]]
    assert headings(world, "foreign", "四週間") == []
    assert headings(world, "foreign", "調達先") == [on.HEADINGS[1]]
    assert headings(world, "outsider", "感光材") == []
    with being(world.engineer) as actor:
        rows = Briefing.objects.select_related("marking")
        codes = [code for name in ("sectors", "commodities") for code in briefing.concerns.get(name, ())]
        assert search(actor, rows, "感光材", facets=codes).rows == [briefing]
        assert search(actor, rows, "", facets=["no such code"]).rows == []
    with being(desk.author) as actor:
        publishing.retract(actor=actor, briefing=Briefing.objects.get(pk=briefing.pk), reason_code="MISTAKEN")
    assert not any(laid("briefings_briefing") + laid("briefings_portion"))
    assert headings(world, "engineer", "感光材") == []
