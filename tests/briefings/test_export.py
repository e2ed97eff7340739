"""CSV and JSON of what a reader may read."""

from __future__ import annotations

import csv
import io
import json

import pytest

from audit.models import Event
from briefings import export
from briefings.models import Opening
from tests.briefings.desk import BODIES, Desk, content, desk, published
from tests.world import World, as_owner, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(world: World) -> Desk:
    return desk(world)


def test_each_reader_takes_what_they_may_read(at_desk: Desk) -> None:
    briefing = published(at_desk)
    for name, sees in (("colleague", 1), ("foreign", 2), ("engineer", 3)):
        client = sign_in(at_desk.world.people[name])
        (entry,) = json.loads(client.get("/briefings/export.json").content)["briefings"]
        assert [each["body"] for each in entry["sections"]] == list(BODIES[:sees])
        table = list(csv.reader(io.StringIO(client.get("/briefings/export.csv").content.decode("utf-8-sig"))))
        assert [body in table[1][-1] for body in BODIES] == [number < sees for number in range(3)]
        assert (len(table), table[1][0]) == (2, str(briefing.pk))
    with as_owner():
        levels = Event.objects.filter(act="briefing.export").order_by("at").values_list("level", flat=True)
        assert list(levels) == [0, 0, 1, 1, 2, 2]
        assert Opening.objects.filter(briefing=briefing).count() == 3  # a retraction has to reach them


def test_no_cell_is_a_formula(at_desk: Desk) -> None:
    for title in ("=HYPERLINK(1)", "＋1", "@SUM(A1)"):
        published(at_desk, content(("PUBLIC",), title=title))
    text = sign_in(at_desk.world.colleague).get("/briefings/export.csv").content.decode("utf-8-sig")
    titles = {row[1] for row in list(csv.reader(io.StringIO(text)))[1:]}
    assert titles == {"'=HYPERLINK(1)", "'＋1", "'@SUM(A1)"}


def test_what_is_too_much_at_once_is_taken_in_parts(at_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 2)
    made = {str(published(at_desk, content(("PUBLIC",))).pk) for _each in range(3)}
    client = sign_in(at_desk.world.colleague)
    answer = client.get("/briefings/export.json")
    first = json.loads(answer.content)
    assert answer["Link"] == f'<{first["next"]}>; rel="next"'
    rest = json.loads(client.get(first["next"]).content)
    assert {each["id"] for each in first["briefings"] + rest["briefings"]} == made
    assert (len(first["briefings"]), rest["next"]) == (2, "")
    theirs = json.loads(sign_in(at_desk.world.engineer).get(first["next"]).content)
    assert len(theirs["briefings"]) == 2  # another's cursor counts as none
