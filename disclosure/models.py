"""What was told of each dataset, and which pseudonymous sources stood behind it. Rows are only ever added.

Neither figures nor categories nor texts lie here: what was told lies where it was told. Ids are random and dates are
days, because a release says something of people who must not be found by the time they spoke.
"""

from uuid import uuid4

from django.db import models

from disclosure.pseudonyms import LENGTH


class Dataset(models.Model):
    """A body of data about the same sources, and the rule its first release set."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    label = models.CharField(max_length=100, unique=True)
    k = models.PositiveSmallIntegerField()
    one = models.PositiveSmallIntegerField()
    two = models.PositiveSmallIntegerField()
    margin = models.PositiveSmallIntegerField()
    budget = models.PositiveIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(k__gte=2), name="disclosure_dataset_k")]

    def __str__(self) -> str:
        return self.label


class Source(models.Model):
    """A source under its pseudonym, and its number in the sets of this dataset."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="sources")
    number = models.PositiveIntegerField()
    pseudonym = models.BinaryField(max_length=LENGTH)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="disclosure_source_number"),
            models.UniqueConstraint(fields=["dataset", "pseudonym"], name="disclosure_source_pseudonym"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.number}"


class Release(models.Model):
    """Something that was told once. `number` counts the dataset's releases: of two at the same moment one is too
    late.
    """

    class Kind(models.TextChoices):
        TABLE = "table"
        STATEMENT = "statement"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField()
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    digest = models.BinaryField(max_length=32)  # of all that was asked, under the caller's key: the same is known again
    cost = models.PositiveIntegerField()
    measure = models.CharField(max_length=2 * LENGTH, blank=True)  # pseudonym in hexadecimal; empty: a count
    universe = models.BinaryField()  # packed numbers
    stamped = models.BinaryField()  # packed numbers of those whose amounts were summed
    stamps = models.BinaryField()  # of each of them LENGTH bytes that change with the amount

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="disclosure_release_number"),
            models.UniqueConstraint(fields=["dataset", "digest"], name="disclosure_release_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="disclosure_release_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.number}"


class Figure(models.Model):
    """One figure that was told, or a statement: the pseudonym of its place, and who stood behind it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    release = models.ForeignKey(Release, models.PROTECT, related_name="figures")
    mark = models.BinaryField(max_length=LENGTH)
    members = models.BinaryField()  # packed numbers

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "mark"], name="disclosure_figure_once")]

    def __str__(self) -> str:
        return f"{self.release_id} {bytes(self.mark).hex()}"
