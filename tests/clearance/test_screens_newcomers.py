"""The officer brings somebody in, keeps what the register says of them, and locks their account."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import Person
from tests.clearance.test_screens_people import page, text
from tests.world import World

pytestmark = pytest.mark.django_db


def test_somebody_is_registered_invited_changed_locked_and_unlocked(
    world: World, officer: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = officer.post(
            reverse("clearance:person_add"),
            {
                "email": "New@Example.test", "name": "新 人", "title": "課長", "organisation": str(world.maker.pk),
                "language": "ja",
            },
        )  # fmt: skip
    newcomer = Person.objects.get(email="new@example.test")
    assert answer["Location"] == reverse("clearance:person", args=[newcomer.pk])
    assert [message.to for message in mail.outbox] == [["new@example.test"]]
    html = page(officer, "person", newcomer.pk)
    assert "招待の案内を送り直す" in html
    assert "取扱資格は登録されていません" in html

    officer.post(reverse("clearance:person_invite", args=[newcomer.pk]))
    officer.post(reverse("clearance:person_change", args=[newcomer.pk]), {"name": "新人 改", "language": "en"})
    newcomer.refresh_from_db()
    assert (newcomer.name, newcomer.language, newcomer.title) == ("新人 改", "en", "")
    lock = reverse("clearance:person_lock", args=[newcomer.pk])
    officer.post(lock)
    newcomer.refresh_from_db()
    assert newcomer.is_active  # not confirmed
    for active in (False, True):
        officer.post(lock, {"confirmed": "on"})
        newcomer.refresh_from_db()
        assert newcomer.is_active is active


def test_an_address_that_is_taken_is_refused_beside_its_field(world: World, officer: Client) -> None:
    html = text(
        officer.post(
            reverse("clearance:person_add"),
            {
                "email": world.engineer.email.upper(), "name": "二 重", "organisation": str(world.maker.pk),
                "language": "ja",
            },
        )
    )  # fmt: skip
    assert 'id="id_email_error"' in html
    assert "二 重" in html


def test_an_officer_is_not_offered_to_lock_themselves(world: World, officer: Client) -> None:
    own = world.clearance_officer.pk
    assert reverse("clearance:person_lock", args=[own]) not in page(officer, "person", own)
    officer.post(reverse("clearance:person_lock", args=[own]), {"confirmed": "on"})
    world.clearance_officer.refresh_from_db()
    assert world.clearance_officer.is_active
