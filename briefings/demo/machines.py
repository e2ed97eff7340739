"""The demo's machine accounts, one a level, and their tokens: worked out from the demo's own root key, so that its page
can show them at any time. Whatever is no demo keeps the SHA-256 of random tokens alone."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from clearance.masks import union
from clearance.models import Authorisation, Compartment
from clearance.services import circles
from dialogues.models import Room
from vault.keys import derive

from .. import machines
from ..models import ServiceAccount, ServiceToken
from .plan import NAMESPACE, being

DAYS = 365


@dataclass(frozen=True)
class DemoMachine:
    """One account: what it is called, and up to which level it reads in the demo's room."""

    key: str
    name: str
    reads: Any
    highest: int

    @property
    def account(self) -> UUID:
        return uuid5(NAMESPACE, f"machine/{self.key}")

    @property
    def secret(self) -> bytes:
        return derive(f"demo machine {self.key}", machines.SIZE)

    @property
    def token(self) -> str:
        return machines.PREFIX + urlsafe_b64encode(self.secret).decode().rstrip("=")


MACHINES = (
    DemoMachine("public", "監視システム（公開のみ）", _("公開の情報だけを受け取ります。"), 0),
    DemoMachine("sensitive", "監視システム（関係者限りまで）", _("関係者限りの情報まで受け取ります。"), 1),
    DemoMachine("secret", "監視システム（秘文書まで）", _("秘文書（半導体）まで受け取ります。"), 2),
)


def make_machines(people: Mapping[str, Person], room: Room) -> None:
    """Make what is missing of them, in the room whose briefings have sections of three levels. Runs as the owner."""
    for each in MACHINES:
        if not ServiceAccount.objects.filter(pk=each.account).exists():
            _account(each, people, room)
        if not ServiceToken.objects.filter(hash=sha256(each.secret).digest()).exists():
            ServiceToken.objects.create(
                account_id=each.account, hash=sha256(each.secret).digest(), scopes=["read", "write"],
                expires_at=timezone.now() + timedelta(days=DAYS), made_by=people["official"],
            )  # fmt: skip


@transaction.atomic
def _account(each: DemoMachine, people: Mapping[str, Person], room: Room) -> None:
    with being(people["official"]):
        made = machines.make(each.account, people["engineer"].organisation_id, each.name, str(_("デモ")))
        assert made
    person = Person.objects.get(pk=each.account)
    with being(people["official"]) as actor:
        circles.add_member(actor=actor, circle=room.circle, person=person)
    if each.highest:
        codes = union(Compartment.objects.filter(code="SEMICON").values_list("bit", flat=True))
        Authorisation.objects.create(
            person=person, basis=Authorisation.Basis.NDA, highest=each.highest, comp_mask=codes,
            since=timezone.now() - timedelta(days=1),
        )  # fmt: skip
