"""Row-level security of the documents and of what hangs on them."""

from django.db import migrations

from clearance.operations import EnableChild, EnableGrants, EnableLedger, EnableMarked

PARENT = "documents_document"


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial"), ("clearance", "0002_policies")]

    operations = [
        EnableMarked("document", author="handed_over_by_id", originator="originator_id", withdrawable=True),
        EnableGrants("documentgrant", parent=PARENT),
        EnableChild("version", parent=PARENT, via="document_id", by="received_by_id"),
        EnableChild("rendition", parent=PARENT, via="document_id"),
        EnableChild("relabelrequest", parent=PARENT, via="document_id", by="proposed_by_id"),
        EnableLedger("reading", parent=PARENT, via="document_id", person="person_id", originator="originator_id"),
    ]
