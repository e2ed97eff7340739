"""Search over the titles of documents."""

from django.db import migrations

from clearance.search.operations import EnableSearch


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_policies"), ("clearance", "0008_search")]

    operations = [EnableSearch("document", words=("title",))]
