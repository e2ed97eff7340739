"""Search over sealed text: its functions, and the table of tokens too common to keep."""

from django.db import migrations

from clearance.sql import load


class Migration(migrations.Migration):
    dependencies = [("clearance", "0007_limits")]

    operations = [migrations.RunSQL(load("search"), migrations.RunSQL.noop)]
