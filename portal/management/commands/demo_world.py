"""`manage.py demo_world`: make what is missing of the demo's people, rooms, documents, briefings, cases."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.demo import make_people
from accounts.operator import as_owner
from briefings.demo import make_briefings
from clearance.demo import grant_authorisations
from consultations.demo import make_consultations
from dialogues.demo import make_rooms
from documents.demo import make_documents


class Command(BaseCommand):
    help = "Make the demo's made-up world, or what is missing of it."

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            self.stdout.write("組織と利用者 / organisations and people")
            people = make_people()
            self.stdout.write("取扱資格 / authorisations")
            grant_authorisations(people)
            self.stdout.write("対話の場 / dialogue rooms")
            rooms = make_rooms(people)
            self.stdout.write("文書 / documents")
            make_documents(people, rooms)
            self.stdout.write("脅威・リスク情報 / threat briefings")
            make_briefings(people, rooms)
            self.stdout.write("匿名相談 / anonymous consultations")
            make_consultations(people)
