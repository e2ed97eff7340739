"""Taking away every proof a person has registered, for somebody who has lost theirs: by the officer, or at the server.

A password alone then signs in and registers the next factor. So where the device is out of its owner's hands the
password goes too: it may be stored on it, or have been watched. Whoever left the device in a place they know, or whose
device broke, keeps it: what they know is then better proof than what their mailbox holds.
"""

from __future__ import annotations

from typing import Protocol

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import enqueue, mail
from accounts.assurance import NEEDS_SECOND_FACTOR, Assurance
from accounts.models import Invitation, Person, Session
from accounts.queries import factors_of
from audit.acts import Act
from audit.services import SYSTEM, Actor, record

from .acting import NotAllowed, Officer, require_officer
from .invitations import issue


class Why(models.TextChoices):
    """What happened to the proofs: the only thing the log keeps of it."""

    LOST = "lost", gettext_lazy("スマートフォンやセキュリティキーをなくした")
    LEFT = (
        "left_behind",
        gettext_lazy("スマートフォンやセキュリティキーを置いてきて、いま手元にない（場所は分かっている）"),
    )
    THEFT = "suspected_theft", gettext_lazy("盗まれた疑いがある")
    OTHER = "other", gettext_lazy("その他（故障、買い替えなど）")

    @property
    def takes_password(self) -> bool:
        return self in {Why.LOST, Why.THEFT}


class ProvenOfficer(Officer, Protocol):
    """An officer, and what their session has proved."""

    @property
    def assurance(self) -> Assurance: ...


@transaction.atomic
def revoke_factors(*, actor: ProvenOfficer, person: Person, why: Why) -> Person:
    """Take away a person's proofs, end their sessions, and tell them. The officer has made sure of who is asking.

    Raises NotAllowed; ValidationError for one's own, where the officer's session has not proved enough (code
    `step_up`), and where there is nothing to take away.
    """
    require_officer(actor)
    if person.pk == actor.person_id:
        raise ValidationError(
            _("ご自身の認証手段を取り消すことはできません。別の保全責任者に依頼してください。"), code="self"
        )
    if actor.assurance.level_reached(timezone.now()) < NEEDS_SECOND_FACTOR:
        raise ValidationError(
            _("この操作の前に、認証アプリかパスキーでもう一度本人確認をしてください。"), code="step_up"
        )
    return _revoke(actor, person, why)


@transaction.atomic
def revoke_factors_at_the_server(*, person: Person, why: Why) -> Person:
    """The same by the operator's command: for the only clearance officer, whom nobody else could help."""
    return _revoke(SYSTEM, person, why)


def _revoke(actor: Actor, person: Person, why: Why) -> Person:
    current: Person = Person.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=person.pk)
    kinds = factors_of(current)
    if not kinds and not (why.takes_password and current.has_usable_password()):
        raise ValidationError(_("取り消す認証手段がありません。"), code="nothing")
    # Without the signals that note each factor as removed by its owner: this is one act of somebody else.
    held = Authenticator.objects.filter(user=current)
    if held._raw_delete(held.db) != sum(kinds.values()):
        raise NotAllowed  # the database lets nobody but the officer
    ended, _rows = Session.objects.filter(person=current).delete()
    if why.takes_password:
        _renew_password(current)
    record(
        actor=actor,
        act=Act.PERSON_REVOKE_FACTORS,
        target_type="person",
        target_id=current.pk,
        detail={
            "why": str(why),
            "identity_confirmed": True,
            "sessions": ended,
            "password": why.takes_password,
            **kinds,
        },
    )
    from accounts import tasks  # tasks stand above services; what is enqueued is only an id

    enqueue.on_commit(tasks.send_security_notice, str(current.pk), mail.FACTORS_REVOKED)
    return current


def _renew_password(person: Person) -> None:
    """No password opens the account, no link sent before sets one; a new link goes to whoever may use the portal."""
    from accounts import tasks

    person.set_password(None)
    person.save(update_fields=["password"])
    Invitation.objects.open(timezone.now()).filter(person=person).update(withdrawn=timezone.now())
    if person.is_active and person.organisation.active:
        invitation, _token = issue(person)
        enqueue.on_commit(tasks.send_invitation, str(invitation.pk))
