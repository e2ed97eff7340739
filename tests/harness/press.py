"""The scene's briefings: one that its readers see up to their level, and a draft before another official."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from briefings.models import Audience, Briefing, Bureau, Delivery, Draft, Portion, Review
from briefings.models.feeds import ServiceAccount, ServiceToken, Submission, Submitted
from clearance.markings import from_text
from tests import world as build
from tests.briefings import desk as desks
from tests.briefings.telling import hook_of
from tests.world import World


@dataclass
class Press:
    """`briefing` has its head under SENSITIVE and one section under HI//SEMICON, as has the draft."""

    bureau: Bureau
    audience: Audience
    briefing: Briefing
    draft: Draft
    review: Review
    token: ServiceToken
    submitted: Submitted
    delivery: Delivery

    def keys(self) -> dict[str, Any]:
        """For the parameters of its pages."""
        return {
            "bureau": self.bureau.pk, "audience": self.audience.pk, "briefing": self.briefing.pk,
            "draft": self.draft.pk, "account": self.token.account_id, "machine_token": self.token.pk,
            "submitted": self.submitted.pk, "stix_id": self.submitted.stix_id,
            "collection": self.briefing.marking_id, "status": self.submitted.submission_id,
            "hook": self.delivery.hook_id, "delivery": self.delivery.pk,
        }  # fmt: skip

    def erase(self, *, head: bool) -> None:
        """Make it so that the section under HI//SEMICON, and the draft, never were; with `head` the whole of it."""
        Review.objects.all().delete()
        Draft.objects.all().delete()
        Portion.objects.filter(**({} if head else {"level": 2})).delete()
        if head:
            Briefing.objects.all().delete()


def open_press(world: World, words: Mapping[str, str]) -> Press:
    """A bureau of both officials; the world's circle reads."""
    desk = desks.desk(world)
    with build.as_owner():
        for row, name in ((desk.bureau, words["bureau"]), (desk.audience, words["audience"])):
            row.name = name
            row.save(update_fields=["name"])
    said = desks.content(("SENSITIVE", "HI//SEMICON"), title=words["briefing"])
    lower, higher = said.sections
    said = replace(said, sections=(lower, replace(higher, body=words["section"])))
    briefing = desks.published(desk, said)
    draft = desks.draft_of(desk, replace(said, title=words["draft"], sections=(desks.section("SENSITIVE"),)))
    token, submitted = _machine(world)
    return Press(
        desk.bureau, desk.audience, briefing, draft, desks.review_of(desk, draft), token, submitted, _told(world)
    )


def _told(world: World) -> Delivery:
    """What could not be sent to the engineer's hook."""
    hook = hook_of(world.engineer)
    given = {"kind": "PING", "state": "DEAD", "reason": "TLS", "next_attempt": timezone.now()}
    with build.as_owner():
        return Delivery.objects.create(hook=hook, person=world.engineer, **given)


def _machine(world: World) -> tuple[ServiceToken, Submitted]:
    """Of the maker's, kept by the ministry; and what it sent in."""
    given = {"made_by": world.official}
    with build.as_owner():
        machine = build.person(world.maker, "監視")
        account = ServiceAccount.objects.create(person=machine, purpose="配信の受取り", keeper=world.ministry, **given)
        until = timezone.now() + timedelta(days=30)
        token = ServiceToken.objects.create(account=account, hash=b"1" * 32, scopes=["read"], expires_at=until, **given)
        sent = Submission(account=account, keeper=world.ministry, marking=from_text("SENSITIVE"))
        sent.save(force_insert=True)
        found = {"type": "indicator", "id": f"indicator--{sent.pk}"}
        submitted = Submitted(
            submission=sent, stix_id=found["id"], version=timezone.now(), body=json.dumps(found)
        )  # fmt: skip
        submitted.save(force_insert=True)
    return token, submitted
