from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "円卓"

    def ready(self) -> None:
        from portal import celery  # noqa: F401 -- tasks are bound to this application, whoever enqueues them
        from portal.metrics import figures
        from vault import keys

        keys.watchers.append(figures.unwrapped)
