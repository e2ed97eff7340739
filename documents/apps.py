from collections.abc import Collection

from django.apps import AppConfig

from vault.blobs import held_by


class DocumentsConfig(AppConfig):
    name = "documents"
    verbose_name = "文書"

    def ready(self) -> None:
        held_by(_known)


def _known(names: Collection[str]) -> Collection[str]:
    from documents.models import StoredBlob

    return set(StoredBlob.objects.filter(name__in=names).values_list("name", flat=True))
