"""For readers: what a briefing said before it was corrected, what a firm deals in, and an audience of everybody."""

import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

import clearance.masks
import clearance.models.marked
import vault.fields
import vault.models
from briefings.sql import load
from clearance.operations import EnableChild

UNDO = """
DROP FUNCTION briefings_join_everyone(bigint, uuid, uuid[]);
DROP TRIGGER forget_tokens ON briefings_portion;
CREATE TRIGGER forget_tokens BEFORE UPDATE OF marking_id, key_version, wrapped_key, withdrawn, heading, body
    ON briefings_portion FOR EACH ROW EXECUTE FUNCTION clearance_forget_tokens();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("briefings", "0005_hooks"),
        ("clearance", "0008_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="briefing", name="changed_at", field=models.DateTimeField(editable=False, null=True)
        ),
        migrations.CreateModel(
            name="Former",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("said", vault.fields.SealedJSONField(max_plain_length=40000, via="briefing")),
                ("until", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "briefing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="formers", to="briefings.briefing"
                    ),
                ),
            ],
            options={
                "verbose_name": "訂正前の内容",
                "verbose_name_plural": "訂正前の内容",
                "ordering": ["until", "id"],
            },
        ),
        migrations.CreateModel(
            name="Interests",
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
                (
                    "said",
                    vault.fields.SealedJSONField(max_plain_length=40000, verbose_name="自社の品目・技術・工程・地域"),
                ),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="変更日時")),
                (
                    "changed_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="変更した方",
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
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interests",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "自社の関心",
                "verbose_name_plural": "自社の関心",
                "ordering": ["id"],
                "constraints": [
                    clearance.models.marked.MarkingColumnsMatch(name="briefings_interests_marking_columns")
                ],
            },
        ),
        EnableChild("former", parent="briefings_briefing", via="briefing_id"),
        migrations.RunSQL(load("reading"), UNDO),
    ]
