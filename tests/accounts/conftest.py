"""What the tests of sign-in share: an empty count of attempts, people with passwords, officers, browsers."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import Appointment, Organisation, Person
from accounts.passwords import BoundedArgon2Hasher
from clearance import context
from portal.embedded import translations
from tests.world import as_owner, organisation, person, proved

translations.compile_changed()  # letters are read in both languages, however the tests are started

PASSWORD = "水面に映る円い月 1592"


@dataclass(frozen=True)
class Acting:
    """An actor with just what services ask of one."""

    person_id: UUID | None
    organisation_id: UUID | None
    duties: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class People:
    """Whom the stories of this app are about."""

    ministry: Organisation
    association: Organisation
    maker: Organisation
    officer: Person
    engineer: Person
    colleague: Person
    stranger: Person

    def acting(self, who: Person, *duties: str) -> Acting:
        return Acting(who.pk, who.organisation_id, frozenset(duties))

    @property
    def officer_acts(self) -> Acting:
        """The officer, in whose access context the transaction goes on: nobody else's may write the registers."""
        context.leave()
        claim = {"for": "act", "person": str(self.officer.pk), **context._moments(proved(2))}
        context._call("SELECT * FROM clearance_act(%s, %s)", *context._signed(claim))
        return self.acting(self.officer, Appointment.Duty.CLEARANCE_OFFICER)


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hundreds of sign-ins here need no memory-hard hash; test_passwords.py checks the real one."""
    for name, value in {"time_cost": 1, "memory_cost": 8, "parallelism": 1}.items():
        monkeypatch.setattr(BoundedArgon2Hasher, name, value)


@pytest.fixture
def people(db: None) -> People:
    with as_owner():
        ministry = organisation("産業安全保障庁（架空）", Organisation.Kind.MINISTRY)
        association = organisation("日本部材協会（架空）", Organisation.Kind.ASSOCIATION)
        maker = organisation("朝霧精密工業（架空）")
        other = organisation("北斗シリコン（架空）")
        engineer = person(maker, "北川 千尋")
        engineer.set_password(PASSWORD)
        engineer.save()
        return People(
            ministry,
            association,
            maker,
            person(ministry, "三井 和子", Appointment.Duty.CLEARANCE_OFFICER),
            engineer,
            person(maker, "小野寺 健"),
            person(other, "沢田 大輔"),
        )


def post_password(client: Client, email: str, password: str, **extra: str):  # type: ignore[no-untyped-def]
    """The sign-in form, as a browser posts it."""
    return client.post("/account/login/", {"login": email, "password": password}, **extra)  # type: ignore[arg-type]
