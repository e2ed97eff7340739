from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ClearanceConfig(AppConfig):
    name = "clearance"
    verbose_name = "取扱資格"

    def ready(self) -> None:
        from vault import keys

        from .limits import count_key

        post_migrate.connect(install_privileges, dispatch_uid="clearance.privileges")
        keys.watchers.append(count_key)


def install_privileges(sender: AppConfig, using: str, **_kwargs: Any) -> None:
    """Once, after the last app's migrations."""
    from django.apps import apps

    from . import privileges

    *_others, last = [config for config in apps.get_app_configs() if config.models_module is not None]
    if sender is last:
        privileges.install(using=using)
