"""The web process of the anonymous intake: refuses to serve as a database role that could read what it takes in."""

import os

import django
from django.db import connection

from portal.checks import refuse_unless_confined, settings_in_one_sentence
from portal.content_types import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.intake_production")

with settings_in_one_sentence():
    django.setup(set_prefix=False)
    application = Handler()
refuse_unless_confined(connection)
