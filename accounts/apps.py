from django.apps import AppConfig
from django.forms import BooleanField, ChoiceField, FileField
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "組織と利用者"

    def ready(self) -> None:
        from accounts import checks, listening

        # What Django says of an empty field speaks of typing; these are not typed into. Choices of rows inherit it.
        ChoiceField.default_error_messages["required"] = _("選んでください。")
        FileField.default_error_messages["required"] = _("ファイルを選んでください。")
        BooleanField.default_error_messages = {"required": _("チェックを入れてください。")}
        _connected = (checks, listening)  # imported for what they register
