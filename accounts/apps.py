from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "組織と利用者"

    def ready(self) -> None:
        from accounts import checks, listening

        _connected = (checks, listening)  # imported for what they register
