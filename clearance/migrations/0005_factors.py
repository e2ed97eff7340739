"""Only their owner adds and removes second factors, and the clearance officer takes away lost ones."""

from django.db import migrations

from clearance.sql import load


class Migration(migrations.Migration):
    dependencies = [("clearance", "0004_people"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunSQL(load("factors"))]
