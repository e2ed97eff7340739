"""Forms about signing in and one's own account, and those the officer's screens keep the registers with."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.internal.userkit import filter_users_by_email
from allauth.core import context
from allauth.mfa.base.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as allauth_webauthn
from allauth.mfa.webauthn.internal.auth import parse_authentication_response, parse_registration_response
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts import enqueue, events, passkeys
from accounts.dates import DayField
from accounts.models import ForeignControl, Organisation, Person
from accounts.sectors import COUNTRIES, Sector

# --- signing in -----------------------------------------------------------------------------------------------


class ResetPasswordForm(AllauthResetPasswordForm):  # type: ignore[misc]
    """Asks for a letter in the same way whether or not the address is known: by a task, which looks it up again."""

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        self.users = filter_users_by_email(email, is_active=True, for_login=True)
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        from accounts import tasks

        person: UUID = self.users[0].pk if self.users else uuid7()
        enqueue.on_commit(tasks.send_password_reset, str(person))
        return str(self.cleaned_data["email"])


class ReauthenticateForm(AllauthReauthenticateForm):  # type: ignore[misc]
    """A code from the authenticator app. Recovery codes are not taken here: they would be used up and open nothing."""

    def clean_code(self) -> str:
        allow = check_rate_limit(self.user)
        code: str = self.cleaned_data["code"]
        totp = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.TOTP).first()
        if totp is None or not totp.wrap().validate_code(code):
            events.failed_factor(context.request, self.user, Authenticator.Type.TOTP)
            raise ValidationError(_("認証アプリのコードが正しくありません。"), code="incorrect_code")
        totp.user = self.user
        self.authenticator = totp
        allow()
        return code


def _require_parts(parse: Callable[[Any], object], credential: Any) -> None:
    """Refuse a credential with a part missing or malformed, on which the library stumbles instead of saying so."""
    try:
        parse(credential)
    except (LookupError, ValueError, TypeError, AttributeError, RecursionError, struct.error):
        raise ValidationError(_("このパスキーは使えません。"), code="incorrect_code") from None


class PasskeyField(forms.JSONField):
    """What a device answers. It is never given back to the page: each answer serves once."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput)

    def to_python(self, value: Any) -> Any:
        """Refuse also what JSON itself has no objection to: a number of 5,000 digits, a list in a list in a list …"""
        try:
            return super().to_python(value)
        except (ValueError, RecursionError) as wrong:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from wrong

    def bound_data(self, data: Any, initial: Any) -> Any:
        return InvalidJSONInput("")


class AddWebAuthnForm(allauth_webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A new passkey."""

    credential = PasskeyField()

    def clean_credential(self) -> Any:
        credential = self.cleaned_data["credential"]
        _require_parts(parse_registration_response, credential)
        return credential


class _GenuinePasskey:
    """Of the passkeys in the table, only those registered here for this person count (accounts.passkeys)."""

    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Authenticator:
        _require_parts(parse_authentication_response, self.cleaned_data["credential"])
        authenticator: Authenticator = super().clean_credential()  # type: ignore[misc]
        if not passkeys.genuine(authenticator):
            events.failed_factor(context.request, authenticator.user, Authenticator.Type.WEBAUTHN)
            raise ValidationError(_("このパスキーは使えません。"), code="incorrect_code")
        return authenticator


class AuthenticateWebAuthnForm(_GenuinePasskey, allauth_webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as the second step of signing in."""

    credential = PasskeyField()


class ReauthenticateWebAuthnForm(_GenuinePasskey, allauth_webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey when the portal asks again."""

    credential = PasskeyField()


class LoginWebAuthnForm(_GenuinePasskey, allauth_webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey in place of the password."""

    credential = PasskeyField()


class AcceptInvitationForm(forms.Form):
    """The first password of somebody invited."""

    password1 = forms.CharField(
        label=_("パスワード"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("12文字以上で、推測されにくいものにしてください。"),
    )
    password2 = forms.CharField(
        label=_("パスワード（確認）"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        password_validation.validate_password(password, self.person)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("2つのパスワードが一致していません。"))
        return cleaned


class LanguageForm(forms.Form):
    """The language of pages and mail."""

    language = forms.ChoiceField(label=_("表示言語"), choices=settings.LANGUAGES, widget=forms.RadioSelect)


# --- registers ------------------------------------------------------------------------------------------------


class OrganisationForm(forms.ModelForm):  # type: ignore[type-arg]
    """An organisation's data, as the clearance officer keeps it. Saved through accounts.services, never by itself."""

    sectors = forms.MultipleChoiceField(
        label=_("業種"), choices=Sector.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    country = forms.ChoiceField(
        label=_("国・地域"), choices=[(code, name) for code, name in COUNTRIES.items()], initial="JP"
    )

    class Meta:
        model = Organisation
        fields = ["kind", "name", "name_en", "corporate_number", "sectors", "step", "region", "size", "country"]
        help_texts = {"corporate_number": _("13桁の数字。国内の組織にだけあります。")}

    def clean_corporate_number(self) -> str | None:
        return self.cleaned_data["corporate_number"] or None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("corporate_number") and cleaned.get("country", "JP") != "JP":
            self.add_error("corporate_number", _("法人番号は国内の組織にだけ入力できます。"))
        return cleaned


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person's name, title and language: what may change of somebody who is registered."""

    class Meta:
        model = Person
        fields = ["name", "title", "language"]


class InvitePersonForm(PersonForm):
    """Somebody new, with the address and the organisation they will keep."""

    organisation = forms.ModelChoiceField(
        label=_("組織"), queryset=Organisation.objects.filter(active=True).order_by("name", "id")
    )

    class Meta(PersonForm.Meta):
        fields = ["email", "name", "title", "organisation", "language"]
        help_texts = {"email": _("招待の案内をお送りします。登録した後は変更できません。")}

    def clean_email(self) -> str:
        """Letters of other scripts, and those nobody sees, would make an address that looks like somebody else's."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if not email.isascii():
            raise ValidationError(_("メールアドレスは半角の英数字と記号で入力してください。"), code="not_ascii")
        return email


class ForeignControlForm(forms.ModelForm):  # type: ignore[type-arg]
    """Dated facts on foreign control of an organisation."""

    class Meta:
        model = ForeignControl
        fields = ["as_of", "voting_share", "officers", "secondees", "source"]
        field_classes = {"as_of": DayField}
        help_texts = {"source": _("例：有価証券報告書、組織からの申告")}
