"""The demo's documents: each handed over by somebody who may, readable by whom its room is for."""

from __future__ import annotations

import pytest

from accounts.demo import make_people
from clearance.demo import grant_authorisations
from dialogues.demo import make_rooms
from documents.demo import PLANS, make_documents
from documents.models import Document, Reading, State, Version
from tests.world import as_owner, being

pytestmark = pytest.mark.django_db


def test_the_demo_hands_over_documents_that_are_read() -> None:
    with as_owner():
        people = make_people()
        grant_authorisations(people)
        rooms = make_rooms(people)
        assert len(make_documents(people, rooms)) == len(PLANS)
        assert make_documents(people, rooms) == []  # may run again
        assert set(Version.objects.values_list("state", flat=True)) == {State.READY}
        assert Reading.objects.count() == sum(len(plan.read_by) for plan in PLANS)
        recorded = [document.recorded for document in Document.objects.all()]
    assert any(recorded)
    with being(people["engineer"]):
        titles = {document.title for document in Document.objects.all()}
    assert "前工程材料の供給途絶シナリオと官民の初動（案）" in titles
    with being(people["colleague"]):
        assert "前工程材料の供給途絶シナリオと官民の初動（案）" not in {each.title for each in Document.objects.all()}
