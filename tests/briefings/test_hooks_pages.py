"""The pages of one's own hooks: from nothing to a hook that is tested, paused, given another secret, and dropped."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from briefings.models import Delivery, Hook
from tests.briefings.telling import hook_of
from tests.world import World, as_owner, being

pytestmark = pytest.mark.django_db
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


def test_from_registering_to_dropping(world: World, client_for: Any) -> None:
    client: Client = client_for(world.engineer)
    start, add = reverse("briefings:hooks"), reverse("briefings:hook_add")
    assert add in client.get(start).content.decode()
    assert start in client.get(reverse("briefings:index")).content.decode()
    typed = {"address": "http://hooks.example.jp/with?a=token", "kinds": ["new"]}
    wrong = client.post(add, typed).content.decode()
    assert "https://" in wrong
    assert "http://hooks.example.jp/with?a=token" in wrong
    both = client.post(add, typed | {"kinds": []}).content.decode()
    assert "一つ以上選んでください" in both
    assert "https:// で始まる住所を入力してください" in both
    made = client.post(add, typed | {"address": "https://hooks.example.jp/with?a=token"})
    (first,) = SECRET.findall(made.content.decode())
    assert made["Cache-Control"] == "private, no-store"
    with being(world.engineer):
        hook = Hook.objects.get()
    here = reverse("briefings:hook", args=[hook.pk])
    page = client.get(here).content.decode()
    assert "接続をまだ確認していません" in page
    assert "hooks.example.jp" in page
    assert "a=token" not in page
    assert not SECRET.findall(page)
    resumed = client.post(reverse("briefings:hook_state", args=[hook.pk]), {"state": "ACTIVE"}, follow=True)
    assert "先に接続を確認してください" in resumed.content.decode()
    assert "読み込み直す" in client.post(reverse("briefings:hook_test", args=[hook.pk]), follow=True).content.decode()

    with as_owner():
        Hook.objects.update(proved_at=timezone.now(), state="ACTIVE")
        Delivery.objects.update(state="DELIVERED", status=200)
        for number in range(60):
            Delivery.objects.create(
                hook=hook, person=world.engineer, kind="PING", state="DEAD" if number == 3 else "DELIVERED",
                reason="TLS" if number == 3 else "", next_attempt=timezone.now(), attempts=1,
            )  # fmt: skip
    page = client.get(here).content.decode()
    assert page.index("証明書を確かめられません") < page.index("（応答 200）" if "（応答 200）" in page else "</tbody>")
    assert "page=2" in page
    assert client.get(here + "?page=2").status_code == 200
    assert "送信を休止しました" in client.post(
        reverse("briefings:hook_state", args=[hook.pk]), {"state": "PAUSED"}, follow=True
    ).content.decode()  # fmt: skip
    assert client.post(reverse("briefings:hook_change", args=[hook.pk]), {"kinds": ["reminder"]}).status_code == 302
    rotate = reverse("briefings:hook_rotate", args=[hook.pk])
    assert not SECRET.findall(client.post(rotate, {}).content.decode())  # not confirmed
    (second,) = SECRET.findall(client.post(rotate, {"confirmed": "on"}).content.decode())
    with being(world.engineer):
        hook = Hook.objects.get()
        assert hook.secrets(timezone.now()) == [second, first]
        assert hook.secrets(timezone.now() + timedelta(days=2)) == [second]
        assert hook.kinds == ["reminder"]
    assert "前の鍵による署名も付ける期限" in client.get(here).content.decode()
    assert client.post(reverse("briefings:hook_drop", args=[hook.pk]), {"confirmed": "on"})["Location"] == start
    assert client.get(here).status_code == 404
    with as_owner():
        assert not Hook.objects.exists()
        assert not Delivery.objects.exists()
        acts = set(
            Event.objects.filter(act__startswith="hook.", person_id=world.engineer.pk).values_list("act", flat=True)
        )
    assert acts == {"hook.list", "hook.make", "hook.test", "hook.change", "hook.secret", "hook.drop"}


def test_there_are_five_at_most_and_a_dead_message_leads_to_another_try(world: World, client_for: Any) -> None:
    hooks = [hook_of(world.engineer) for _each in range(5)]
    client: Client = client_for(world.engineer)
    assert "5件までです" in client.get(reverse("briefings:hooks")).content.decode()
    sent = {"address": "https://hooks.example.jp/", "kinds": ["new"]}
    assert "5件までです" in client.post(reverse("briefings:hook_add"), sent).content.decode()
    with as_owner():
        row = Delivery.objects.create(
            hook=hooks[0], person=world.engineer, kind="PING", state="DEAD", next_attempt=timezone.now()
        )
    resend = reverse("briefings:hook_resend", args=[row.pk])
    assert "送信できなかったものだけです" in client.post(resend, follow=True).content.decode()  # a test is made anew
    assert client_for(world.colleague).post(resend).status_code == 404
    with as_owner():
        Hook.objects.filter(pk=hooks[0].pk).update(wrapped_key=b"x" * 60)  # altered in the database
    assert "開けません" in client.get(reverse("briefings:hooks")).content.decode()
    assert client.get(reverse("briefings:hook", args=[hooks[0].pk])).status_code == 200
