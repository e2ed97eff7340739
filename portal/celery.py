"""The Celery application: tasks run as `portal_worker`, and the worker proves that before it takes the first one."""

import os

from celery import Celery
from celery.signals import worker_init, worker_ready
from django.db import connection

from portal.checks import refuse_unless_confined, settings_in_one_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

app = Celery("entaku")
app.config_from_object("django.conf:settings", namespace="CELERY")
with settings_in_one_sentence():
    app.conf.broker_url  # noqa: B018 - read now: later Celery would show a traceback
app.autodiscover_tasks()

from portal.logs import tasks as task_lines  # noqa: E402, F401 -- its signals; after the settings, which may refuse


@worker_init.connect
def confine(**kwargs: object) -> None:
    refuse_unless_confined(connection)


@worker_ready.connect
def announce(**kwargs: object) -> None:
    """The first heartbeat at once: beat sends its own only after the first interval."""
    app.send_task("portal.tasks.heartbeat")
