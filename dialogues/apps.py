from django.apps import AppConfig


class DialoguesConfig(AppConfig):
    name = "dialogues"
    verbose_name = "対話の場"

    def ready(self) -> None:
        from documents.places import name_circles_by

        from .queries.rooms import as_places

        name_circles_by(as_places)
