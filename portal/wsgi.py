"""The web process: refuses to serve as a database role that could pass row-level security by."""

import os

import django
from django.db import connection

from portal.checks import refuse_unless_confined, settings_in_one_sentence
from portal.content_types import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

with settings_in_one_sentence():
    django.setup(set_prefix=False)
    application = Handler()
refuse_unless_confined(connection)
