"""What the anonymous intake keeps."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Desk",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name_ja", models.CharField(max_length=100, verbose_name="名称")),
                ("name_en", models.CharField(max_length=100, verbose_name="英語の名称")),
                ("about_ja", models.CharField(blank=True, max_length=300, verbose_name="説明")),
                ("about_en", models.CharField(blank=True, max_length=300, verbose_name="英語の説明")),
                ("place", models.PositiveSmallIntegerField(default=0, verbose_name="並び順")),
                ("active", models.BooleanField(default=True, verbose_name="受付中")),
            ],
            options={
                "verbose_name": "窓口",
                "verbose_name_plural": "窓口",
                "ordering": ["place", "name_ja", "id"],
            },
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("lookup", models.BinaryField(null=True, unique=True)),
                ("receipt_public", models.BinaryField(null=True)),
                ("receipt_wrap", models.BinaryField(null=True)),
                ("consent_public", models.BinaryField()),
                ("received_on", models.DateField()),
                ("urgent", models.BooleanField(default=False)),
                (
                    "way",
                    models.CharField(
                        choices=[("WEB", "ウェブ"), ("TELEPHONE", "電話"), ("POST", "郵便")],
                        default="WEB",
                        max_length=9,
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("NEW", "受け付けました"),
                            ("READ", "担当者が読みました"),
                            ("CLOSED", "対応を終えました"),
                        ],
                        default="NEW",
                        max_length=6,
                    ),
                ),
                ("header", models.BinaryField()),
                ("generation", models.PositiveIntegerField(default=1)),
                ("withdrawn_on", models.DateField(null=True)),
                ("forgotten_on", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lookup", None), ("receipt_public", None), ("receipt_wrap", None)),
                            models.Q(
                                ("lookup__isnull", False),
                                ("receipt_public__isnull", False),
                                ("receipt_wrap__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="case_mailbox_whole_or_gone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("forgotten_on", None), ("lookup", None), _connector="OR"),
                        name="case_forgotten_has_no_mailbox",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Blob",
            fields=[
                ("name", models.CharField(max_length=35, primary_key=True, serialize=False)),
                ("entry_id", models.UUIDField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="blobs", to="intake.case"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("root", models.BinaryField()),
                ("leaves", models.PositiveIntegerField()),
                ("event_id", models.UUIDField(null=True)),
                ("proof", models.TextField(default="")),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("proof", "")), fields=["day"], name="round_without_proof")
                ],
            },
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                ("entry_id", models.UUIDField(primary_key=True, serialize=False)),
                ("record", models.TextField()),
                ("signature", models.BinaryField()),
                ("signer", models.BinaryField()),
                ("place", models.PositiveIntegerField()),
                ("path", models.BinaryField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="leaves", to="intake.case"
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="intake.round"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("place", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CONCERN", "相談"),
                            ("REPLY", "相談者からの返事"),
                            ("CONSENT", "同意への答え"),
                            ("WITHDRAWAL", "取下げ"),
                            ("ANSWER", "窓口からの返事"),
                            ("QUESTION", "窓口からの質問"),
                            ("ASK_CONSENT", "同意のお願い"),
                            ("NOTE", "内部メモ"),
                        ],
                        max_length=11,
                    ),
                ),
                ("day", models.DateField()),
                ("by_sender", models.BooleanField()),
                ("shared", models.BooleanField(default=True)),
                ("sealed", models.BinaryField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="entries", to="intake.case"
                    ),
                ),
            ],
            options={
                "ordering": ["case", "place"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "place"), name="entry_place"),
                    models.CheckConstraint(
                        condition=models.Q(("shared", True), ("by_sender", False), _connector="OR"),
                        name="entry_of_sender_is_shared",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "NOTE"), _negated=True), ("shared", False), _connector="OR"
                        ),
                        name="entry_note_is_the_offices",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Envelope",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key_id", models.UUIDField()),
                ("generation", models.PositiveIntegerField(default=1)),
                ("wrapped", models.BinaryField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="envelopes", to="intake.case"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["key_id", "case"], name="envelope_of_key")],
                "constraints": [models.UniqueConstraint(fields=("case", "key_id"), name="envelope_once_a_reader")],
            },
        ),
        migrations.CreateModel(
            name="Reader",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key_id", models.UUIDField()),
                ("public", models.BinaryField()),
                (
                    "desk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="readers", to="intake.desk"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("desk", "key_id"), name="reader_once_a_desk")],
            },
        ),
    ]
