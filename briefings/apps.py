from django.apps import AppConfig


class BriefingsConfig(AppConfig):
    name = "briefings"
    verbose_name = "脅威・リスク情報"

    def ready(self) -> None:
        from . import after, searching
        from .delivery import occasions
        from .stix import laying

        after.published.append(laying.published)
        after.published.append(searching.published)
        after.published.append(occasions.published)
        after.retracted.append(occasions.retracted)
