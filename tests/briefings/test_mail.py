"""Letters: that something waits, to whoever may read it, as they want it; and reminders of what is to be
acknowledged."""

from __future__ import annotations

import smtplib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from briefings import tasks
from briefings.delivery import forgetting, waiting
from briefings.delivery.reminding import due_days, remind
from briefings.models import Acknowledgement, Briefing, Delivery, MailWish, Notice, Occasion, Opening, ServiceAccount
from briefings.services import hooks as services
from briefings.services import publishing
from clearance.clock import today
from tests.briefings import desk as on
from tests.briefings.desk import Desk
from tests.briefings.readers import corrected
from tests.briefings.telling import laid, noted, post, spread, told
from tests.world import World, as_owner, as_role, being, join, person

pytestmark = pytest.mark.django_db
CANARY = "qzx-letter-canary"


@pytest.fixture
def desk(world: World) -> Desk:
    return on.desk(world)


def wishes(who: Person, wish: str) -> None:
    with as_owner():
        MailWish.objects.update_or_create(person=who, defaults={"wish": wish})


def letters(to: Person) -> list[str]:
    return [f"{each.subject}{each.body}" for each in mail.outbox if each.to == [to.email]]


def reminded(on_day: date) -> None:
    with as_role("portal_worker"):
        remind(on_day)
    spread()


def test_a_letter_tells_that_something_waits_and_nothing_of_it(desk: Desk, world: World) -> None:
    said = on.content(title=f"{CANARY}-title")
    briefing = on.published(desk, replace(said, sections=tuple(replace(each, body=CANARY) for each in said.sections)))
    with as_owner():
        Person.objects.filter(pk=world.foreign.pk).update(language="en")
        machine = person(world.maker, "監視")
        join(world.circle, machine)
        ServiceAccount.objects.create(person=machine, purpose="x", keeper=world.ministry, made_by=world.official)
    noted(briefing)
    with as_role("portal_worker"):
        tasks.tell()
        tasks.tell()
    reached = {address for each in mail.outbox for address in each.to}
    readers = {"secretary", "engineer", "colleague", "expired", "foreign"}  # all but its two officials, and the machine
    assert reached == {world.people[name].email for name in readers}
    assert len(mail.outbox) == len(reached)
    (japanese,), (english,) = letters(world.engineer), letters(world.foreign)
    assert "確認していただきたいものがあります" in japanese
    assert "Something waits for you in Entaku" in english
    assert letters(world.colleague) == [japanese]  # who reads one section of three is told the same
    everything = "".join(f"{each.subject}{each.body}{each.extra_headers}" for each in mail.outbox)
    for secret in (CANARY, str(briefing.pk), "HI//", "SEMICON", "秘", world.ministry.name, "http://localhost:8000/b"):
        assert secret not in everything


def test_each_gets_letters_as_they_want_them(desk: Desk, world: World) -> None:
    wishes(world.engineer, "DAILY")
    wishes(world.colleague, "NONE")
    for _each in range(3):
        noted(on.published(desk, on.content(("PUBLIC",))))
    spread()
    assert told(world.colleague) == []
    mail.outbox.clear()
    post()
    assert letters(world.engineer) == []
    assert len(letters(world.foreign)) == 1  # all that is due is one letter
    morning = laid(person=world.engineer)[0].next_attempt
    assert timezone.localtime(morning).time() == waiting.DIGEST
    assert timezone.now() < morning <= timezone.now() + timedelta(days=1)
    post(morning)
    post(morning + timedelta(hours=1))
    assert len(letters(world.engineer)) == 1


def test_what_is_gone_or_was_read_is_not_told_any_more(desk: Desk, world: World) -> None:
    briefing, gone = on.published(desk), on.published(desk)
    noted(briefing)
    noted(gone)
    spread()
    with as_owner():
        Opening.objects.create(briefing=briefing, person=world.engineer)
    with being(world.official) as actor:
        publishing.retract(actor=actor, briefing=gone, reason_code="MISTAKEN")
    post()
    assert letters(world.engineer) == []
    assert told(world.engineer) == []
    assert len(letters(world.foreign)) == 1  # of the one that stands
    mail.outbox.clear()
    fresh = corrected(on.portions_of(briefing)[0], "訂正")
    noted(briefing, "CORRECTED", fresh.created)
    spread()
    post()
    assert len(letters(world.engineer)) == 1
    with being(world.official) as actor:
        publishing.retract(actor=actor, briefing=briefing, reason_code="MISTAKEN")
    spread()
    with as_owner():
        Notice.objects.filter(person=world.engineer).update(seen_at=timezone.now())  # looked before it went out
    mail.outbox.clear()
    post()
    assert letters(world.engineer) == letters(world.foreign) == []


def test_a_letter_that_cannot_be_handed_on_is_tried_again_and_shown(
    desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch, client_for: Any
) -> None:
    noted(on.published(desk))
    with as_owner():
        Person.objects.exclude(pk__in=[world.engineer.pk, world.official.pk, world.second_official.pk]).update(
            is_active=False
        )
    spread()

    def away(_letter: Any) -> int:
        raise smtplib.SMTPServerDisconnected("away")

    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.EmailMessage.send", away)
        at = timezone.now()
        for number in (1, 2, waiting.TRIES):
            with as_owner():
                Delivery.objects.update(attempts=number - 1)
            assert post(at) == 1
            (row,) = laid(person=world.engineer)
            assert (row.attempts, row.reason) == (number, "MAIL")
            at = row.next_attempt
        assert row.state == "DEAD"
        assert post(at + timedelta(days=3)) == 0
    client: Client = client_for(world.engineer)
    page = client.get(reverse("briefings:hooks")).content.decode()
    assert "送れなかったメールがあります" in page
    assert client.post(reverse("briefings:hook_resend", args=[row.pk]))["Location"] == reverse("briefings:hooks")
    assert post(timezone.now() + timedelta(seconds=1)) == 1
    assert len(letters(world.engineer)) == 1
    assert "送れなかったメールがあります" not in client.get(reverse("briefings:hooks")).content.decode()


@pytest.mark.parametrize(
    ("on_day", "expected"),
    [
        ("2026-11-24", {"2026-11-24": "REMINDER", "2026-11-25": "REMINDER", "2026-11-27": "REMINDER"}),  # a Tuesday
        (
            "2026-11-20",
            {"2026-11-20": "REMINDER", "2026-11-24": "REMINDER", "2026-11-26": "REMINDER"},
        ),  # a holiday
        ("2026-11-23", {"2026-11-23": "REMINDER"}),  # 勤労感謝の日
        ("2026-11-28", {"2026-11-28": "REMINDER"}),  # a Saturday
    ],
)
def test_when_one_is_reminded(on_day: str, expected: dict[str, str]) -> None:
    found = due_days(date.fromisoformat(on_day))
    weeks = {date.fromisoformat(on_day) - timedelta(weeks=weeks): "OVERDUE" for weeks in (1, 2, 3, 4)}
    assert found == {date.fromisoformat(day): kind for day, kind in expected.items()} | weeks


def test_reminders_go_to_whoever_may_read_and_has_not_acknowledged(desk: Desk, world: World) -> None:
    day = today()
    briefing = on.published(desk, on.content(("SENSITIVE",), acknowledge_by=day.isoformat()))
    on.published(desk, on.content(("SENSITIVE",)))  # nobody has to
    with as_owner():
        Acknowledgement.objects.create(briefing=briefing, person=world.engineer)
    wishes(world.secretary, "NONE")
    reminded(day)
    reminded(day)
    assert told(world.foreign) == [(False, "REMINDER")]
    for name in ("engineer", "secretary", "colleague", "expired", "official"):
        assert told(world.people[name]) == [], name
    with as_owner():  # before it is sent
        Acknowledgement.objects.create(briefing=briefing, person=world.foreign)
    assert post() == 1
    assert letters(world.foreign) == []
    with as_owner():
        Delivery.objects.all().delete()
        Occasion.objects.all().delete()
        Acknowledgement.objects.all().delete()
        Briefing.objects.filter(pk=briefing.pk).update(acknowledge_by=day - timedelta(weeks=1))
    reminded(day)
    for name in ("engineer", "foreign", "secretary"):  # what is overdue nobody turns off
        assert told(world.people[name]) == [(False, "OVERDUE")], name
    assert post() == 3
    assert "期限を過ぎたもの" in letters(world.secretary)[0]


def test_the_wish_is_ones_own_and_nothing_is_promised_where_no_letters_go(
    world: World, client_for: Any, settings: Any
) -> None:
    client: Client = client_for(world.engineer)
    address = reverse("briefings:hook_wish")
    assert "止められません" in client.get(address).content.decode()
    assert "選択" in client.post(address, {"wish": "SOMETIMES"}).content.decode()
    assert client.post(address, {"wish": "DAILY"}).status_code == 302
    assert "朝8時30分" in client.get(reverse("briefings:hooks")).content.decode()
    assert "届いたらすぐに送る" in client_for(world.colleague).get(reverse("briefings:hooks")).content.decode()
    settings.CEILING = 3
    page = client.get(reverse("briefings:hooks")).content.decode()
    assert "通知メールを送っていません" in page
    assert "通知先への送信を行っていません" in page
    with being(world.engineer) as actor, pytest.raises(ValidationError):
        services.wish(actor=actor, wish="NONE")


def test_what_was_told_long_ago_is_forgotten(desk: Desk, world: World) -> None:
    noted(on.published(desk))
    spread()
    with as_owner():
        Delivery.objects.filter(person=world.engineer).update(
            state="DELIVERED", created=timezone.now() - timedelta(days=31)
        )
        Delivery.objects.filter(person=world.foreign).update(state="DEAD", created=timezone.now() - timedelta(days=31))
    with as_role("portal_worker"):
        forgetting.forget_old()
    assert not laid(person=world.engineer)
    assert laid(person=world.foreign)
    with as_owner():
        Occasion.objects.update(at=timezone.now() - timedelta(days=91))
    with as_role("portal_worker"):
        forgetting.forget_old()
    assert not laid()
