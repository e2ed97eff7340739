"""Search over what is said."""

from django.db import migrations

from clearance.search.operations import EnableSearch


class Migration(migrations.Migration):
    dependencies = [("dialogues", "0002_policies"), ("clearance", "0008_search")]

    operations = [EnableSearch("message", words=("body",))]
