"""The access context, the policies of clearance's own tables, of the log and of the markings' keys, and the functions
the web role may call."""

from django.db import migrations

from clearance.sql import load


class Migration(migrations.Migration):
    dependencies = [
        ("clearance", "0001_initial"),
        ("accounts", "0001_initial"),
        ("audit", "0002_append_only"),
        ("vault", "0001_initial"),
    ]

    operations = [migrations.RunSQL(load(name)) for name in ("context", "tables", "markings")]
