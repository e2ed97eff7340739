"""allauth as this portal wants it: closed sign-up, limits that spare the owner, sealed secrets, recorded events."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import browsers, enqueue, events, limits, mail, tasks
from accounts.local_paths import is_local
from accounts.models import Person
from accounts.passwords import Busy
from vault import Unreadable
from vault.boxes import Box

TOO_MANY = {"too_many_login_attempts", "rate_limited"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in, sign-out and passwords."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        return is_local(url)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:security")

    def set_password(self, user: Person, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])  # the web role may write no address and no organisation

    def validation_error(self, code: str, *args: object) -> ValidationError:
        """Too many attempts are answered by the page for it, wherever the form stands."""
        if code in TOO_MANY:
            limits.note(context.request, "login_failed", f"mfa-auth-user-{_proving().pk}")  # allauth's key for codes
            raise ImmediateHttpResponse(ratelimit.respond_429(context.request))
        error: ValidationError = super().validation_error(code, *args)
        return error

    # --- limits ----------------------------------------------------------------------------------------------

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        email = _address(credentials)
        browser = browsers.known_as(request, email)
        return f"{email}|{browser}" if browser else f"{email}|{ratelimit.get_ip(request)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """One count for account and source together; one for an account as tried by all strange browsers together."""
        email = _address(credentials)
        counts = [("login_failed", self._get_login_attempts_cache_key(request, **credentials))]
        if browsers.known_as(request, email) is None:
            counts.append(("login_account", email))
        self._taken = []
        for action, key in counts:
            usage = ratelimit.consume(request, app="allauth.account", action=action, key=key)
            if not usage:
                events.locked(request, email)
                limits.note(request, action, key)
                raise ImmediateHttpResponse(ratelimit.respond_429(request))
            self._taken.append(usage)

    def _rollback_login_failed_rl_usage(self) -> None:
        """A success is not counted; the failures before it stay."""
        for usage in self._taken:
            usage.rollback()

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        try:
            person: Person | None = super().authenticate(request, **credentials)
        except Busy:
            raise ImmediateHttpResponse(ratelimit.respond_429(request)) from None
        return person

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        events.failed(request, _address(credentials))

    # --- signing in and out ----------------------------------------------------------------------------------

    def pre_login(self, request: HttpRequest, user: Person, **kwargs: Any) -> HttpResponse | None:
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if response is None and not user.organisation.active:
            response = self.respond_user_inactive(request, user)
        return response

    def get_login_stages(self) -> list[str]:
        own = {"allauth.mfa.stages.AuthenticateStage": "accounts.stages.AuthenticateStage"}
        return [own.get(stage, stage) for stage in super().get_login_stages()]

    def login(self, request: HttpRequest, user: Person) -> None:
        self._again = user.last_login is not None
        super().login(request, user)
        request.session["browser"] = browsers.label(request)

    def post_login(self, request: HttpRequest, user: Person, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().post_login(request, user, **kwargs)
        events.signed_in(request, user)
        if self._again and browsers.known_as(request, user.email) is None:
            enqueue.on_commit(tasks.send_security_notice, str(user.pk), mail.NEW_BROWSER)
        browsers.remember(request, response, user.email)
        browsers.remember_language(response, user.language)
        return response

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, Person):
            events.signed_out(request.user)
        super().logout(request)

    # --- letters ---------------------------------------------------------------------------------------------

    def send_notification_mail(
        self, template_prefix: str, user: Person, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Without source address and browser, which allauth's own letter would carry through the mail."""
        if template_prefix in mail.NOTICES:
            enqueue.on_commit(tasks.send_security_notice, str(user.pk), template_prefix)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: secrets sealed to their person, passkeys for the portal's own host."""

    def encrypt(self, text: str) -> str:
        return b64encode(Box("totp").seal(text.encode(), self._binding())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises ValidationError where the secret was sealed for somebody else, or not here: it then proves nothing."""
        try:
            return Box("totp").open(b64decode(encrypted_text), self._binding()).decode()
        except (Unreadable, ValueError):
            raise self.validation_error("incorrect_code") from None

    def get_totp_label(self, user: Person) -> str:
        return user.email

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Bound to the configured origin, never to the Host header a client sends."""
        return {"id": urlsplit(settings.ORIGIN).hostname or "localhost", "name": "Entaku"}

    def generate_authenticator_name(self, user: Person, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("パスキー%(number)s") % {"number": number}

    @staticmethod
    def _binding() -> bytes:
        """Whose secret it is."""
        return str(_proving().pk).encode()


def _proving() -> Any:
    """Who proves something: the person in the middle of signing in, else the one signed in."""
    stage = getattr(context.request, "_login_stage", None)
    return stage.login.user if stage is not None else context.request.user


def _address(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email", "")).strip().lower()
