"""Search over what is published: the titles with what they concern, and the sections."""

from django.db import migrations

from clearance.search.operations import EnableSearch


class Migration(migrations.Migration):
    dependencies = [("briefings", "0002_policies"), ("clearance", "0008_search")]

    operations = [
        EnableSearch("briefing", words=("title", "concerns")),
        EnableSearch("portion", words=("heading", "body")),
    ]
