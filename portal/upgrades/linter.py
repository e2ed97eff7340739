"""Gathers from the migrations after the last release what may not run while its code serves (docs/operations.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint
from django.db.migrations import Migration, RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from portal.settings.environment import BASE_DIR
from portal.upgrades import RELEASED, sql
from portal.upgrades.rules import FREE, Step, in_state, rule_for, tables_of

Node = tuple[str, str]


@dataclass(frozen=True)
class Refusal:
    migration: str
    operation: str
    instead: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.operation}: {self.instead}"


def findings(released: Mapping[str, str] = RELEASED) -> list[Refusal]:
    """What is refused in the migrations of our own apps that came after `released` (app → migration)."""
    loader = MigrationLoader(None)
    known = [(app, name) for app, name in released.items()]
    before = set[Node]()
    for node in known:
        before |= set(loader.graph.forwards_plan(node))
    state: ProjectState = loader.project_state(known)
    old, refused = state.clone(), list[Refusal]()
    for node in _plan(loader):
        if node in before:
            continue
        migration = loader.get_migration(*node)
        if node[0] in _our_apps():
            refused += lint(migration, old, state)
        state = migration.mutate_state(state, preserve=True)
    return refused


def _plan(loader: MigrationLoader) -> dict[Node, None]:
    """Every migration, each after what it depends on."""
    return dict.fromkeys(
        node for leaf in sorted(loader.graph.leaf_nodes()) for node in loader.graph.forwards_plan(leaf)
    )


def _our_apps() -> set[str]:
    from django.apps import apps

    ours = {path.parent.name for path in BASE_DIR.glob("*/__init__.py")}
    return {config.label for config in apps.get_app_configs() if config.name in ours}


def lint(migration: Migration, old: ProjectState, before: ProjectState) -> list[Refusal]:
    """`old` is what the running code knows, `before` what stands when this migration begins."""
    name = f"{migration.app_label}.{migration.name}"
    refused = [Refusal(name, "the migration", instead) for instead in _as_a_whole(migration)]
    state = before.clone()
    for operation, on_database in _each(migration.operations):
        after = state.clone()
        operation.state_forwards(migration.app_label, after)
        step = Step(operation, migration, old, state, after)
        for instead in _sentences(step, on_database):
            refused.append(Refusal(name, operation.describe(), instead))
        state = after
    return refused


def _each(operations: Sequence[Operation]) -> Iterator[tuple[Operation, bool]]:
    """Each operation, and whether it touches the database or only what Django knows of it."""
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _each(operation.database_operations)
            yield from ((each, False) for each, _ in _each(operation.state_operations))
        else:
            yield operation, True


def _as_a_whole(migration: Migration) -> Iterator[str]:
    done = [operation for operation, on_database in _each(migration.operations) if on_database]
    done = [operation for operation in done if not isinstance(operation, FREE)]
    data = [operation for operation in done if isinstance(operation, RunPython) or sql.only_data(operation)]
    if data and len(data) < len(done):
        yield "data and schema are mixed: the lock of the schema would last as long as the data; make two migrations."
    patient = (AddIndexConcurrently, RemoveIndexConcurrently, ValidateConstraint)
    hasty = [each for each in done if each not in data and not isinstance(each, patient) and not sql.patient(each)]
    if not migration.atomic and hasty:
        yield (
            "atomic = False runs without lock_timeout, and would queue everybody behind it; leave only concurrent "
            "indexes, validation and data in it, and put the rest into a migration of its own."
        )


def _sentences(step: Step, on_database: bool) -> Iterator[str]:
    operation = step.operation
    if not on_database:
        yield from in_state(step)
    elif isinstance(operation, RunSQL):
        yield from sql.sentences(step, tables_of(step.old))
    elif rule := rule_for(operation):
        yield from rule(step)
    elif not step.reason:
        yield (
            f"{type(operation).__name__} is not known here; say in `safe_because` of the migration why the code of the "
            "last release goes on working and no long lock is taken."
        )
