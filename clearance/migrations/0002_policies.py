"""The access context, the policies of clearance's own tables, and the functions the web role may call."""

from django.db import migrations

from clearance.sql import load


class Migration(migrations.Migration):
    dependencies = [
        ("clearance", "0001_initial"),
        ("accounts", "0001_initial"),
        ("audit", "0002_append_only"),
    ]

    operations = [migrations.RunSQL(load("context")), migrations.RunSQL(load("tables"))]
