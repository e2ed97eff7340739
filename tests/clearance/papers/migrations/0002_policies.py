from django.db import migrations

from clearance.operations import EnableChild, EnableGrants, EnableMarked


class Migration(migrations.Migration):
    dependencies = [("papers", "0001_initial"), ("clearance", "0002_policies")]

    operations = [
        EnableMarked("paper"),
        EnableChild("note", parent="papers_paper", via="paper_id"),
        EnableGrants("papergrant", parent="papers_paper"),
    ]
