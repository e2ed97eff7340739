"""Changing the marking of everything in a circle that lies under the same one, in one act."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.acts import Act
from audit.models import Event
from audit.services import SYSTEM, record
from clearance.access import Denied
from clearance.markings import marking
from clearance.models import Marking
from documents.models import Answer, Document, RelabelRequest
from documents.services import relabelling
from documents.services.relabelling import propose, relabel_alike
from tests.documents.acting import hand_over
from tests.world import World, as_owner, being
from vault import Unreadable

pytestmark = pytest.mark.django_db
Papers = list[Document]


def made(level: int, *compartments: str, tlp: str = "") -> Marking:
    with as_owner():
        return marking(level, compartments, [], tlp)


@pytest.fixture
def papers(world: World) -> Papers:
    """Three under one marking, two of them the ministry's, one the maker's."""
    low = made(1, "SEMICON")
    givers = (world.official, world.official, world.engineer)
    return [hand_over(world, giver, title=f"資料{number}", marking=low) for number, giver in enumerate(givers)]


def now(papers: Papers) -> Papers:
    with as_owner():
        return [Document.objects.select_related("marking").get(pk=paper.pk) for paper in papers]


def told(papers: Papers) -> list[str]:
    with as_owner():
        changes = Event.objects.filter(act=Act.DOCUMENT_RELABEL, target_id__in=[str(paper.pk) for paper in papers])
        return sorted(changes.values_list("target_id", flat=True))


def test_all_that_lie_under_the_same_marking_are_changed_and_each_is_told(world: World, papers: Papers) -> None:
    other = hand_over(world, world.official, title="別の格付")
    red = made(1, "SEMICON", tlp="RED")
    with as_owner():
        keys = [paper.item_key() for paper in now(papers)]
    with being(world.official) as actor:
        assert relabel_alike(actor=actor, document=papers[0], marking=red) == 3
    after = now(papers)
    assert {paper.marking_id for paper in after} == {red.pk}
    assert {paper.key_version for paper in after} == {1}
    with as_owner():
        assert [paper.item_key() for paper in after] == keys
        assert [paper.title for paper in after] == ["資料0", "資料1", "資料2"]
    assert told(papers) == sorted(str(paper.pk) for paper in papers)
    assert now([other])[0].marking_id == other.marking_id


def test_where_some_are_shut_out_each_gets_a_new_key(world: World, papers: Papers) -> None:
    with as_owner():
        keys = {paper.item_key() for paper in now(papers)}
    with being(world.official) as actor:
        assert relabel_alike(actor=actor, document=papers[1], marking=world.hi_semicon) == 3
    after = now(papers)
    assert {paper.level for paper in after} == {2}
    with as_owner():
        assert not keys & {paper.item_key() for paper in after}
        assert [paper.title for paper in after] == ["資料0", "資料1", "資料2"]


def test_only_what_one_may_change_is_changed(world: World, papers: Papers) -> None:
    red = made(1, "SEMICON", tlp="RED")
    with being(world.engineer) as actor:
        with pytest.raises(Denied), transaction.atomic():
            relabel_alike(actor=actor, document=papers[0], marking=red)
        assert relabel_alike(actor=actor, document=papers[2], marking=red) == 1
    assert [paper.marking_id == red.pk for paper in now(papers)] == [False, False, True]


def test_what_lets_anybody_new_in_is_refused_for_all(world: World, papers: Papers) -> None:
    with being(world.official) as actor, pytest.raises(ValidationError) as refused, transaction.atomic():
        relabel_alike(actor=actor, document=papers[0], marking=made(1))
    assert refused.value.error_dict["marking"][0].code == "two_officials"
    assert told(papers) == []


def as_stored() -> list[tuple[object, ...]]:
    with as_owner():
        return list(Document.objects.order_by("pk").values_list("pk", "marking_id", "wrapped_key", "key_version"))


@pytest.mark.parametrize("spoilt", ["the key was bent", "an old row was put back"])
@pytest.mark.parametrize("new_keys", [False, True])
def test_one_that_does_not_open_is_refused_and_the_others_with_it(
    world: World, papers: Papers, spoilt: str, new_keys: bool
) -> None:
    to = world.hi_semicon if new_keys else made(1, "SEMICON", tlp="RED")
    one, key = str(papers[1].pk), bytes(papers[1].wrapped_key)
    with as_owner():
        if spoilt == "the key was bent":
            Document.objects.filter(pk=one).update(wrapped_key=key[:-1] + bytes([key[-1] ^ 1]))
        else:  # the log speaks of another marking since
            record(actor=SYSTEM, act=Act.DOCUMENT_RELABEL, target_id=one, level=2, detail={"to": "HI"})
    stored, known = as_stored(), told(papers)
    with being(world.official) as actor, pytest.raises(Unreadable), transaction.atomic():
        relabel_alike(actor=actor, document=papers[0], marking=to)
    assert (as_stored(), told(papers)) == (stored, known)


def test_many_take_as_many_questions_as_few(world: World, papers: Papers) -> None:
    def questions(to: Marking) -> int:
        with being(world.official) as actor, CaptureQueriesContext(connection) as queries:
            relabel_alike(actor=actor, document=Document.objects.get(pk=papers[0].pk), marking=to)
        return len(queries)

    green, amber, red = (made(1, "SEMICON", tlp=tlp) for tlp in ("GREEN", "AMBER", "RED"))
    questions(green)
    few = questions(amber)
    for number in range(4):
        hand_over(world, world.official, title=f"追加{number}", marking=amber)
    assert questions(red) <= few


def test_more_than_can_be_changed_at_once_are_refused(
    world: World, papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relabelling, "MOST_AT_ONCE", 2)
    with being(world.official) as actor, pytest.raises(ValidationError) as refused, transaction.atomic():
        relabel_alike(actor=actor, document=papers[0], marking=made(1, "SEMICON", tlp="RED"))
    assert refused.value.code == "too_many"


def test_a_request_that_spoke_of_the_marking_before_is_overtaken(world: World, papers: Papers) -> None:
    with being(world.official) as actor:
        found = Document.objects.get(pk=papers[1].pk)
        propose(actor=actor, document=found, marking=made(1), reason="公表のため")
    with being(world.official) as actor:
        relabel_alike(actor=actor, document=papers[0], marking=made(1, "SEMICON", tlp="RED"))
    with as_owner():
        request = RelabelRequest.objects.get()
        assert (request.answer, request.reason) == (Answer.OVERTAKEN, "公表のため")


def test_the_form_offers_it(world: World, papers: Papers, client_for: Callable[..., Client]) -> None:
    official = client_for(world.official)
    url = reverse("documents:relabel", args=[papers[0].pk])
    assert "まとめて変更する" in official.get(url).content.decode()
    red = made(1, "SEMICON", tlp="RED")
    given = {"marking_choice": "other", "marking_text": red.text, "alike": "on", "reason": "", "consent": ""}
    answer = official.post(url, given, follow=True)
    assert "3件の文書の格付・取扱制限を変更しました。" in answer.content.decode()
    assert {paper.marking_id for paper in now(papers)} == {red.pk}
