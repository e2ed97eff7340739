"""Row-level security of drafts, of what is published, and of what its readers did."""

from django.db import migrations

from briefings.sql import load
from clearance.operations import EnableChild, EnableLedger, EnableMarked

BRIEFING = "briefings_briefing"


class Migration(migrations.Migration):
    dependencies = [("briefings", "0001_initial"), ("clearance", "0007_limits")]

    operations = [
        EnableMarked("bureau", author="opened_by_id"),
        EnableMarked("audience", author="opened_by_id"),
        EnableMarked("draft", author="author_id"),
        EnableMarked("briefing", author="approved_by_id"),
        EnableMarked("portion", author="approved_by_id"),
        EnableChild("review", parent="briefings_draft", via="draft_id", by="asked_by_id"),
        EnableLedger("opening", parent=BRIEFING, via="briefing_id", person="person_id", originator="originator_id"),
        EnableLedger(
            "acknowledgement", parent=BRIEFING, via="briefing_id", person="person_id", originator="originator_id"
        ),
        migrations.RunSQL(load("briefings")),
    ]
