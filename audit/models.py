"""The log: what happened (Event), in which order it was sealed (Leaf), and the signed heads over it (Seal).

No foreign key leaves this app: the log outlives whatever it speaks of, and a missing row must stay nameable.
"""

from uuid import uuid4

from django.core.validators import MinValueValidator
from django.db import models
from uuid_utils.compat import uuid7

from audit import acts


class Event(models.Model):
    """One thing that happened: metadata only, never content, never a source address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField()
    person_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    act = models.CharField(max_length=64)
    target_type = models.CharField(max_length=100)
    target_id = models.CharField(max_length=100)
    label = models.TextField()
    level = models.SmallIntegerField(validators=[MinValueValidator(0)])
    detail = models.JSONField(default=dict)
    # Hashed with what an auditor may not be shown, so that it cannot be guessed from a hash. The database fills it in.
    salt = models.UUIDField(default=uuid4, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["at", "id"], name="audit_event_at"),
            models.Index(fields=["person_id", "at"], name="audit_event_person"),
            models.Index(fields=["act", "at"], name="audit_event_act"),
            models.Index(fields=["target_id", "at"], name="audit_event_target"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(level__gte=0), name="audit_event_level"),
            models.CheckConstraint(condition=~models.Q(act=""), name="audit_event_act_named"),
        ]

    def __str__(self) -> str:
        return f"{self.at.isoformat()} {self.act}"

    @property
    def act_label(self) -> str:
        return str(acts.label_of(self.act))


class Leaf(models.Model):
    """The place of an event in the sealed order, counted from 0. Its hash is kept by the seal that covers it."""

    seq = models.BigIntegerField(primary_key=True)
    event_id = models.UUIDField(unique=True)

    def __str__(self) -> str:
        return f"{self.seq} {self.event_id}"


class Seal(models.Model):
    """A signed head of the Merkle tree over the first `tree_size` events.

    `frontier` are the roots of the perfect subtrees that make up the tree, left to right; with it the next seal
    costs only its own leaves. `leaves` are the leaf hashes this seal added, 32 bytes each: they name the row at
    fault when the root no longer comes out. `subtrees` are the roots of the larger perfect subtrees this seal completed
    (merkle.kept_spans), so that a proof under any head costs the same however long the log is.
    """

    tree_size = models.BigIntegerField(primary_key=True)
    root_hash = models.BinaryField()
    frontier = models.BinaryField()
    leaves = models.BinaryField()
    subtrees = models.BinaryField()
    previous = models.BinaryField()  # SHA-256 over the seal before, signature included: seals cannot go missing
    at = models.DateTimeField()
    key_id = models.CharField(max_length=64)
    signature = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.tree_size} {bytes(self.root_hash).hex()}"

    @property
    def root(self) -> str:
        """The root in hexadecimal."""
        return bytes(self.root_hash).hex()
