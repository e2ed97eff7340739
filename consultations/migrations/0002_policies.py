"""Who sees a case, and who writes what of the officers' keys."""

from django.db import migrations

from consultations.sql import load


class Migration(migrations.Migration):
    dependencies = [
        ("consultations", "0001_initial"),
        ("intake", "0002_functions"),
        ("clearance", "0007_limits"),
    ]

    operations = [migrations.RunSQL(load(name)) for name in ("cases", "custody")]
