"""The web process: refuses to serve as a database role that could pass row-level security by."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connection

from portal.checks import refuse_unless_confined, settings_in_one_sentence

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

with settings_in_one_sentence():
    application = get_wsgi_application()
refuse_unless_confined(connection)
