"""How much each person opens in a day, and how far two officers lift it."""

import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

from clearance.sql import load


class Migration(migrations.Migration):
    dependencies = [
        ("clearance", "0006_refusals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LimitLift",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("day", models.DateField(verbose_name="日")),
                ("more", models.PositiveIntegerField(verbose_name="引き上げる件数")),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("approved", models.BooleanField(default=False)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="利用者",
                    ),
                ),
            ],
            options={
                "verbose_name": "一日の閲覧上限の引上げ",
                "verbose_name_plural": "一日の閲覧上限の引上げ",
                "ordering": ["asked_at", "id"],
                "indexes": [models.Index(fields=["person", "day"], name="clearance_l_person__f94d93_idx")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("more__gt", 0), ("more__lte", 100000000)), name="limitlift_by_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", True), ("answered_by__isnull", True), ("approved", False)),
                            models.Q(("answered_at__isnull", False), ("answered_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="limitlift_approved_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_by__isnull", True),
                            models.Q(
                                models.Q(("answered_by", models.F("asked_by")), _negated=True),
                                models.Q(("answered_by", models.F("person")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="limitlift_by_two",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("answered_by__isnull", True)),
                        fields=("person", "day"),
                        name="limitlift_asked_once",
                    ),
                ],
            },
        ),
        migrations.RunSQL(load("limits")),
    ]
