"""The base of everything that carries a marking."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.constraints import BaseConstraint
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from vault.keys import Label
from vault.models import SealedModel

from ..masks import UNRESTRICTED, BitMask
from .circles import Circle
from .markings import Level, Marking


class MarkingColumnsMatch(BaseConstraint):
    """Holds level and masks of a row true to its marking: a composite foreign key, which Django has none of."""

    columns = ("marking_id", "level", "comp_mask", "release_mask")

    def constraint_sql(self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        return (
            f'CONSTRAINT "{self.name}" FOREIGN KEY ({", ".join(self.columns)}) '
            f"REFERENCES clearance_marking (id, level, comp_mask, release_mask)"
        )

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        return f'ALTER TABLE "{model._meta.db_table}" ADD {self.constraint_sql(model, schema_editor)}'

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return f'ALTER TABLE "{model._meta.db_table}" DROP CONSTRAINT "{self.name}"'

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "") -> None:
        """The columns are set from the marking in `UnderMarking.mark`; the database is the judge."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MarkingColumnsMatch) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class UnderMarking(SealedModel):
    """Something sealed under a marking, which alone says nothing of who may read it: what lies in a circle is `Marked`;
    of anything else its own policies decide."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    marking = models.ForeignKey(
        Marking, models.PROTECT, related_name="+", db_index=False, verbose_name=_("格付・取扱制限")
    )
    level = models.PositiveSmallIntegerField(choices=Level.choices, editable=False)
    comp_mask = BitMask(editable=False)
    release_mask = BitMask(default=UNRESTRICTED, editable=False)

    class Meta:
        abstract = True
        constraints: ClassVar = [MarkingColumnsMatch(name="%(app_label)s_%(class)s_marking_columns")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._state.adding and "marking" in kwargs:
            self.mark(kwargs["marking"])

    def mark(self, marking: Marking) -> None:
        """Take the marking and its denormalised columns; changing it later is `relabel`'s alone."""
        self.marking = marking
        self.level, self.comp_mask, self.release_mask = marking.level, marking.comp_mask, marking.release_mask

    @property
    def seal_label(self) -> Label:
        """What the item key is bound to: the row's own columns, so that an edited level makes it unreadable."""
        from ..markings import text_of

        return Label(text_of(self.marking_id), self.level, self.comp_mask, self.release_mask)

    @classmethod
    def sealed_under(cls, marking: str) -> models.Q:
        """The rows under the marking of that text."""
        from ..markings import key_of

        return models.Q(marking_id=key_of(marking))


class Marked(UnderMarking):
    """Something under a marking, in a circle. Its migration ends with `clearance.operations.EnableMarked`."""

    circle = models.ForeignKey(Circle, models.PROTECT, related_name="+", db_index=False, verbose_name=_("共有範囲"))
    withdrawn = models.BooleanField(default=False, editable=False)
    expires_at = models.DateTimeField(_("閲覧期限"), null=True, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(UnderMarking.Meta):
        abstract = True
        ordering: ClassVar = ["-created", "-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["circle", "-created", "-id"],
                include=["level", "comp_mask", "release_mask", "expires_at"],
                condition=models.Q(withdrawn=False),
                name="%(class)s_circle_newest",
            ),
            models.Index(
                fields=["-created", "-id"],
                include=["circle", "level", "comp_mask", "release_mask", "expires_at"],
                condition=models.Q(withdrawn=False),
                name="%(class)s_newest",
            ),
        ]
