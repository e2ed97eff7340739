"""Policies of invitations, and the function that answers one."""

from django.db import migrations

from clearance.sql import load


class Migration(migrations.Migration):
    dependencies = [("clearance", "0002_policies")]

    operations = [migrations.RunSQL(load("invitations"))]
