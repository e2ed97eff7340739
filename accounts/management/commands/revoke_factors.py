"""`manage.py revoke_factors EMAIL WHY`: take away a person's proofs, for the officer nobody else could help."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.models import Person
from accounts.operator import as_owner


class Command(BaseCommand):
    help = "Take away a person's authenticator app, passkeys and recovery codes, and end their sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("why", choices=services.Why.values)

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            person = Person.objects.filter(email=options["email"].lower()).first()
            if person is None:
                raise CommandError("この利用者は登録されていません。 / No such person.")
            try:
                services.revoke_factors_at_the_server(person=person, why=services.Why(options["why"]))
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
        self.stdout.write("認証手段を取り消しました。 / The means of proof have been revoked.")
