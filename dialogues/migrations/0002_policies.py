"""Rooms, threads and messages under the one policy; what hangs on them under theirs."""

from django.db import migrations

from clearance.operations import EnableChild, EnableGrants, EnableMarked


class Migration(migrations.Migration):
    dependencies = [("dialogues", "0001_initial"), ("clearance", "0003_invitations")]

    operations = [
        EnableMarked("room", author="opened_by_id"),
        EnableMarked("thread", author="author_id"),
        EnableMarked("message", author="author_id", withdrawable=True),
        EnableGrants("roomgrant", parent="dialogues_room"),
        EnableChild("messagedocument", parent="dialogues_message", via="message_id"),
        EnableChild("readmark", parent="dialogues_thread", via="thread_id", write="reader", own="person_id"),
    ]
