"""`manage.py appoint EMAIL DUTY [--until DATE | --end]`: give a person a duty, or end it. Run by the operator."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import services
from accounts.models import Appointment, Person
from accounts.operator import as_owner


class Command(BaseCommand):
    help = "Appoint a person to a duty (OFFICIAL, CLEARANCE_OFFICER, AUDITOR, SECRETARY, DESK_MANAGER), or end it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("duty", choices=Appointment.Duty.values)
        parser.add_argument("--until", type=date.fromisoformat, help="the last day (YYYY-MM-DD)")
        parser.add_argument("--end", action="store_true", help="end the duty now")

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            person = Person.objects.select_related("organisation").filter(email=options["email"].lower()).first()
            if person is None:
                raise CommandError("この利用者は登録されていません。 / No such person.")
            if options["end"]:
                ended = services.dismiss(person=person, duty=options["duty"])
                self.stdout.write(f"{options['duty']}: {ended} 件を終了しました。 / ended.")
                return
            until = options["until"]
            last = timezone.make_aware(datetime.combine(until, time.max)) if until else None
            try:
                services.appoint(person=person, duty=options["duty"], until=last)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
            self.stdout.write(f"{options['duty']}: 任命しました。 / appointed.")
