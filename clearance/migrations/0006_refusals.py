"""How often each person was refused in each minute."""

from django.db import migrations

from clearance.sql import load


class Migration(migrations.Migration):
    dependencies = [("clearance", "0005_factors")]

    operations = [migrations.RunSQL(load("refusals"))]
