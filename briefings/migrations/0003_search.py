"""Search over what is published (clearance.search)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("briefings", "0002_policies")]

    operations = []
