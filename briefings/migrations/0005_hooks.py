"""Telling that something waits: hooks, letters, what there is to tell."""

import uuid

import django.contrib.postgres.fields
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

UNDO = """
DROP POLICY tells ON briefings_notice;
DROP FUNCTION briefings_whom(uuid);
DROP FUNCTION briefings_owing(date[]);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("briefings", "0004_feeds"),
        ("clearance", "0008_search"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hook",
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
                ("address", vault.fields.SealedTextField(max_plain_length=500, verbose_name="送信先の住所")),
                ("secret", vault.fields.SealedTextField(max_plain_length=100)),
                ("former", vault.fields.SealedTextField(default=None, max_plain_length=100, null=True)),
                ("former_until", models.DateTimeField(null=True)),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("new", "新しい情報"),
                                ("corrected", "訂正"),
                                ("retracted", "情報の取消し"),
                                ("reminder", "確認の期限"),
                            ],
                            max_length=9,
                        ),
                        size=None,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("ACTIVE", "送信中"), ("PAUSED", "休止中")],
                        default="PAUSED",
                        max_length=6,
                        verbose_name="状態",
                    ),
                ),
                ("proved_at", models.DateTimeField(null=True)),
                ("dead_in_a_row", models.PositiveSmallIntegerField(default=0)),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
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
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "通知先",
                "verbose_name_plural": "通知先",
                "ordering": ["-created", "-id"],
            },
        ),
        migrations.CreateModel(
            name="MailWish",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "wish",
                    models.CharField(
                        choices=[
                            ("AT_ONCE", "届いたらすぐに送る"),
                            ("DAILY", "1日1通にまとめ、朝8時30分に送る"),
                            ("NONE", "送らない"),
                        ],
                        default="AT_ONCE",
                        max_length=7,
                        verbose_name="通知メール",
                    ),
                ),
            ],
            options={
                "verbose_name": "通知メールの受取り方",
                "verbose_name_plural": "通知メールの受取り方",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("wish__in", ["AT_ONCE", "DAILY", "NONE"])), name="mailwish_wish"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Occasion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("NEW", "新しい情報"),
                            ("CORRECTED", "訂正"),
                            ("RETRACTED", "情報の取消し"),
                            ("REMINDER", "確認の期限が近い"),
                            ("OVERDUE", "確認の期限を過ぎた"),
                        ],
                        max_length=9,
                    ),
                ),
                ("about", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("spread_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "できごと",
                "verbose_name_plural": "できごと",
                "ordering": ["at", "id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("spread_at__isnull", True)), fields=["at", "id"], name="occasion_to_spread"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("about", "kind", "at"), name="occasion_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["NEW", "CORRECTED", "RETRACTED", "REMINDER", "OVERDUE"])),
                        name="occasion_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("NEW", "新しい情報"),
                            ("CORRECTED", "訂正"),
                            ("RETRACTED", "情報の取消し"),
                            ("REMINDER", "確認の期限"),
                            ("OVERDUE", "確認の期限を過ぎた"),
                            ("PING", "接続の確認"),
                            ("STOPPED", "通知先の休止"),
                        ],
                        max_length=9,
                        verbose_name="知らせの種類",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("WAITING", "送信待ち"), ("DELIVERED", "送信済み"), ("DEAD", "送信できませんでした")],
                        default="WAITING",
                        max_length=9,
                        verbose_name="状態",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="試した回数")),
                ("next_attempt", models.DateTimeField(verbose_name="次の送信")),
                ("status", models.PositiveSmallIntegerField(null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", ""),
                            ("NO_ADDRESS", "ホスト名が見つかりません。綴りと、DNSの登録を確認してください。"),
                            ("FORBIDDEN", "内部向けの住所には送れません。インターネットから届く住所にしてください。"),
                            ("UNREACHABLE", "接続できません。相手のサーバーとファイアウォールを確認してください。"),
                            ("TLS", "証明書を確かめられません。公開の認証局の証明書か、期限を確認してください。"),
                            (
                                "TIMEOUT",
                                "5秒以内に応答がありません。受け取ったらすぐに応答し、処理は後で行ってください。",
                            ),
                            (
                                "REDIRECT",
                                "別の住所へ転送されました。転送先は使いません。正しい住所で登録し直してください。",
                            ),
                            ("STATUS", "受け取りを断られました。相手のサーバーの記録を確認してください。"),
                            ("NOT_HTTP", "応答がHTTPではありません。住所とポート番号を確認してください。"),
                            ("NO_ECHO", "応答に、送った確認の文字列がありません。説明のとおりに返してください。"),
                            ("MAIL", "メールを渡せませんでした。メールアドレスを確認してください。"),
                            ("UNREADABLE", "登録された内容を開けません。削除して、登録し直してください。"),
                        ],
                        max_length=11,
                        verbose_name="理由",
                    ),
                ),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "hook",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="briefings.hook",
                    ),
                ),
                (
                    "occasion",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="briefings.occasion",
                    ),
                ),
            ],
            options={
                "verbose_name": "送信",
                "verbose_name_plural": "送信",
                "ordering": ["-created", "-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="hook",
            constraint=clearance.models.marked.MarkingColumnsMatch(name="briefings_hook_marking_columns"),
        ),
        migrations.AddConstraint(
            model_name="hook",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["ACTIVE", "PAUSED"])), name="hook_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="hook",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "PAUSED"), ("proved_at__isnull", False), _connector="OR"),
                name="hook_active_once_it_has_answered",
            ),
        ),
        migrations.AddConstraint(
            model_name="hook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kinds__contained_by", ["new", "corrected", "retracted", "reminder"]),
                    models.Q(("kinds", []), _negated=True),
                ),
                name="hook_kinds",
            ),
        ),
        migrations.AddConstraint(
            model_name="hook",
            constraint=models.CheckConstraint(
                condition=models.Q(("former__isnull", True), ("former_until__isnull", False), _connector="OR"),
                name="hook_former_secret_ends",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "WAITING")), fields=["next_attempt", "id"], name="delivery_due"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["hook", "-created", "-id"], name="delivery_of_hook"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("hook__isnull", True)),
                fields=["person", "-created", "-id"],
                name="letter_of_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("hook__isnull", False)), fields=("occasion", "hook"), name="delivery_once_a_hook"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("hook__isnull", True)), fields=("occasion", "person"), name="delivery_once_a_letter"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["NEW", "CORRECTED", "RETRACTED", "REMINDER", "OVERDUE", "PING", "STOPPED"])
                ),
                name="delivery_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["WAITING", "DELIVERED", "DEAD"])), name="delivery_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("occasion__isnull", False), ("kind__in", ["PING", "STOPPED"]), _connector="XOR"),
                name="delivery_of_an_occasion",
            ),
        ),
        migrations.RunSQL(load("hooks"), UNDO),
    ]
