"""Only the clearance officer writes what the decision reads of people and organisations."""

from django.db import migrations

from clearance.sql import load


class Migration(migrations.Migration):
    dependencies = [("clearance", "0003_invitations")]

    operations = [migrations.RunSQL(load("people"))]
