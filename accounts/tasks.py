"""Mail and cleaning up. Tasks take ids, look again, and may run twice."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from accounts import mail
from accounts.models import Invitation, Person
from accounts.services.invitations import link_token
from accounts.sessions import SessionStore

RESET_AT_MOST_EVERY = 5 * 60  # seconds: a stranger who asks again and again fills nobody's mailbox
RETRY_AFTER = timedelta(minutes=2)


@shared_task
def send_invitation(invitation_id: str) -> None:
    """Send an invitation that is open and not sent yet."""
    invitation = (
        Invitation.objects.open(timezone.now())
        .select_related("person", "organisation")
        .filter(pk=UUID(invitation_id), sent__isnull=True)
        .first()
    )
    if invitation is None or not invitation.person.is_active:
        return
    mail.send_invitation(invitation, link_token(invitation))
    Invitation.objects.filter(pk=invitation.pk).update(sent=timezone.now())


@shared_task
def send_unsent_invitations() -> None:
    """Send what an emptied broker or a killed worker left behind."""
    stalled = Invitation.objects.open(timezone.now()).filter(
        sent__isnull=True, created__lt=timezone.now() - RETRY_AFTER
    )
    for pk in stalled.order_by("created", "id").values_list("pk", flat=True)[:100]:
        send_invitation(str(pk))


@shared_task
def send_password_reset(person_id: str) -> None:
    """Send the link to a new password; for an id that is nobody's, and for a locked account, do nothing.

    The web asks for it in either case, so that its answer takes as long for an address nobody has.
    """
    person = Person.objects.select_related("organisation").filter(pk=UUID(person_id), is_active=True).first()
    if person is None or not person.organisation.active or not person.has_usable_password():
        return
    if cache.add(f"accounts:reset:{person.pk}", True, RESET_AT_MOST_EVERY):
        mail.send_password_reset(person)


@shared_task
def send_security_notice(person_id: str, kind: str) -> None:
    """Tell a person that something about how they sign in has changed. `kind`: a key of mail.NOTICES."""
    person = Person.objects.filter(pk=UUID(person_id)).first()
    if person is not None:
        mail.send_security_notice(person, kind)


@shared_task
def forget_expired_sessions() -> None:
    """Delete the rows of sessions that no longer open."""
    SessionStore.clear_expired()
