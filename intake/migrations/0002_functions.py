"""How the anonymous side reaches its tables."""

from django.db import migrations

from intake.sql import load


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial"), ("clearance", "0007_limits")]

    operations = [migrations.RunSQL(load("intake"))]
