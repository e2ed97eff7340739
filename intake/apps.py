from collections.abc import Collection

from django.apps import AppConfig

from vault.blobs import held_by


class IntakeConfig(AppConfig):
    name = "intake"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        held_by(_known)


def _known(names: Collection[str]) -> Collection[str]:
    from intake.models import Blob

    return set(Blob.objects.filter(name__in=names).values_list("name", flat=True))
