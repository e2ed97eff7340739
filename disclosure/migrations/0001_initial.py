import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Dataset",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("label", models.CharField(max_length=100, unique=True)),
                ("k", models.PositiveSmallIntegerField()),
                ("one", models.PositiveSmallIntegerField()),
                ("two", models.PositiveSmallIntegerField()),
                ("margin", models.PositiveSmallIntegerField()),
                ("budget", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("k__gte", 2)), name="disclosure_dataset_k")],
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("day", models.DateField()),
                ("kind", models.CharField(choices=[("table", "Table"), ("statement", "Statement")], max_length=10)),
                ("digest", models.BinaryField(max_length=32)),
                ("cost", models.PositiveIntegerField()),
                ("measure", models.CharField(blank=True, max_length=32)),
                ("universe", models.BinaryField()),
                ("stamped", models.BinaryField()),
                ("stamps", models.BinaryField()),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="releases", to="disclosure.dataset"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Figure",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("mark", models.BinaryField(max_length=16)),
                ("members", models.BinaryField()),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="figures", to="disclosure.release"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("pseudonym", models.BinaryField(max_length=16)),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sources", to="disclosure.dataset"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(fields=("dataset", "number"), name="disclosure_release_number"),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.UniqueConstraint(fields=("dataset", "digest"), name="disclosure_release_once"),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="disclosure_release_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="figure",
            constraint=models.UniqueConstraint(fields=("release", "mark"), name="disclosure_figure_once"),
        ),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.UniqueConstraint(fields=("dataset", "number"), name="disclosure_source_number"),
        ),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.UniqueConstraint(fields=("dataset", "pseudonym"), name="disclosure_source_pseudonym"),
        ),
    ]
