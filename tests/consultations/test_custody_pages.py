"""The pages of keys, desks and recovery."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from accounts.services import suspend_person
from consultations.forms.custody import acceptable
from consultations.models import DeskOfficer, EscrowHolder, Unlocking
from consultations.services import custody
from intake.models import Desk
from tests import world as build
from tests.consultations.offices import OTHER, PHRASE, Bureau

pytestmark = pytest.mark.django_db
COOKIE = settings.DESK_COOKIE_NAME
NEW = {"password1": PHRASE, "password2": PHRASE}


def url(name: str, *args: Any) -> str:
    return reverse(f"consultations:{name}", args=args)


def post(client: Client, name: str, *args: Any, **given: Any) -> Any:
    return client.post(url(name, *args), given)


def unlockings() -> int:
    with build.as_owner():
        return Unlocking.objects.count()


@pytest.mark.parametrize(
    ("phrase", "fine"),
    [
        ("青い 大傘 七つの 古い 橋", True),
        ("correct horse battery staple", True),
        ("あいうえおかきくけこさしすせそた", True),
        ("みじかい合言葉", False),
        ("a b c d e", False),
        ("aaaaaaaaaaaaaaaaaaaa", False),
        ("passwordpasswordpassword", False),
        ("エンタクエンタクポータル円卓1234567890", False),
        ("               x", False),
    ],
)
def test_a_passphrase_is_long_and_not_the_portals_own_words(phrase: str, fine: bool) -> None:
    if fine:
        acceptable(phrase, None)
    else:
        with pytest.raises(ValidationError):
            acceptable(phrase, None)


def test_a_desk_from_nothing_to_its_first_reader(bureau: Bureau) -> None:
    manager, officer = bureau.client("manager"), bureau.client("甲")
    assert officer.get(url("key")).status_code == 404, "nobody's desk"
    assert officer.get(url("desks")).status_code == 404
    answer = post(manager, "desk_add", name_ja="新しい窓口", name_en="New desk", about_ja="", about_en="", place="9")
    assert answer.status_code == 302
    with build.as_owner():
        desk = Desk.objects.get(name_ja="新しい窓口")
    page = manager.get(url("desks")).content.decode()
    assert "読める担当者がいない窓口があります" in page
    assert "パスフレーズを忘れた担当者を助けられません" in page
    person = str(bureau.people["甲"].pk)
    assert post(manager, "desk_appoint", desk.pk, person=person).status_code == 302
    assert "すでに選ばれています" in post(manager, "desk_appoint", desk.pk, person=person).content.decode()
    assert officer.get(url("key"))["Location"] == url("key_make")
    short = post(officer, "key_make", password1="短い", password2="短い").content.decode()
    assert "16文字以上" in short
    assert "短い" not in short.replace("短い時間", ""), "a passphrase comes back in no page"
    assert "違います" in post(officer, "key_make", password1=PHRASE, password2=OTHER).content.decode()
    made = post(officer, "key_make", **NEW)
    assert made["Location"] == url("key")
    assert (made.cookies[COOKIE]["httponly"], made.cookies[COOKIE]["samesite"]) == (True, "Strict")
    assert "鍵は開いています" in officer.get(url("key")).content.decode()
    page = manager.get(url("desks")).content.decode()
    assert "新しい窓口" in re.sub(r"\s", "", page)
    with build.as_owner():
        row = DeskOfficer.objects.get(desk=desk)
    assert "新しい相談が届かなくなります" in manager.get(url("officer_end", row.pk)).content.decode()
    assert post(manager, "officer_end", row.pk, confirmed="on").status_code == 302
    assert officer.get(url("key")).status_code == 404
    assert post(manager, "desk_change", desk.pk, active="no").status_code == 302
    assert "この窓口は休止中です" in manager.get(url("desk_change", desk.pk)).content.decode()
    changed = {"name_ja": "別の名", "name_en": "x", "about_ja": "", "about_en": "", "place": "1"}
    assert post(manager, "desk_change", desk.pk, **changed).status_code == 302
    assert "別の名" in manager.get(url("desks")).content.decode()


def test_for_everybody_else_there_are_no_such_pages(bureau: Bureau, client_for: Any) -> None:
    names = (
        "key",
        "key_make",
        "unlock",
        "unlocked",
        "key_change",
        "key_replace",
        "recovery",
        "recoveries",
        "desks",
        "desk_add",
        "holder_add",
    )
    stranger = client_for(bureau.world.engineer, level=2)
    for name in names:
        assert stranger.get(url(name)).status_code == 404, name
    assert stranger.get(url("recovery_answer", uuid4())).status_code == 404
    assert Client().get(url("key")).status_code == 302


def test_a_password_alone_touches_no_key(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.key("甲")
    client = bureau.client("甲", 1)
    assert "/step-up/" in client.get(url("unlock"))["Location"]
    asked = post(client, "unlock", password=PHRASE)
    assert asked.status_code == 403
    assert PHRASE not in asked.content.decode()
    assert "/step-up/" in bureau.client("manager", 1).get(url("desks"))["Location"]


def test_the_key_is_open_in_one_browser_for_a_while(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.key("甲")
    wrong = post(bureau.client("甲"), "unlock", password=OTHER)
    assert "パスフレーズが違います" in wrong.content.decode()
    client, other = bureau.unlocked_client("甲"), bureau.client("甲")
    assert "鍵は開いています" in client.get(url("unlocked")).content.decode()
    assert "鍵はかかっています" in other.get(url("unlocked")).content.decode()
    other.cookies[COOKIE] = client.cookies[COOKIE].value
    assert "鍵はかかっています" in other.get(url("unlocked")).content.decode(), "the cookie of another session"
    with build.as_owner():
        latest = Unlocking.objects.order_by("until").last()
        assert latest
        assert timedelta(minutes=29) < latest.until - timezone.now() <= timedelta(minutes=settings.DESK_UNLOCK)
        Unlocking.objects.update(until=timezone.now())
    assert "鍵はかかっています" in client.get(url("unlocked")).content.decode()


@pytest.mark.parametrize("how", ["lock", "sign out", "suspend", "dismiss", "no cookie", "wrong cookie", "retired"])
def test_it_ends_with(bureau: Bureau, how: str) -> None:
    bureau.appoint("甲", "取引")
    bureau.key("甲")
    with build.as_owner():
        Unlocking.objects.all().delete()
    client = bureau.unlocked_client("甲")
    assert unlockings() == 1
    if how == "lock":
        answer = post(client, "lock")
        assert answer.cookies[COOKIE].value == ""
    elif how == "sign out":
        client.post(reverse("account_logout"))
    elif how == "suspend":
        with build.being(bureau.world.clearance_officer) as officer:
            suspend_person(actor=officer, person=bureau.people["甲"])
    elif how == "dismiss":
        bureau.end("甲", "取引")
    elif how == "no cookie":
        del client.cookies[COOKIE]
    elif how == "wrong cookie":
        client.cookies[COOKIE] = "A" * 43
    elif how == "retired":
        with bureau.being("甲") as actor:
            custody.replace_key(actor=actor, session=bureau.session("甲"), passphrase=OTHER)
    answer = client.get(url("unlocked"))
    assert answer.status_code != 200 or "鍵はかかっています" in answer.content.decode()
    if how in {"lock", "sign out", "suspend", "dismiss"}:
        assert unlockings() == 0, "the row goes with it"


def test_the_passphrase_is_changed_on_the_page(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.key("甲")
    client = bureau.client("甲")
    new = {"password1": OTHER, "password2": OTHER}
    assert "今のパスフレーズが違います" in post(client, "key_change", password=OTHER, **new).content.decode()
    assert post(client, "key_change", password=PHRASE, **new).status_code == 302
    bureau.unlocked_client("甲", OTHER)
    for _ in range(4):
        post(client, "unlock", password=PHRASE)
    often = post(client, "unlock", password=OTHER).content.decode()
    assert "15分は開けません" in often


def test_two_holders_bring_a_forgotten_key_back(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    manager, asker = bureau.client("manager"), bureau.client("甲")
    for name in ("子", "丑", "寅"):
        assert post(manager, "holder_add", person=str(bureau.people[name].pk)).status_code == 302
        bureau.key(name)
    bureau.key("甲")
    receipt = bureau.send()
    assert "3名" in asker.get(url("key")).content.decode()
    assert post(asker, "recovery", password1=OTHER, password2=OTHER).status_code == 302
    page = asker.get(url("recovery")).content.decode()
    code = re.search(r"\d{4} \d{4} \d{4}", page)
    assert code
    assert "協力を待っています" in page
    for number, name in enumerate(("子", "丑")):
        holder = bureau.unlocked_client(name)
        listed = holder.get(url("recoveries")).content.decode()
        assert "担当 甲" in listed
        found = re.search(r"/consultations/recoveries/[-0-9a-f]{36}/", listed)
        assert found
        assert "番号が違います" in holder.post(found[0], {"code": "0000 0000 0000", "confirmed": "on"}).content.decode()
        assert holder.post(found[0], {"code": code[0].replace(" ", ""), "confirmed": "on"}).status_code == 302
        assert "協力しました" in holder.get(url("recoveries")).content.decode()
        assert f"2名のうち{number + 1}名" in asker.get(url("recovery")).content.decode()
    assert "決めたパスフレーズと違います" in post(asker, "recovery", password=PHRASE).content.decode()
    assert post(asker, "recovery", password=OTHER).status_code == 302
    assert "鍵は開いています" in asker.get(url("unlocked")).content.decode()
    assert "パスフレーズが違います" in post(bureau.client("甲"), "unlock", password=PHRASE).content.decode()
    with build.as_owner():
        holder_row = EscrowHolder.objects.get(person=bureau.people["子"])
    assert post(manager, "holder_end", holder_row.pk, confirmed="on").status_code == 302
    assert receipt


def test_a_recovery_is_called_off_and_a_key_made_anew(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.key("甲")
    client = bureau.client("甲")
    assert "復旧できません" in client.get(url("recovery")).content.decode()
    assert "復旧できません" in post(client, "recovery", **NEW).content.decode()
    bureau.hold("子", "丑")
    bureau.key("子")
    bureau.key("丑")
    bureau.unlocked_client("甲")
    assert post(client, "recovery", **NEW).status_code == 302
    assert post(client, "recovery", cancel="yes")["Location"] == url("key")
    assert post(client, "key_replace", confirmed="on", password1=OTHER, password2=OTHER).status_code == 302
    assert "鍵は開いています" in client.get(url("key")).content.decode()


def test_cases_are_shared_and_keys_exchanged_by_a_button(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.key("甲")
    bureau.send()
    bureau.appoint("乙", "取引")
    bureau.key("乙")
    client = bureau.unlocked_client("甲")
    assert "担当 乙" in client.get(url("key")).content.decode()
    assert post(client, "key_tend", share="yes").status_code == 302
    page = client.get(url("key")).content.decode()
    assert "これまでの相談を読めない担当者" not in page
    assert post(bureau.client("乙"), "key_tend").status_code == 302


def test_what_was_typed_is_kept_while_the_key_is_unlocked_elsewhere(bureau: Bureau) -> None:
    bureau.appoint("甲", "取引")
    bureau.hold("子", "丑", "寅")
    for name in ("子", "丑", "寅", "甲"):
        bureau.key(name)
    asker, holder = bureau.client("甲"), bureau.client("子")
    post(asker, "recovery", **NEW)
    listed = holder.get(url("recoveries")).content.decode()
    found = re.search(r"/consultations/recoveries/[-0-9a-f]{36}/", listed)
    assert found
    assert holder.get(found[0])["Location"].startswith(url("unlock"))
    kept = holder.post(found[0], {"code": "1234 5678 9012", "confirmed": "on"})
    assert kept.status_code == 403
    assert "1234 5678 9012" in kept.content.decode()


def test_only_people_of_the_ministry_are_offered(bureau: Bureau) -> None:
    page = bureau.client("manager").get(url("desk_appoint", bureau.desks["取引"].pk)).content.decode()
    assert "担当 甲" in page
    assert "支え 子" not in page, "an auditor reads no case"
    assert str(bureau.people["manager"].pk) not in page
    assert bureau.world.engineer.name not in page
    assert bureau.world.ministry.kind == Organisation.Kind.MINISTRY


def test_the_managers_first_page_says_that_a_desk_has_no_readers(bureau: Bureau) -> None:
    said, manager, officer = "匿名相談を読めない窓口があります", bureau.client("manager"), bureau.client("甲")
    assert said in manager.get("/").content.decode()
    assert said not in officer.get("/").content.decode()
    bureau.appoint("甲", "取引", "技術")
    bureau.key("甲")
    assert said not in manager.get("/").content.decode()
    bureau.send()
    bureau.appoint("乙", "取引", "技術")
    bureau.key("乙")
    bureau.end("甲", "取引")
    bureau.end("甲", "技術")
    page = manager.get(reverse("consultations:desks")).content.decode()
    assert "だれにも読めない相談があります" in page
    assert said in manager.get("/").content.decode()
