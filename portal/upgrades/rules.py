"""What each kind of operation may not do to a table that the running code knows, and what to do instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres import operations as postgres
from django.db import connection
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import CheckConstraint, Field, ForeignKey, ManyToManyField, Value
from django.db.models.functions import Now

Rule = Callable[["Step"], Iterator[str]]

LATER = "take it out of Django's state alone now (SeparateDatabaseAndState), and drop it by RunSQL in the release after"
RENAMED = "the running code asks for the old name; add the new one, write both, move the data, and drop the old later."
CONCURRENTLY = "building it locks out every writer; use AddIndexConcurrently in a migration with atomic = False."


@dataclass(frozen=True)
class Step:
    """One operation of a migration, between the state before and after it."""

    operation: Any
    migration: Migration
    old: ProjectState
    before: ProjectState
    after: ProjectState

    @property
    def app(self) -> str:
        return self.migration.app_label

    @property
    def reason(self) -> str:
        """What the migration's author says of what cannot be judged from outside."""
        return str(getattr(self.migration, "safe_because", "")).strip()

    def known(self, model: str = "") -> ModelState | None:
        """The model as the running code knows it; a table that it does not know is nobody's to wait for."""
        return self.old.models.get((self.app, (model or self.operation.model_name).lower()))


def tables_of(state: ProjectState) -> dict[str, set[str]]:
    """The tables a state knows, each with its columns."""
    return {
        model._meta.db_table: {str(field.column) for field in model._meta.local_concrete_fields}
        for model in state.apps.get_models(include_auto_created=True)
    }


def _drop_model(step: Step) -> Iterator[str]:
    if step.known(step.operation.name):
        yield f"the running code reads the table; {LATER}."


def _drop_field(step: Step) -> Iterator[str]:
    known = step.known()
    if known and step.operation.name in known.fields:
        yield f"the running code reads the column; {LATER}."


def _rename(step: Step) -> Iterator[str]:
    operation = step.operation
    if step.known(
        getattr(operation, "old_name", "") if isinstance(operation, operations.RenameModel) else _model(step)
    ):
        yield RENAMED


def _model(step: Step) -> str:
    return str(getattr(step.operation, "model_name", None) or step.operation.name)


def _table(step: Step) -> Iterator[str]:
    was = step.before.models[step.app, step.operation.name_lower].options.get("db_table")
    if step.known(step.operation.name) and was != step.operation.table:
        yield RENAMED


def _add_field(step: Step) -> Iterator[str]:
    field = step.operation.field
    if not step.known() or isinstance(field, ManyToManyField):
        return
    if getattr(field, "generated", False):
        yield "computing it rewrites the table under a lock; add an ordinary nullable column and fill it in batches."
    elif field.get_internal_type().endswith("AutoField"):
        yield "numbering the rows rewrites the table under a lock; keys are made by the client."
    elif field.has_db_default() and not isinstance(field.db_default, int | str | bool | float | Value | Now):
        yield "a default that differs by row rewrites the table under a lock; add it nullable and fill it in batches."
    elif not field.null and not field.has_db_default():
        yield "the running code inserts rows without it; give it a constant db_default, or null=True."
    if _indexed(field):
        yield f"its index: {CONCURRENTLY} (db_index=False, unique=False here)"
    if _points_at(field):
        yield (
            "its foreign key locks both tables while it is checked; db_constraint=False here, then by RunSQL "
            "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in the next migration."
        )


def _indexed(field: Field[Any, Any]) -> bool:
    return bool(field.db_index or field.unique)  # type: ignore[attr-defined]


def _alter_field(step: Step) -> Iterator[str]:
    known, name = step.known(), step.operation.name
    if not known or name not in known.fields:
        return
    was, now = (
        state.apps.get_model(step.app, step.operation.model_name)._meta.get_field(name)
        for state in (step.before, step.after)
    )
    if was.column != now.column:
        yield RENAMED
    if _type_changes(was, now):
        yield (
            "another type rewrites the table under a lock and the running code writes the old one; add a column of the "
            "new type, write both, fill it in batches, and drop the old one in the release after."
        )
    if was.null and not now.null:
        yield (
            "the running code may write NULL, and checking the rows locks them; AddConstraintNotValid with "
            "CHECK (… IS NOT NULL), ValidateConstraint in the next migration, SET NOT NULL in the release after."
        )
    if was.has_db_default() and not now.has_db_default():
        yield "the running code leaves the value to the database; keep the db_default until the release after."
    if _indexed(now) and not _indexed(was):
        yield f"its index: {CONCURRENTLY}"
    if _points_at(now) and _points_at(now) != _points_at(was):
        yield "its foreign key locks both tables while it is checked; by RunSQL NOT VALID, then VALIDATE in the next."


def _type_changes(was: Any, now: Any) -> bool:
    old, new = was.db_parameters(connection), now.db_parameters(connection)
    if {**old, "type": None} != {**new, "type": None}:  # check, collation
        return True
    if was.get_internal_type() == now.get_internal_type() == "CharField":
        return bool(now.max_length and (was.max_length or 2**31) > now.max_length)  # a longer one changes no row
    return bool(old["type"] != new["type"])


def _points_at(field: Any) -> str:
    """The model that a foreign key is held to by the database; as Django names it, or as it stands in a state."""
    if not (isinstance(field, ForeignKey) and getattr(field, "db_constraint", True)):
        return ""
    to = field.remote_field.model
    return to.lower() if isinstance(to, str) else str(to._meta.label_lower)


def _add_index(step: Step) -> Iterator[str]:
    if step.known():
        yield CONCURRENTLY


def _remove_index(step: Step) -> Iterator[str]:
    if step.known():
        yield "dropping it waits for every reader with all others queued behind; use RemoveIndexConcurrently."


def _at_leisure(step: Step) -> Iterator[str]:
    if step.migration.atomic:
        yield "a concurrent index cannot be made inside a transaction; atomic = False on the migration."


def _add_constraint(step: Step) -> Iterator[str]:
    if not step.known():
        return
    if isinstance(step.operation.constraint, CheckConstraint):
        yield "checking every row locks out every writer; AddConstraintNotValid, and ValidateConstraint in the next."
    else:
        yield (
            "its index is built under a lock; by RunSQL CREATE UNIQUE INDEX CONCURRENTLY (atomic = False), then "
            "ADD CONSTRAINT … USING INDEX in the next migration."
        )


def _not_valid(step: Step) -> Iterator[str]:
    if step.known() and not step.reason:
        yield "rows of the running code are held to it at once; say in `safe_because` why it already keeps it."
    if any(
        isinstance(each, postgres.ValidateConstraint) and each.name == step.operation.constraint.name
        for each in step.migration.operations
    ):
        yield "in one transaction with its validation it locks as long as that takes; validate in the next migration."


def _unique_together(step: Step) -> Iterator[str]:
    name = step.operation.name
    was = step.before.models[step.app, name.lower()].options.get(step.operation.option_name) or set()
    if step.known(name) and set(step.operation.option_value or ()) - set(was):
        yield "its index is built under a lock; use CREATE UNIQUE INDEX CONCURRENTLY and ADD CONSTRAINT … USING INDEX."


def _order(step: Step) -> Iterator[str]:
    if step.known(step.operation.name):
        yield "it adds a column that the running code does not fill; add one of your own with a db_default."


def _run_python(step: Step) -> Iterator[str]:
    if step.operation.reverse_code is None:
        yield "without a way back a failed upgrade cannot be undone; give reverse_code (RunPython.noop if right)."
    if step.migration.atomic:
        yield "one transaction over a table locks its rows to the end; atomic = False, and a batch to a transaction."


def in_state(step: Step) -> Iterator[str]:
    """What only Django forgets stays in the database: the new code must be able to insert a row without it."""
    operation = step.operation
    if not isinstance(operation, operations.RemoveField) or not step.known():
        return
    field = step.before.models[step.app, operation.model_name_lower].fields[operation.name]
    if not (field.null or field.has_db_default() or isinstance(field, ManyToManyField)):
        yield "the new code inserts rows without it; make it null=True first, or give it a db_default."


def _nothing(step: Step) -> Iterator[str]:
    return iter(())


# By the very class: the concurrent ones and NOT VALID inherit from what they stand in for.
RULES: dict[type[Operation], Rule] = {
    operations.DeleteModel: _drop_model,
    operations.RemoveField: _drop_field,
    operations.RenameModel: _rename,
    operations.RenameField: _rename,
    operations.AlterModelTable: _table,
    operations.AddField: _add_field,
    operations.AlterField: _alter_field,
    operations.AddIndex: _add_index,
    operations.RemoveIndex: _remove_index,
    postgres.AddIndexConcurrently: _at_leisure,
    postgres.RemoveIndexConcurrently: _at_leisure,
    operations.AddConstraint: _add_constraint,
    postgres.AddConstraintNotValid: _not_valid,
    operations.AlterUniqueTogether: _unique_together,
    operations.AlterIndexTogether: _unique_together,
    operations.AlterOrderWithRespectTo: _order,
    operations.RunPython: _run_python,
}
# Only Django's own knowledge.
FREE: tuple[type[Operation], ...] = (operations.AlterModelOptions, operations.AlterModelManagers)
# No lock worth the name, and nothing that the running code would miss.
HARMLESS: tuple[type[Operation], ...] = (
    *FREE,
    operations.CreateModel,
    operations.RemoveConstraint,
    operations.RenameIndex,
    operations.AlterModelTableComment,
    postgres.ValidateConstraint,
)


def rule_for(operation: Operation) -> Rule | None:
    """None for a kind that is not known here."""
    return _nothing if type(operation) in HARMLESS else RULES.get(type(operation))
