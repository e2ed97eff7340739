"""Feeds for machines: objects, accounts, arrivals, submissions."""

import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

import clearance.masks
import clearance.models.marked
import vault.fields
import vault.models
from briefings.sql import load
from clearance.operations import EnableMarked


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("briefings", "0003_search"),
        ("clearance", "0007_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ServiceAccount",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="service_account",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("purpose", models.CharField(max_length=200, verbose_name="用途")),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "keeper",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                        verbose_name="管理する組織",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="作成者",
                    ),
                ),
            ],
            options={
                "verbose_name": "機械用アカウント",
                "verbose_name_plural": "機械用アカウント",
                "ordering": ["-created", "-person_id"],
            },
        ),
        migrations.CreateModel(
            name="FeedState",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="briefings.serviceaccount",
                    ),
                ),
                ("digest", models.BinaryField()),
                ("taken_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "配信の状態",
                "verbose_name_plural": "配信の状態",
            },
        ),
        migrations.CreateModel(
            name="StixObject",
            fields=[
                ("wrapped_key", vault.models.WrappedKeyField(default=b"")),
                ("key_version", vault.models.KeyVersionField(default=0, editable=False)),
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "公開"),
                            (1, "機密性2情報（関係者限り）"),
                            (2, "秘文書"),
                            (3, "重要経済安保情報"),
                            (4, "特定秘密"),
                        ],
                        editable=False,
                    ),
                ),
                ("comp_mask", clearance.masks.BitMask(editable=False)),
                ("release_mask", clearance.masks.BitMask(default=-1, editable=False)),
                ("withdrawn", models.BooleanField(default=False, editable=False)),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="閲覧期限")),
                ("created", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("stix_id", models.CharField(db_index=True, editable=False, max_length=100)),
                ("type", models.CharField(editable=False, max_length=40)),
                ("version", models.DateTimeField(editable=False)),
                ("first", models.BooleanField(default=True, editable=False)),
                ("until", models.DateTimeField(editable=False, null=True)),
                ("gone", models.BooleanField(default=False, editable=False)),
                ("source", models.UUIDField(db_index=True, editable=False)),
                ("body", vault.fields.SealedTextField(max_plain_length=400000)),
                (
                    "briefing",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stix_objects",
                        to="briefings.briefing",
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clearance.circle",
                        verbose_name="共有範囲",
                    ),
                ),
                (
                    "marking",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clearance.marking",
                        verbose_name="格付・取扱制限",
                    ),
                ),
            ],
            options={
                "verbose_name": "配信するオブジェクト",
                "verbose_name_plural": "配信するオブジェクト",
                "ordering": ["-created", "-id"],
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("released", models.DateTimeField()),
                (
                    "marking",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clearance.marking",
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="arrivals",
                        to="briefings.serviceaccount",
                    ),
                ),
                (
                    "object",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="arrivals",
                        to="briefings.stixobject",
                    ),
                ),
            ],
            options={
                "verbose_name": "配信の記録",
                "verbose_name_plural": "配信の記録",
                "ordering": ["released"],
            },
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("wrapped_key", vault.models.WrappedKeyField(default=b"")),
                ("key_version", vault.models.KeyVersionField(default=0, editable=False)),
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "公開"),
                            (1, "機密性2情報（関係者限り）"),
                            (2, "秘文書"),
                            (3, "重要経済安保情報"),
                            (4, "特定秘密"),
                        ],
                        editable=False,
                    ),
                ),
                ("comp_mask", clearance.masks.BitMask(editable=False)),
                ("release_mask", clearance.masks.BitMask(default=-1, editable=False)),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to="briefings.serviceaccount",
                    ),
                ),
                (
                    "keeper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "marking",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clearance.marking",
                        verbose_name="格付・取扱制限",
                    ),
                ),
            ],
            options={
                "verbose_name": "提出",
                "verbose_name_plural": "提出",
                "ordering": ["-created", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Submitted",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("stix_id", models.CharField(max_length=100)),
                ("version", models.DateTimeField()),
                ("body", vault.fields.SealedTextField(max_plain_length=400000, via="submission")),
                (
                    "state",
                    models.CharField(
                        choices=[("WAITING", "確認待ち"), ("TAKEN", "受理"), ("REFUSED", "不受理")],
                        default="WAITING",
                        max_length=8,
                        verbose_name="状態",
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="objects_sent",
                        to="briefings.submission",
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="briefings.draft",
                    ),
                ),
            ],
            options={
                "verbose_name": "提出されたオブジェクト",
                "verbose_name_plural": "提出されたオブジェクト",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ServiceToken",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("hash", models.BinaryField(unique=True)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(choices=[("read", "受信"), ("write", "提出")], max_length=5),
                        size=None,
                    ),
                ),
                (
                    "collections",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), blank=True, default=list, size=None
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField(verbose_name="有効期限")),
                ("revoked_at", models.DateTimeField(null=True)),
                ("last_used", models.DateField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to="briefings.serviceaccount",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "機械用トークン",
                "verbose_name_plural": "機械用トークン",
                "ordering": ["-since", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__gt", models.F("since")),
                            (
                                "expires_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("since"), "+", models.Value(datetime.timedelta(days=366))
                                ),
                            ),
                        ),
                        name="servicetoken_for_a_year_at_most",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("scopes__contained_by", ["read", "write"]), models.Q(("scopes", []), _negated=True)
                        ),
                        name="servicetoken_scopes",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="stixobject",
            index=models.Index(
                condition=models.Q(("withdrawn", False)),
                fields=["circle", "-created", "-id"],
                include=("level", "comp_mask", "release_mask", "expires_at"),
                name="stixobject_circle_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="stixobject",
            index=models.Index(
                condition=models.Q(("withdrawn", False)),
                fields=["-created", "-id"],
                include=("circle", "level", "comp_mask", "release_mask", "expires_at"),
                name="stixobject_newest",
            ),
        ),
        migrations.AddConstraint(
            model_name="stixobject",
            constraint=clearance.models.marked.MarkingColumnsMatch(name="briefings_stixobject_marking_columns"),
        ),
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index(
                fields=["account", "marking", "released"], include=("object",), name="arrival_of_account"
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.UniqueConstraint(fields=("object", "account"), name="arrival_once"),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=clearance.models.marked.MarkingColumnsMatch(name="briefings_submission_marking_columns"),
        ),
        migrations.AddConstraint(
            model_name="submitted",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["WAITING", "TAKEN", "REFUSED"])), name="submitted_state"
            ),
        ),
        EnableMarked("stixobject"),
        migrations.RunSQL(load("feeds"), migrations.RunSQL.noop),
    ]
