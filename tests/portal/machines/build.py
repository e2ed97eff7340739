"""Run as the owner, before anything serves: tables, and a room of a ministry with an engineer in it. Prints where."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from accounts.models import Appointment, Organisation  # noqa: E402
from clearance.context import acting  # noqa: E402
from clearance.markings import marking  # noqa: E402
from clearance.models import Authorisation  # noqa: E402
from dialogues.models import Room  # noqa: E402
from dialogues.services.rooms import open_room  # noqa: E402
from tests.world import agreement, as_owner, authorise, join, organisation, person, proved  # noqa: E402


def main(password: str) -> None:
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    with as_owner():
        ministry = organisation("産業安全保障庁（架空）", Organisation.Kind.MINISTRY)
        maker = organisation("朝霧精密工業（架空）")
        agreement(maker)
        people = {
            "official": person(ministry, "官 一郎", Appointment.Duty.OFFICIAL),
            "engineer": person(maker, "技 術子"),
            "colleague": person(maker, "同 僚男"),
        }
        authorise(people["official"], 1, basis=Authorisation.Basis.OFFICIAL)
        for who in people.values():
            who.set_password(password)
            who.save()
            if who.organisation_id == maker.pk:
                authorise(who, 1)
        ceiling = marking(1)
    with acting(person=people["official"].pk, assurance=proved(1)) as actor:
        room = open_room(
            actor=actor, kind=Room.Kind.TECHNOLOGY, name="蓄電池の部材", purpose="部材の調達を話し合います。",
            ceiling=ceiling, marking=ceiling,
        )  # fmt: skip
    with as_owner():
        members = {name: str(join(room.circle, people[name]).pk) for name in ("engineer", "colleague")}
    where = {"room": str(room.pk), "circle": room.circle_id, "marking": ceiling.text, "members": members}
    sys.stdout.write(json.dumps(where | {"emails": {name: who.email for name, who in people.items()}}))


if __name__ == "__main__":
    main(sys.stdin.readline().strip())
