"""Who a session's person is, read anew with each request: a locked account or a closed organisation is nobody."""

from __future__ import annotations

from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import QuerySet

from accounts.models import Person
from accounts.statements import Given, Once


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's sign-in by e-mail address, with the organisation loaded alongside its person."""

    def get_user(self, user_id: UUID) -> Person | None:
        person = _person.first(key=user_id)
        return person if person is not None and self.user_can_authenticate(person) else None

    def user_can_authenticate(self, user: Person) -> bool:
        return user.is_active and user.organisation.active


@Once
def _person() -> QuerySet[Person]:
    return Person.objects.select_related("organisation").filter(pk=Given("key")).order_by()
