"""Machine accounts: made by officials and the clearance officer, each token shown once, and what each is good for."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Appointment
from accounts.services import NotAllowed
from accounts.services.invitations import invite
from briefings import machines
from briefings.models import ServiceAccount, ServiceToken
from briefings.services import machines as services
from tests.briefings.feeds import machine
from tests.world import World, as_owner, authorise, being, join, person, sign_in

pytestmark = pytest.mark.django_db


def made(world: World) -> ServiceAccount:
    with being(world.official) as actor:
        return services.make_account(actor=actor, organisation=world.maker, name="監視", purpose="配信")


def issued(world: World, account: ServiceAccount, days: int = 30) -> tuple[ServiceToken, str]:
    with being(world.official) as actor:
        return services.issue_token(actor=actor, account=account, days=days, scopes=["read"])


def test_a_machine_has_no_way_to_sign_in(world: World) -> None:
    account = made(world)
    assert not account.person.has_usable_password()
    assert not account.person.check_password("!")
    with being(world.clearance_officer) as actor, pytest.raises(ValidationError, match="機械"):
        invite(actor=actor, person=account.person)


@pytest.mark.parametrize("name", ["engineer", "secretary", "auditor"])
def test_nobody_else_makes_one_or_sees_one(world: World, name: str) -> None:
    account = made(world)
    with being(world.people[name]) as actor:
        with pytest.raises(NotAllowed):
            services.make_account(actor=actor, organisation=world.maker, name="x", purpose="y")
        assert not machines.make(account.pk, world.maker.pk, "x", "y")
        assert not ServiceAccount.objects.exists()
        assert not ServiceToken.objects.exists()


def test_a_token_is_kept_as_its_hash_and_opens_until_it_is_revoked_or_over(world: World) -> None:
    account = made(world)
    token, secret = issued(world, account)
    assert secret.encode() not in bytes(token.hash)
    found = machines.known(secret)
    assert found
    assert (found.account, found.scopes) == (account.pk, {"read"})
    for bad in ("", "entaku_", secret[:-1], secret[:-4] + "AAAA", secret.removeprefix("entaku_")):
        assert machines.known(bad) is None
    with as_owner():
        assert ServiceToken.objects.get(pk=token.pk).last_used == timezone.localdate()
    with being(world.official) as actor:
        services.revoke_token(actor=actor, token=token)
    assert machines.known(secret) is None
    _other, second = issued(world, account)
    with being(world.clearance_officer) as actor:
        services.revoke_account(actor=actor, account=account)
    assert machines.known(second) is None


def test_rotation_leaves_the_old_one_a_day_and_no_token_lives_over_a_year(world: World) -> None:
    account = made(world)
    token, old = issued(world, account, 90)
    with being(world.official) as actor:
        fresh, new = services.rotate_token(actor=actor, token=token)
    assert machines.known(old)
    assert machines.known(new)
    with being(world.official):
        left = ServiceToken.objects.get(pk=token.pk).expires_at - timezone.now()
        assert timedelta(hours=23) < left <= timedelta(days=1)
        with pytest.raises(DatabaseError), transaction.atomic():
            ServiceToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() + timedelta(days=50))
    assert fresh.expires_at - fresh.since == timedelta(days=90)
    with pytest.raises(ValidationError):
        issued(world, account, 366)


def test_officials_of_another_office_do_not_keep_it(world: World) -> None:
    account = made(world)
    with as_owner():
        ServiceAccount.objects.filter(pk=account.pk).update(keeper=world.association)
    with being(world.official) as actor:
        assert not ServiceAccount.objects.exists()
        with pytest.raises(NotAllowed):
            services.issue_token(actor=actor, account=account, days=1, scopes=["read"])


def test_the_pages_lead_from_an_account_to_its_token_and_its_end(world: World, client_for: Any) -> None:
    client: Client = client_for(world.official)
    start = reverse("briefings:service_accounts")
    assert "まだありません" in client.get(start).content.decode()
    wrong = client.post(reverse("briefings:service_account_add"), {"name": "監視の機械", "purpose": ""})
    assert "監視の機械" in wrong.content.decode()
    sent = {"organisation": str(world.maker.pk), "name": "監視の機械", "purpose": "配信"}
    there = client.post(reverse("briefings:service_account_add"), sent)["Location"]
    key = there.rstrip("/").rpartition("/")[2]
    assert "監視の機械" in client.get(start).content.decode()
    assert client.get(reverse("briefings:service_token_add", args=[key])).status_code == 200
    shown = client.post(reverse("briefings:service_token_add", args=[key]), {"days": "30", "scopes": ["read"]})
    found = re.search(r"entaku_[A-Za-z0-9_-]{43}", shown.content.decode())
    assert found
    assert shown["Cache-Control"] == "private, no-store"
    assert "entaku_" not in client.get(there).content.decode()
    assert machines.known(found[0])
    with as_owner():
        token = ServiceToken.objects.get()
    for name in ("service_token_rotate", "service_token_revoke"):
        assert client.get(reverse(f"briefings:{name}", args=[token.pk])).status_code == 200
        answer = client.post(reverse(f"briefings:{name}", args=[token.pk]), {"confirmed": "on"})
        assert answer.status_code == (200 if name == "service_token_rotate" else 302)
    assert machines.known(found[0]) is None
    revoke = reverse("briefings:service_account_revoke", args=[key])
    assert client.get(revoke).status_code == 200
    assert client.post(revoke, {"confirmed": "on"}).status_code == 302
    assert client.get(reverse("briefings:service_submissions")).status_code == 200
    for other in (world.engineer, world.secretary):
        assert client_for(other).get(start).status_code == 404
        assert client_for(other).get(there).status_code == 404


def test_a_token_is_given_out_by_whoever_may_read_as_much_and_has_proved_who_they_are(world: World) -> None:
    held = machine(world, 2)
    with as_owner():
        uncleared = person(world.ministry, "官 五郎", "OFFICIAL")
    add = reverse("briefings:service_token_add", args=[held.account.pk])
    rotate = reverse("briefings:service_token_rotate", args=[held.token.pk])
    for address, sent in ((add, {"days": 30, "scopes": ["read"]}), (rotate, {"confirmed": "on"})):
        by_password = sign_in(uncleared, level=1)
        assert reverse("accounts:step_up") in by_password.get(address)["Location"]
        assert by_password.post(address, sent).status_code == 403
        answer = sign_in(uncleared).post(address, sent).content.decode()
        assert "取扱資格の範囲を超えている" in answer
        assert "参加していない共有範囲" in answer
        assert "entaku_" not in answer
    given = {"account": held.account, "scopes": ["read"], "expires_at": timezone.now() + timedelta(days=1)}
    for who, level in ((uncleared, 2), (world.official, 1)):  # nor by SQL
        with being(who, level), pytest.raises(DatabaseError), transaction.atomic():
            ServiceToken(hash=b"2" * 32, made_by=who, **given).save(force_insert=True)
    with as_owner():
        authorise(uncleared, 2, "BATTERY", basis="OFFICIAL")
    for more, lacking in ((("SEMICON",), {"CLEARANCE", "CIRCLES"}), ((), {"CIRCLES"})):
        with being(uncleared):
            assert machines.lacking(held.account.pk) == lacking
        with as_owner():
            authorise(uncleared, 2, *more, basis="OFFICIAL")
    with as_owner():
        join(world.circle, uncleared)
    with being(uncleared) as actor:
        _token, secret = services.issue_token(actor=actor, account=held.account, days=1, scopes=["read"])
    assert machines.known(secret)
    with being(world.engineer):
        assert machines.lacking(held.account.pk) == {"DUTY"}
        assert not machines.halted(held.account.pk)


def test_a_token_made_before_the_machine_was_let_in_opens_nothing_its_maker_may_not_read(world: World) -> None:
    account = made(world)
    with as_owner():
        uncleared = person(world.ministry, "官 五郎", "OFFICIAL")
    with being(uncleared) as actor:
        token, secret = services.issue_token(actor=actor, account=account, days=1, scopes=["read"])
    assert machines.known(secret)
    with as_owner():
        authorise(account.person, 1)
    assert machines.known(secret) is None
    page = sign_in(world.official).get(reverse("briefings:service_account", args=[account.pk])).content.decode()
    assert "停止中" in page
    with being(world.official) as actor:
        _made, fresh = services.rotate_token(actor=actor, token=token)
    assert machines.known(fresh)
    with as_owner():
        Appointment.objects.filter(person=world.official).update(until=timezone.now())
    assert machines.known(fresh) is None, "nor one whose maker is no official any more"
