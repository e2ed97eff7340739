"""`manage.py found --ministry NAME --email EMAIL --name NAME`: the first ministry and its clearance officer.

Prints the one-time link by which they set their password. Everybody else is invited by them.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts import services
from accounts.operator import as_owner


class Command(BaseCommand):
    help = "Enter the first ministry and its clearance officer into an empty portal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ministry", required=True)
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            try:
                token = services.found(
                    organisation_name=options["ministry"], email=options["email"], name=options["name"]
                )
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(settings.ORIGIN + reverse("accounts:invitation", kwargs={"token": token}))
