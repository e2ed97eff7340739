"""Screens: paging and counting, stepping up, level 3, names on a register, what the viewer costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clearance.access import count
from clearance.markings import marking
from clearance.models import Authorisation, HandlerEntry
from documents.models import Document, DocumentGrant, Version
from documents.places import Place
from tests.documents.acting import TEXT, body, hand_over
from tests.world import World, agreement, as_owner, authorise, circle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("contexts")]
ClientFor = Callable[..., Client]


def many(world: World, number: int) -> None:
    """Copies of one document's row, each with a version: enough to page through."""
    first = hand_over(world, world.official, title="見本")
    with as_owner():
        held = Document.objects.get(pk=first.pk)
        version = Version.objects.get(document=held)
        fields = {"circle_id": held.circle_id, "marking": held.marking, "originator_id": held.originator_id,
                  "handed_over_by_id": held.handed_over_by_id, "kind": held.kind}  # fmt: skip
        for count in range(number - 1):
            made = Document(title=f"文書{count:04}", created=timezone.now() + timedelta(seconds=count), **fields)
            made.save(force_insert=True)
            name = f"{count:02x}"[-2:] + "/" + f"{count:032x}"
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO documents_storedblob VALUES (%s)", [name])
            Version(
                document=made, number=1, file_name="a.txt", kind=version.kind, media_type="text/plain", size=9,
                digest="", file_key=b"k", blob_id=name, received_by_id=version.received_by_id, state="READY",
            ).save(force_insert=True)  # fmt: skip


def test_the_viewer_asks_little(world: World, client_for: ClientFor) -> None:
    url = reverse("documents:view", args=[hand_over(world, world.official).pk, 1])
    client = client_for(world.engineer)
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    assert len(asked) <= 15, [query["sql"][:100] for query in asked]


def test_pages_follow_each_other_by_key(world: World, client_for: ClientFor) -> None:
    many(world, 120)
    client = client_for(world.engineer)
    seen: list[str] = []
    url = reverse("documents:index")
    for _page in range(3):
        context = client.get(url).context
        seen += [row.title for row in context["listing"].rows]
        url = reverse("documents:index") + context["next_url"]
    assert len(set(seen)) == len(seen) == 120
    assert context["next_url"] == ""
    first = client.get(reverse("documents:index"))
    assert "120件" in first.content.decode()
    cursor = first.context["listing"].next
    other = client_for(world.second_official).get(reverse("documents:index"), {"after": cursor})
    assert other.context["listing"].rows[0].title == seen[0]  # another's cursor counts as none


def test_more_than_a_thousand_are_told_as_such(world: World, client_for: ClientFor) -> None:
    many(world, 12)
    counted = partial(count, cap=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("documents.queries.listing.count", counted)
        page = client_for(world.engineer).get(reverse("documents:index"))
    assert "10+件" in page.content.decode()


NARROWED = [
    ({"q": "電池"}, ["電池の計画"]),
    ({"q": "ｹｲｶｸ"}, []),
    ({"q": "計画 電池"}, ["電池の計画"]),
    ({"kind": "PDF"}, []),
    ({"kind": "TEXT"}, ["在庫の見通し", "電池の計画"]),
    ({"level": "1"}, ["電池の計画"]),
    ({"level": "9"}, ["在庫の見通し", "電池の計画"]),
    ({"since": "2000-01-01", "until": "2000-12-31"}, []),
    ({"since": "何か"}, ["在庫の見通し", "電池の計画"]),
    ({"circle": "5"}, []),
    ({"originator": "x"}, ["在庫の見通し", "電池の計画"]),
]


@pytest.mark.parametrize(("asked", "titles"), NARROWED)
def test_the_list_is_narrowed(world: World, client_for: ClientFor, asked: dict[str, str], titles: list[str]) -> None:
    with as_owner():
        lower = marking(1, ["SEMICON"])
    hand_over(world, world.engineer, title="電池の計画", marking=lower)
    hand_over(world, world.official)
    page = client_for(world.second_official).get(reverse("documents:index"), asked)
    assert [row.title for row in page.context["listing"].rows] == titles


def test_narrowing_by_originator_and_circle(world: World, client_for: ClientFor) -> None:
    hand_over(world, world.engineer, title="会社の資料")
    hand_over(world, world.official, title="役所の資料")
    hand_over(world, world.second_official, title="別の場の資料", circle=world.other_circle)
    client = client_for(world.second_official)
    for asked, titles in (
        ({"originator": str(world.maker.pk)}, ["会社の資料"]),
        ({"circle": str(world.other_circle.pk)}, ["別の場の資料"]),
    ):
        page = client.get(reverse("documents:index"), asked)
        assert [row.title for row in page.context["listing"].rows] == titles


def test_whoever_could_step_up_is_asked_to_whether_or_not_there_is_anything(
    world: World, client_for: ClientFor
) -> None:
    weak = client_for(world.engineer, level=1)
    empty = weak.get(reverse("documents:index")).content.decode()
    document = hand_over(world, world.official)
    full = weak.get(reverse("documents:index")).content.decode()
    assert "本人確認" in empty
    assert _without_tokens(empty) == _without_tokens(full)
    for url in (
        reverse("documents:document", args=[document.pk]),
        reverse("documents:view", args=[document.pk, 1]),
        reverse("documents:download", args=[document.pk, 1]),
    ):
        there = weak.get(url)
        missing = url.replace(str(document.pk), "01980000-0000-7000-8000-000000000000")
        absent = weak.get(missing)
        assert there.status_code == absent.status_code == 404
        assert "step-up" in there.content.decode()
        stripped = _without_tokens(there.content.decode()).replace(str(document.pk), "X")
        assert stripped == _without_tokens(absent.content.decode()).replace("01980000-0000-7000-8000-000000000000", "X")
    assert "step-up" not in client_for(world.colleague, level=1).get(reverse("documents:index")).content.decode()


def _without_tokens(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)


@pytest.fixture
def enclave(world: World, settings: Settings) -> World:
    """The same world under a ceiling of level 3, with a circle that may hold it and two people who may."""
    settings.CEILING = 3
    with as_owner():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clearance_deployment SET ceiling = 3")
        world.extra["cesi"] = marking(3, ["SEMICON"])
        for name in ("official", "second_official", "engineer"):
            authorise(world.people[name], 3, "SEMICON", basis=Authorisation.Basis.CESI)
        agreement(world.maker, 3)
        room = circle(world.extra["cesi"], world.second_official, world.engineer, steward=world.official)
        world.extra["room"] = room
    return world


def test_level_three_is_for_named_handlers_to_look_at(enclave: World, client_for: ClientFor) -> None:
    room, cesi = enclave.extra["room"], enclave.extra["cesi"]
    document = hand_over(enclave, enclave.official, title="指定情報", marking=cesi, circle=room, level=3)
    official = client_for(enclave.official, level=3)
    urls = {name: reverse(f"documents:{name}", args=[document.pk, 1]) for name in ("view", "download")}
    assert TEXT.decode()[:9] in official.get(urls["view"]).content.decode()
    assert official.get(urls["download"]).status_code == 404  # looked at, never taken away
    assert official.head(urls["download"]).status_code == 404
    card = official.get(reverse("documents:document", args=[document.pk])).content.decode()
    assert "画面での閲覧に限られます" in card
    assert urls["download"] not in card
    engineer = client_for(enclave.engineer, level=3)
    assert engineer.get(urls["view"]).status_code == 404  # in the circle, not on the register
    register = reverse("documents:register", args=[document.pk])
    assert official.post(register, {"email": enclave.engineer.email, "reason": "試作の検討"}).status_code == 302
    assert engineer.get(urls["view"]).status_code == 200
    weak = client_for(enclave.engineer, level=2)
    assert weak.get(urls["view"]).status_code == 404
    with as_owner():
        assert HandlerEntry.objects.filter(item_id=document.pk, struck_at__isnull=True).count() == 2
    assert "技 術子" in official.get(register).content.decode()
    strike = reverse("documents:strike", args=[document.pk, enclave.engineer.pk])
    assert official.post(strike).status_code == 302
    assert engineer.get(urls["view"]).status_code == 404


def test_somebody_outside_the_circle_is_let_in_by_name(world: World, client_for: ClientFor) -> None:
    document = hand_over(world, world.official)
    official, outsider = client_for(world.official), client_for(world.outsider)
    card = reverse("documents:document", args=[document.pk])
    register = reverse("documents:register", args=[document.pk])
    assert outsider.get(card).status_code == 404
    wrong = official.post(register, {"email": "nobody@example.test"})
    assert "許可できる方が見つかりません" in wrong.content.decode()
    assert official.post(register, {"email": world.outsider.email}).status_code == 302
    page = outsider.get(card)
    assert page.status_code == 200
    assert "在庫の見通し" in outsider.get(reverse("documents:index")).content.decode()
    assert body(outsider.get(reverse("documents:download", args=[document.pk, 1]))) == TEXT
    for name in ("engineer", "second_official", "secretary", "outsider"):
        assert client_for(world.people[name]).get(register).status_code == 404
    assert official.post(reverse("documents:strike", args=[document.pk, world.outsider.pk])).status_code == 302
    assert outsider.get(card).status_code == 404
    with as_owner():
        assert not DocumentGrant.objects.exists()


def test_actions_are_offered_to_whom_they_are_open(world: World, client_for: ClientFor) -> None:
    document = hand_over(world, world.engineer)
    offers = {
        "official": {"readings", "register", "relabel", "record", "withdraw"},
        "second_official": {"relabel", "record"},
        "engineer": {"add_version", "readings", "relabel", "withdraw"},
        "secretary": set(),
    }
    for name, offered in offers.items():
        client = client_for(world.people[name])
        page = client.get(reverse("documents:document", args=[document.pk])).content.decode()
        for action in ("add_version", "readings", "register", "relabel", "record", "withdraw"):
            url = reverse(f"documents:{action}", args=[document.pk])
            assert (f'"{url}"' in page) is (action in offered), (name, action)
            assert client.get(url).status_code == (200 if action in offered else 404), (name, action)


def test_withdrawing_asks_first(world: World, client_for: ClientFor) -> None:
    document = hand_over(world, world.engineer)
    client = client_for(world.engineer)
    url = reverse("documents:withdraw", args=[document.pk])
    assert "元に戻すことはできません" in client.get(url).content.decode()
    assert client.post(url).status_code == 302
    assert client.get(reverse("documents:document", args=[document.pk])).status_code == 404


def test_where_to_hand_over_is_asked_by_name(
    world: World, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = [Place(world.circle.pk, "半導体の供給網", "/rooms/x/"), Place(world.other_circle.pk, "別の場", "/rooms/y/")]
    monkeypatch.setattr(
        "documents.places._sources", [lambda actor, circles: [place for place in named if place.circle_id in circles]]
    )
    page = client_for(world.engineer).get(reverse("documents:receive")).content.decode()
    assert "半導体の供給網" in page
    assert "別の場" not in page


def test_nobody_hands_over_where_they_may_not(world: World, client_for: ClientFor) -> None:
    for who, where in ((world.engineer, world.other_circle), (world.outsider, world.circle)):
        page = client_for(who).get(reverse("documents:receive"), {"circle": str(where.pk)})
        assert "form" not in page.context or page.context.get("readers") is None


def test_how_many_could_read_it_is_told_for_each_marking(world: World, client_for: ClientFor) -> None:
    page = client_for(world.official).get(reverse("documents:receive"), {"circle": str(world.circle.pk)})
    readers = {text: (people, firms) for _label, text, people, firms in page.context["readers"]}
    assert readers["HI//SEMICON"] == (4, 3)  # two officials, the secretary, the engineer


def test_signed_out_everything_leads_to_the_sign_in(world: World) -> None:
    document = hand_over(world, world.official)
    for url in (
        reverse("documents:index"),
        reverse("documents:receive"),
        reverse("documents:document", args=[document.pk]),
        reverse("documents:download", args=[document.pk, 1]),
    ):
        answer = Client().get(url)
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))
