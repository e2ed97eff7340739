"""The screens on which a briefing is written: nothing typed is lost, whoever was first, whatever was wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from briefings.content import Content
from briefings.forms.typed import Typed
from briefings.kinds import Kind
from briefings.models import Draft, State
from briefings.templates_of_kinds import template, untouched
from briefings.views.shown import read_with
from tests.world import World, as_owner, person

from . import desk as desks
from .desk import Desk

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def desk(world: World) -> Desk:
    return desks.desk(world)


@pytest.fixture
def draft(desk: Desk) -> Draft:
    return desks.draft_of(desk)


@pytest.fixture
def client(desk: Desk, client_for: SignIn) -> Client:
    return client_for(desk.author)


def address(name: str, draft: Draft) -> str:
    return reverse(f"briefings:{name}", args=[draft.pk])


def typed(draft: Draft, **changed: Any) -> dict[str, Any]:
    """What the page of the stored draft would send, with some of it typed anew."""
    data = Typed.written(stored(draft)).data()
    sent: dict[str, Any] = dict(data.lists())
    return sent | {"seen": str(draft.revision)} | changed


def stored(draft: Draft) -> Content:
    with as_owner():
        return Content.read(Draft.objects.get(pk=draft.pk).content)


def again(draft: Draft) -> Draft:
    with as_owner():
        return Draft.objects.get(pk=draft.pk)


@pytest.mark.parametrize("kind", Kind.values)
def test_each_kind_begins_with_questions_that_are_missed_before_review(kind: str) -> None:
    begun = template(kind, "SENSITIVE")
    assert begun.head.body.count("［") == 2
    assert {each.marking for each in begun.sections} == {"SENSITIVE"}
    assert begun.sections[-1].actions
    assert [each.heading for each in untouched(begun)] == [each.heading for each in begun.sections[:-1]]


def test_a_draft_begins_from_its_form(desk: Desk, client: Client) -> None:
    url = reverse("briefings:draft_start")
    assert "リスクの種類" in client.get(url).content.decode()
    wrong = client.post(url, {"kind": "CYBER", "marking_choice": "other", "marking_text": "HI//NONE"})
    assert wrong.status_code == 200
    assert 'value="HI//NONE"' in wrong.content.decode()
    response = client.post(url, {"kind": "CYBER", "marking_choice": "other", "marking_text": "SENSITIVE"})
    assert response.status_code == 302
    shown = client.get(response["Location"]).content.decode()
    assert "手口と見分け方" in shown
    assert shown.count("marking-line") >= 2


def test_saving_keeps_everything_of_a_section(desk: Desk, draft: Draft, client: Client) -> None:
    sent = typed(
        draft, title="新しい題名", do="save",
        **{
            "s1-a0-what": "在庫を数える", "s1-a0-who": "調達", "s1-a0-by": "2026-12-24",
            "s1-n0-thing": "location", "s1-n0-name": "東海", "s1-r0-what": "現地の報道",
        },
        commodities="感光材\n\n薬液\n",
    )  # fmt: skip
    response = client.post(address("draft", draft), sent)
    assert response.status_code == 302
    content = stored(draft)
    assert content.title == "新しい題名"
    assert content.concerns.commodities == ("感光材", "薬液")
    second = content.sections[1]
    assert (second.actions[0].what, second.actions[0].by) == ("在庫を数える", "2026-12-24")
    assert (second.named[0].name, second.sources[0].what) == ("東海", "現地の報道")
    assert second.slot == Content.read(draft.content).sections[1].slot
    assert again(draft).revision == draft.revision + 1
    page = client.get(address("draft", draft)).content.decode()
    assert 'value="在庫を数える"' in page
    assert 'value="2026-12-24"' in page


def test_what_another_saved_meanwhile_is_shown_beside_ones_own(
    desk: Desk, draft: Draft, client: Client, client_for: SignIn
) -> None:
    sent = typed(draft, do="save", **{"s0-body": "わたしの文章"})
    other = client_for(desk.reviewer)
    assert other.post(address("draft", draft), typed(draft, do="save", **{"s0-body": "ほかの文章"})).status_code == 302
    response = client.post(address("draft", draft), sent)
    page = response.content.decode()
    assert response.status_code == 409
    assert "わたしの文章</textarea>" in page
    assert "<del>" in page
    assert "<p>何が起きているか<br>ほかの文章</p>" in page  # theirs whole, and what differs
    assert stored(draft).head.body == "ほかの文章"
    # Seen now: what is sent from this page is taken.
    assert f'name="seen" value="{again(draft).revision}"' in page
    sent["seen"] = str(again(draft).revision)
    assert client.post(address("draft", draft), sent).status_code == 302
    assert stored(draft).head.body == "わたしの文章"


def test_autosave_answers_in_a_sentence_and_never_writes_over(
    desk: Desk, draft: Draft, client: Client, client_for: SignIn
) -> None:
    url = address("draft_save", draft)
    first = client.post(url, typed(draft, title="一つ目"))
    assert (first.status_code, first.json()["revision"]) == (200, draft.revision + 1)
    same = client.post(url, typed(draft, title="一つ目"))  # the same once more is nothing to write over
    assert same.status_code == 200
    late = client.post(url, typed(draft, title="二つ目") | {"seen": str(draft.revision)})
    assert late.status_code == 409
    assert "別の画面で先に保存された" in late.json()["told"]
    wrong = client.post(url, typed(again(draft), acknowledge_by="あした"))
    assert wrong.status_code == 422
    assert stored(draft).title == "一つ目"


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(desk: Desk, draft: Draft, client: Client) -> None:
    sent = typed(draft, do="save", title="題" * 121, acknowledge_by="あした", **{"s2-a0-who": "だれか"})
    response = client.post(address("draft", draft), sent)
    page = response.content.decode()
    assert response.status_code == 200
    for name in ("id_title", "id_acknowledge_by", "id_s2-a0-what"):
        assert f'id="{name}_error"' in page
    for text in ("題" * 121, 'value="あした"', 'value="だれか"', desks.BODIES[2]):
        assert text in page
    assert again(draft).revision == draft.revision


def test_a_section_tells_that_it_cannot_take_its_marking(desk: Desk, draft: Draft, client: Client) -> None:
    sent = typed(draft, do="save", **{"s1-marking": "other", "s1-marking_text": "HI//BATTERY"})
    page = client.post(address("draft", draft), sent).content.decode()
    assert 'id="id_s1-marking_text_error"' in page
    assert 'value="HI//BATTERY"' in page
    lower = typed(draft, do="save", **{"s0-marking": "HI//SEMICON", "s1-marking": "PUBLIC"})
    assert client.post(address("draft", draft), lower).status_code == 302  # kept half written
    page = client.get(address("draft", draft)).content.decode()
    before, _heading, after = page.partition('id="section-1"')
    assert "この格付では公表できません" not in before
    assert "最初の節の格付以上にしてください" in after


def test_sections_are_added_moved_and_removed_without_script(desk: Desk, draft: Draft, client: Client) -> None:
    url = address("draft", draft)
    slots = [each.slot for each in stored(draft).sections]
    assert client.post(url, typed(draft, do="add"))["Location"].endswith("#section-3")
    assert len(stored(draft).sections) == 4
    assert client.post(url, typed(again(draft), do="up-2"))["Location"].endswith("#section-1")
    assert [each.slot for each in stored(draft).sections[:3]] == [slots[0], slots[2], slots[1]]
    client.post(url, typed(again(draft), do="remove-0"))  # the first is what every reader sees
    client.post(url, typed(again(draft), do="remove-1"))
    assert [each.slot for each in stored(draft).sections[:2]] == [slots[0], slots[1]]
    page = client.post(url, typed(again(draft), do="row-0-a", title="まだ")).content.decode()
    assert 'value="まだ"' in page
    wrong = client.post(url, typed(again(draft), do="add", acknowledge_by="あした")).content.decode()
    assert "まだ保存していません" in wrong
    assert 'value="あした"' in wrong
    assert 'id="section-3"' in wrong


def test_one_marking_for_the_whole_or_one_a_section(desk: Desk, client: Client) -> None:
    draft = desks.draft_of(desk, desks.content(("SENSITIVE", "SENSITIVE")))
    page = client.get(address("draft", draft)).content.decode()
    assert 'name="marking"' in page
    assert 'name="s1-marking"' not in page
    page = client.post(address("draft", draft), typed(draft, do="by_section")).content.decode()
    assert 'name="s1-marking"' in page
    sent = typed(draft, do="save", by_section="1", **{"s0-marking": "SENSITIVE", "s1-marking": "HI//SEMICON"})
    assert client.post(address("draft", draft), sent).status_code == 302
    assert [each.marking for each in stored(draft).sections] == ["SENSITIVE", "HI//SEMICON"]
    page = client.post(address("draft", draft), typed(again(draft), do="as_one")).content.decode()
    assert '<option value="HI//SEMICON" selected' in page


def test_how_far_it_may_be_told_is_chosen_beside_the_marking(desk: Desk, draft: Draft, client: Client) -> None:
    sent = typed(draft, do="save", **{"s1-tlp": "AMBER", "s2-marking": "other", "s2-marking_text": "HI//TLP:RED"})
    assert client.post(address("draft", draft), sent).status_code == 302
    assert [each.marking for each in stored(draft).sections] == ["PUBLIC", "SENSITIVE//TLP:AMBER", "HI//TLP:RED"]
    page = client.get(address("draft", draft)).content.decode()
    assert '<option value="AMBER" selected' in page
    assert '<option value="SENSITIVE" selected' in page
    told = client.get(address("draft_submit", draft)).content.decode()
    assert "どこまで伝えてよいかを決めていない節があります" in told
    assert told.count(f"<li>{desks.HEADINGS[0]}</li>") == 1
    assert f"<li>{desks.HEADINGS[1]}</li>" not in told
    client.post(address("draft", draft), typed(again(draft), do="save", **{"s1-tlp": "", "s2-tlp": ""}))
    assert [each.marking for each in stored(draft).sections] == ["PUBLIC", "SENSITIVE", "HI"]
    whole = client.post(address("draft", draft), typed(again(draft), do="as_one", **{"s1-tlp": "GREEN"}))
    assert '<option value="GREEN" selected' in whole.content.decode()


def test_no_browser_chooses_which_published_section_it_writes(desk: Desk, draft: Draft, client: Client) -> None:
    forged = str(uuid7())
    assert client.post(address("draft", draft), typed(draft, do="save", **{"s1-key": forged})).status_code == 302
    assert forged not in {each.slot for each in stored(draft).sections}


def test_preview_shows_what_is_typed_and_saves_nothing(desk: Desk, draft: Draft, client: Client) -> None:
    sent = typed(draft, do="preview", **{"s0-body": "**強い**言葉 <script>x</script>"})
    page = client.post(address("draft", draft), sent).content.decode()
    assert "<strong>強い</strong>" in page
    assert "<script>x" not in page
    assert "&lt;script&gt;x&lt;/script&gt;</textarea>" in page
    piece = client.post(address("draft_preview", draft), sent, headers={"HX-Request": "true"})
    assert "<strong>強い</strong>" in piece.content.decode()
    assert "<html" not in piece.content.decode()
    assert "HX-Request" in piece["Vary"]
    assert again(draft).revision == draft.revision


def test_a_session_that_ran_out_gives_back_what_was_typed(desk: Desk, draft: Draft) -> None:
    response = Client().post(address("draft", draft), typed(draft, do="save", **{"s1-body": "長い長い文章"}))
    assert response.status_code == 403
    assert "長い長い文章" in response.content.decode()


def test_a_session_without_a_second_factor_gives_back_what_was_typed(
    desk: Desk, draft: Draft, client_for: SignIn
) -> None:
    weak = client_for(desk.author, level=1)
    there = weak.post(address("draft", draft), typed(draft, do="save", **{"s1-body": "長い長い文章"}))
    assert there.status_code == 404
    assert "長い長い文章" in there.content.decode()


def test_what_was_submitted_meanwhile_keeps_what_was_typed(desk: Desk, draft: Draft, client: Client) -> None:
    sent = typed(draft, do="save", **{"s0-body": "あとから"})
    desks.review_of(desk, draft)
    response = client.post(address("draft", draft), sent)
    assert response.status_code == 409
    assert "あとから</textarea>" in response.content.decode()
    assert client.get(address("draft", draft)).status_code == 302
    assert again(draft).state == State.IN_REVIEW


def test_lists_say_what_to_do_next(desk: Desk, client: Client) -> None:
    assert "作成中の下書きはありません" in client.get(reverse("briefings:drafts")).content.decode()
    desks.draft_of(desk)
    assert desks.TITLE in client.get(reverse("briefings:drafts")).content.decode()
    for state in ("waiting", "done"):
        assert (
            "この状態の下書きはありません" in client.get(reverse("briefings:drafts"), {"state": state}).content.decode()
        )


PAGES = ("draft", "draft_preview", "draft_audience", "draft_reach", "draft_submit", "draft_review", "draft_drop")
POSTS = ("draft", "draft_save", "draft_preview", "draft_audience", "draft_submit", "draft_review", "draft_take_back")


def test_to_everybody_else_there_is_no_such_draft(desk: Desk, draft: Draft, client_for: SignIn) -> None:
    """Readers, and officials outside the bureau: as if it were not there."""
    with as_owner():
        stranger = person(desk.world.ministry, "官 三郎", "OFFICIAL")
    nothing = Draft(pk=uuid7())
    for who in (desk.world.engineer, stranger):
        elsewhere = client_for(who)
        for name in PAGES:
            there, missing = (elsewhere.get(address(name, each)) for each in (draft, nothing))
            assert (there.status_code, there.content) == (404, missing.content), name
        for name in POSTS:
            there, missing = (elsewhere.post(address(name, each), {"title": "x"}) for each in (draft, nothing))
            assert (there.status_code, missing.status_code) == (404, 404), name
    for name in ("drafts", "draft_start", "bureaus", "audiences", "audience_list"):
        assert client_for(desk.world.engineer).get(reverse(f"briefings:{name}")).status_code == 404


def test_a_reader_is_what_their_markings_let_them_read(world: World) -> None:
    content = desks.content()
    assert read_with(content, ["PUBLIC"]) == ["PUBLIC"]
    assert read_with(content, ["SENSITIVE"]) == ["PUBLIC", "SENSITIVE"]
    assert read_with(content, ["HI//SEMICON"]) == list(desks.LEVELS)
