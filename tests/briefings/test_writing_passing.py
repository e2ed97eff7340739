"""The screens a draft passes on its way out: audience, reach, submission, the second pair of eyes; and bureaus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from briefings.content import Content
from briefings.models import Audience, Briefing, Bureau, Draft, Review, State
from clearance.models import CircleMember
from tests.world import World, as_owner, person

from . import desk as desks
from .desk import Desk
from .test_writing import address, again

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]


@pytest.fixture
def desk(world: World) -> Desk:
    return desks.desk(world)


@pytest.fixture
def client(desk: Desk, client_for: SignIn) -> Client:
    return client_for(desk.author)


def review_of(draft: Draft) -> Review:
    with as_owner():
        return Review.objects.get(draft=draft, answer="")


def test_from_audience_to_publishing(desk: Desk, client: Client, client_for: SignIn) -> None:
    draft = desks.draft_of(desk, audience=None)
    assert "宛先がまだ決まっていません" in client.get(address("draft_submit", draft)).content.decode()
    assert "材料各社の名簿" in client.get(address("draft_audience", draft)).content.decode()
    chosen = client.post(address("draft_audience", draft), {"audience": str(desk.audience.pk)})
    assert chosen["Location"] == address("draft_reach", draft)
    reach = client.get(chosen["Location"]).content.decode()
    assert "技 術子" in reach
    assert "読めない方とその理由" in reach
    wrong = client.post(address("draft_submit", draft), {"reviewer": "", "release_at": "2020-01-01T10:00"})
    assert 'value="2020-01-01T10:00"' in wrong.content.decode()
    assert "これから先の日時" in wrong.content.decode()
    assert client.post(address("draft_submit", draft), {"reviewer": str(desk.reviewer.pk)}).status_code == 302
    asked = review_of(draft)
    # Whoever wrote it sees it as readers would, without a button; what they forge finds nothing.
    own = client.get(address("draft_review", draft)).content.decode()
    assert 'value="approve"' not in own
    forged = {"review": str(asked.pk), "answer": "approve", "confirmed": "on"}
    assert client.post(address("draft_review", draft), forged).status_code == 404
    assert again(draft).state == State.IN_REVIEW
    other = client_for(desk.reviewer)
    assert desks.TITLE in other.get(reverse("briefings:drafts")).content.decode()
    unread = other.post(address("draft_review", draft), {"review": str(asked.pk), "answer": "approve"})
    assert "id_confirmed_error" in unread.content.decode()
    assert other.post(address("draft_review", draft), forged).status_code == 302
    assert again(draft).state == State.PUBLISHED
    with as_owner():
        assert Briefing.objects.count() == 1


def test_the_reviewer_reads_it_as_each_kind_of_reader(desk: Desk, client_for: SignIn) -> None:
    review = desks.review_of(desk)
    other = client_for(desk.reviewer)
    url = address("draft_review", review.draft)
    everything = other.get(url).content.decode()
    assert all(body in everything for body in desks.BODIES)
    lowest = other.get(url, {"as": "PUBLIC"}).content.decode()
    assert desks.BODIES[0] in lowest
    assert desks.BODIES[1] not in lowest
    assert "2個の節が見えません" in lowest
    middle = other.get(url, {"as": "SENSITIVE"}).content.decode()
    assert desks.BODIES[1] in middle
    assert desks.BODIES[2] not in middle


def test_returning_needs_a_reason_and_shows_it(desk: Desk, client: Client, client_for: SignIn) -> None:
    review = desks.review_of(desk)
    other, url = client_for(desk.reviewer), address("draft_review", review.draft)
    answer = {"review": str(review.pk), "answer": "return"}
    assert "id_note_error" in other.post(url, answer | {"note": " "}).content.decode()
    assert other.post(url, answer | {"note": "数字の出どころを書いてください"}).status_code == 302
    assert "数字の出どころを書いてください" in client.get(address("draft", review.draft)).content.decode()
    # Answered meanwhile: told, and what was typed stays.
    late = other.post(url, answer | {"note": "もう一度"})
    assert "もう一度" in late.content.decode()


def test_taking_back_is_for_whoever_asked(desk: Desk, client: Client, client_for: SignIn) -> None:
    review = desks.review_of(desk)
    page = client_for(desk.reviewer).get(address("draft_preview", review.draft)).content.decode()
    assert address("draft_take_back", review.draft) not in page
    assert (
        address("draft_take_back", review.draft) in client.get(address("draft_preview", review.draft)).content.decode()
    )
    assert client.post(address("draft_take_back", review.draft))["Location"] == address("draft", review.draft)
    assert again(review.draft).state == State.WRITING


def test_dropping_asks_first(desk: Desk, client: Client) -> None:
    draft = desks.draft_of(desk)
    assert "続きは書けなくなります" in client.get(address("draft_drop", draft)).content.decode()
    assert again(draft).state == State.WRITING
    assert client.post(address("draft_drop", draft)).status_code == 302
    assert again(draft).state == State.DROPPED


def test_a_correction_shows_what_it_changes(desk: Desk, client: Client, client_for: SignIn) -> None:
    briefing = desks.published(desk)
    url = reverse("briefings:draft_correct", args=[briefing.pk])
    assert desks.TITLE in client.get(url).content.decode()
    made = client.post(url, {"bureau": str(desk.bureau.pk)})
    assert made.status_code == 302
    with as_owner():
        draft = Draft.objects.get(corrects=briefing)
        content = Content.read(draft.content)
        changed = replace(content.sections[1], body="代わりの調達先は二か月で立ち上がる見込みです。")
        draft.content = replace(content, sections=(content.sections[0], changed, content.sections[2])).as_json()
        draft.state = State.IN_REVIEW
        draft.save()
    desks.review_of(desk, draft)
    page = client_for(desk.reviewer).get(address("draft_review", draft)).content.decode()
    assert "<del>三</del>" in page.replace("三か", "三") or "<ins>" in page
    assert "公表されている内容との違い" in page
    assert client_for(desk.world.engineer).get(url).status_code == 404


def test_a_bureau_is_opened_and_another_official_let_in(desk: Desk, client: Client, client_for: SignIn) -> None:
    assert "供給網の班" in client.get(reverse("briefings:bureaus")).content.decode()
    wrong = client.post(reverse("briefings:bureau_open"), {"name": "人の班"})
    assert 'value="人の班"' in wrong.content.decode()
    made = client.post(reverse("briefings:bureau_open"), {"name": "人の班", "level": "1"})
    assert made.status_code == 302
    unknown = client.post(made["Location"], {"email": "nobody@example.test"}).content.decode()
    assert 'value="nobody@example.test"' in unknown
    assert "登録されていません" in unknown
    assert client.post(made["Location"], {"email": desk.world.engineer.email}).status_code == 200
    assert client.post(made["Location"], {"email": desk.reviewer.email}).status_code == 302
    assert "官 二郎" in client.get(made["Location"]).content.decode()
    assert client_for(desk.reviewer).post(made["Location"], {"email": desk.author.email}).status_code == 404
    with as_owner():
        assert CircleMember.objects.filter(circle=Bureau.objects.order_by("-created")[0].circle).count() == 2


def test_audiences_are_made_of_lists_sectors_and_rooms(desk: Desk, client: Client) -> None:
    with as_owner():
        desk.world.maker.sectors = ["SEMICON"]
        desk.world.maker.save(update_fields=["sectors"])
        engineer = desk.world.engineer
    here = reverse("briefings:audiences")
    typed = {"name": "急ぎの名簿", "level": "1", "people": f"{engineer.email}\nnobody@example.test"}
    wrong = client.post(reverse("briefings:audience_list"), typed).content.decode()
    assert "nobody@example.test" in wrong
    assert 'value="急ぎの名簿"' in wrong
    firms = [str(desk.world.maker.pk)]
    typed |= {"organisations": firms, "people": engineer.email}
    assert client.post(reverse("briefings:audience_list"), typed)["Location"] == here
    assert client.post(reverse("briefings:audience_sector"), {"sector": "SEMICON", "level": "1"})["Location"] == here
    with as_owner():
        sector = Audience.objects.get(sector="SEMICON")
        person(desk.world.partner)
        desk.world.partner.sectors = ["SEMICON"]
        desk.world.partner.save(update_fields=["sectors"])
    page = client.post(reverse("briefings:audience_refresh", args=[sector.pk]), follow=True).content.decode()
    assert "新たに1組織を加えました" in page
    assert "急ぎの名簿" in page
    assert "書き込める対話の場がありません" in client.get(reverse("briefings:audience_room")).content.decode()
