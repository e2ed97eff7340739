"""Migrations run while the last release's code serves: each kind of bad one is refused, with what to do instead."""

from __future__ import annotations

import io
import threading
import time
from typing import Any

import psycopg
import pytest
from django.contrib.postgres import operations as postgres
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections, migrations, models, transaction
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.functions import Now, Random

from clearance.operations import EnableGrants
from portal.management.commands import migrate
from portal.upgrades import RELEASED
from portal.upgrades.linter import findings, lint

WHY = "Only the new code asks for it."


def released() -> ProjectState:
    """What the running code knows: people, and papers of theirs."""
    state = ProjectState()
    key = ("id", models.UUIDField(primary_key=True))
    state.add_model(ModelState("shop", "Person", [key]))
    state.add_model(
        ModelState(
            "shop",
            "Paper",
            [
                key,
                ("title", models.CharField(max_length=20)),
                ("note", models.TextField(null=True)),
                ("count", models.IntegerField(db_default=0)),
                ("owner_key", models.UUIDField(null=True)),
            ],
        )
    )
    return state


def migration(*operations: Any, atomic: bool = True, why: str = "") -> migrations.Migration:
    made = type("Migration", (migrations.Migration,), {"operations": operations, "atomic": atomic, "safe_because": why})
    return made("0002_next", "shop")


def said(made: migrations.Migration, before: ProjectState | None = None) -> str:
    old = released()
    return "\n".join(map(str, lint(made, old, before or old)))


def forget(*operations: Any) -> Any:
    return migrations.SeparateDatabaseAndState(state_operations=operations)


def nothing(apps: Any, editor: Any) -> None:
    """A migration of data."""


CHECK = models.CheckConstraint(condition=models.Q(count__gte=0), name="counts")
ONE = models.UniqueConstraint(fields=["title"], name="one_title")
INDEX = models.Index(fields=["title"], name="by_title")
OWNER = models.ForeignKey("shop.Person", models.CASCADE, null=True)
GENERATED = models.GeneratedField(expression=models.F("count"), output_field=models.IntegerField(), db_persist=True)
DATA = migrations.RunPython(nothing, migrations.RunPython.noop)


def sql(text: str, reverse: Any = migrations.RunSQL.noop) -> migrations.RunSQL:
    return migrations.RunSQL(text, reverse)


def add(field: models.Field[Any, Any]) -> migrations.AddField:
    return migrations.AddField("paper", "fresh", field)


def alter(name: str, field: models.Field[Any, Any]) -> migrations.AlterField:
    return migrations.AlterField("paper", name, field)


BAD: dict[str, tuple[migrations.Migration, str]] = {
    "a table dropped": (migration(migrations.DeleteModel("Paper")), "reads the table; take it out of Django's state"),
    "a column dropped": (migration(migrations.RemoveField("paper", "note")), "reads the column; take it out"),
    "a table renamed": (migration(migrations.RenameModel("Paper", "Sheet")), "asks for the old name"),
    "a table named anew": (migration(migrations.AlterModelTable("paper", "sheets")), "asks for the old name"),
    "a column renamed": (migration(migrations.RenameField("paper", "note", "remark")), "asks for the old name"),
    "a column that must be given": (migration(add(models.IntegerField(default=0))), "a constant db_default"),
    "a default for each row": (
        migration(add(models.FloatField(db_default=Random()))),
        "add it nullable and fill it in batches",
    ),
    "a computed column": (
        migration(add(GENERATED)),
        "add an ordinary nullable column",
    ),
    "an indexed column": (migration(add(models.IntegerField(null=True, db_index=True))), "AddIndexConcurrently"),
    "a foreign key": (migration(add(OWNER)), "db_constraint=False here"),
    "a shorter text": (migration(alter("title", models.CharField(max_length=10))), "add a column of the new type"),
    "another type": (migration(alter("count", models.TextField(db_default=""))), "add a column of the new type"),
    "a column held to a check": (migration(alter("count", models.PositiveIntegerField(db_default=0))), "new type"),
    "a column made to be given": (migration(alter("note", models.TextField())), "may write NULL"),
    "a column elsewhere": (migration(alter("note", models.TextField(null=True, db_column="n"))), "the old name"),
    "a default taken away": (migration(alter("count", models.IntegerField())), "keep the db_default"),
    "a column made unique": (migration(alter("title", models.CharField(max_length=20, unique=True))), "Concurrently"),
    "a column made a key": (
        migration(alter("owner_key", models.ForeignKey("shop.Person", models.CASCADE, null=True, db_index=False))),
        "NOT VALID, then VALIDATE",
    ),
    "an index": (migration(migrations.AddIndex("paper", INDEX)), "use AddIndexConcurrently"),
    "an index in a transaction": (migration(postgres.AddIndexConcurrently("paper", INDEX)), "atomic = False"),
    "an index dropped": (migration(migrations.RemoveIndex("paper", "by_title")), "use RemoveIndexConcurrently"),
    "a check of every row": (migration(migrations.AddConstraint("paper", CHECK)), "AddConstraintNotValid"),
    "a check that nobody answers for": (
        migration(postgres.AddConstraintNotValid("paper", CHECK)),
        "say in `safe_because`",
    ),
    "a check validated at once": (
        migration(
            postgres.AddConstraintNotValid("paper", CHECK), postgres.ValidateConstraint("paper", "counts"), why=WHY
        ),
        "validate in the next migration",
    ),
    "a unique constraint": (migration(migrations.AddConstraint("paper", ONE)), "USING INDEX"),
    "unique together": (migration(migrations.AlterUniqueTogether("paper", {("title", "note")})), "USING INDEX"),
    "an order": (migration(migrations.AlterOrderWithRespectTo("paper", "title")), "one of your own with a db_default"),
    "data with no way back": (migration(migrations.RunPython(nothing), atomic=False), "give reverse_code"),
    "data in one transaction": (migration(DATA), "a batch to a transaction"),
    "data and schema": (migration(add(models.TextField(null=True)), DATA, atomic=False), "make two migrations"),
    "schema without lock_timeout": (migration(add(models.TextField(null=True)), atomic=False), "without lock_timeout"),
    "a lock_timeout of one's own": (migration(sql("SET lock_timeout = 0"), why=WHY), "leave it alone"),
    "SQL without a reason": (migration(sql("CREATE VIEW seen AS SELECT 1")), "say in `safe_because`"),
    "SQL with no way back": (migration(sql("CREATE VIEW seen AS SELECT 1", None), why=WHY), "give reverse_sql"),
    "data and schema in SQL": (
        migration(sql("CREATE VIEW seen AS SELECT 1; UPDATE shop_paper SET note = ';DROP'"), why=WHY),
        "make two migrations",
    ),
    "a table dropped by SQL": (migration(sql("DROP TABLE IF EXISTS shop_paper"), why=WHY), "reads the table"),
    "a column dropped by SQL": (migration(sql('ALTER TABLE "shop_paper" DROP "note"'), why=WHY), "reads the column"),
    "a column renamed by SQL": (
        migration(sql("ALTER TABLE public.shop_paper RENAME note TO remark"), why=WHY),
        "asks for the old name",
    ),
    "another type by SQL": (
        migration(sql("alter table shop_paper alter column count type bigint"), why=WHY),
        "rewrites the table",
    ),
    "a column that must be given by SQL": (
        migration(sql("ALTER TABLE shop_paper ADD a numeric(3, 1) DEFAULT 0 NOT NULL, ADD b int NOT NULL"), why=WHY),
        "constant DEFAULT",
    ),
    "an index by SQL": (migration(sql("CREATE UNIQUE INDEX one ON shop_paper (title)"), why=WHY), "CONCURRENTLY"),
    "an index dropped by SQL": (migration(sql("DROP INDEX by_title"), why=WHY), "CONCURRENTLY"),
    "a constraint by SQL": (
        migration(sql("ALTER TABLE shop_paper /* NOT VALID */ ADD CONSTRAINT c CHECK (count > 0)"), why=WHY),
        "VALIDATE CONSTRAINT in the next",
    ),
    "a lock": (migration(sql("LOCK TABLE shop_paper"), why=WHY), "work in batches"),
    "policies off": (
        migration(sql("ALTER TABLE shop_paper DISABLE ROW LEVEL SECURITY"), why=WHY),
        "change the policy instead",
    ),
    "a kind that is not known": (migration(EnableGrants("paper", parent="shop_person")), "is not known here"),
    "forgotten, and yet to be given": (
        migration(forget(migrations.RemoveField("paper", "title"))),
        "make it null=True first",
    ),
    "dropped beneath Django's state": (
        migration(
            migrations.SeparateDatabaseAndState(
                [sql("ALTER TABLE shop_paper DROP COLUMN note")], [migrations.RemoveField("paper", "note")]
            ),
            why=WHY,
        ),
        "reads the column",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_what_the_running_code_would_not_bear_is_refused_with_what_to_do_instead(kind: str) -> None:
    made, instead = BAD[kind]
    assert instead in said(made), said(made)
    assert said(made).startswith("shop.0002_next: ")


GOOD: dict[str, migrations.Migration] = {
    "a new table, with all it wants": migration(
        migrations.CreateModel("Sheet", [("id", models.UUIDField(primary_key=True)), ("n", models.TextField())]),
        migrations.AddIndex("sheet", models.Index(fields=["n"], name="by_n")),
        migrations.AddConstraint("sheet", models.UniqueConstraint(fields=["n"], name="one_n")),
        migrations.AddField("sheet", "owner", models.ForeignKey("shop.Person", models.CASCADE)),
        migrations.RemoveField("sheet", "n"),
        migrations.DeleteModel("Sheet"),
    ),
    "a nullable column": migration(add(models.TextField(null=True))),
    "a column with a default": migration(add(models.TextField(db_default=""))),
    "a column with one moment for all": migration(add(models.DateTimeField(db_default=Now()))),
    "a key that is checked later": migration(
        add(models.ForeignKey("shop.Person", models.CASCADE, null=True, db_constraint=False, db_index=False))
    ),
    "a longer text": migration(alter("title", models.CharField(max_length=40))),
    "a column that may be empty": migration(alter("title", models.CharField(max_length=20, null=True))),
    "another label": migration(alter("title", models.CharField("題名", max_length=20))),
    "a concurrent index": migration(postgres.AddIndexConcurrently("paper", INDEX), atomic=False),
    "a check of new rows": migration(postgres.AddConstraintNotValid("paper", CHECK), why=WHY),
    "its validation": migration(postgres.ValidateConstraint("paper", "counts")),
    "data in batches": migration(DATA, atomic=False),
    "a column forgotten": migration(forget(migrations.RemoveField("paper", "note"))),
    "a function made anew": migration(
        sql("CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DROP TABLE shop_paper; $$"), why=WHY
    ),
    "a key checked later, by SQL": migration(
        sql("ALTER TABLE shop_paper ADD CONSTRAINT k FOREIGN KEY (owner_key) REFERENCES shop_person NOT VALID"), why=WHY
    ),
    "an index by SQL": migration(
        sql("CREATE INDEX CONCURRENTLY by_title ON shop_paper (title)"), atomic=False, why=WHY
    ),
}


@pytest.mark.parametrize("kind", GOOD)
def test_what_it_bears_is_let_through(kind: str) -> None:
    assert said(GOOD[kind]) == ""


def test_a_column_is_dropped_in_the_release_after_the_one_that_forgot_it() -> None:
    old = released()
    old.remove_field("shop", "paper", "note")
    assert lint(migration(sql("ALTER TABLE shop_paper DROP COLUMN note"), why=WHY), old, old) == []


def test_our_own_migrations_keep_to_it() -> None:
    assert [str(each) for each in findings()] == []


def test_all_that_came_after_the_release_is_looked_at_and_nothing_before() -> None:
    judged = {each.migration for each in findings({"vault": RELEASED["vault"]})}
    assert {"audit.0002_append_only", "clearance.0002_policies", "documents.0002_policies"} <= judged
    assert not any(name.startswith("vault.") for name in judged)


# --- how they are run --------------------------------------------------------------------------------------------


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> type[migrate.Command]:
    """`migrate`, whose only migration changes a table that somebody else is reading for `seconds`."""
    monkeypatch.setattr(migrate, "SECONDS", 0.2)
    monkeypatch.setattr(migrate, "PAUSE", 0.1)

    def changing(self: Any, *args: object, **options: object) -> None:
        self.verbosity = 0
        self.migration_progress_callback("apply_start", migration(atomic=self.atomic))
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            cursor.execute("LOCK TABLE vault_markingkey")  # as ALTER TABLE does

    monkeypatch.setattr("django.core.management.commands.migrate.Command.handle", changing)
    monkeypatch.setattr(migrate.Command, "atomic", True, raising=False)
    return migrate.Command


@pytest.fixture
def reader(transactional_db: None) -> Any:
    """Somebody in the middle of a long query; `reader.close()` ends it."""
    given = connections["owner"].get_connection_params()
    known = {name: given[name] for name in ("host", "port", "dbname", "user", "password") if name in given}
    with psycopg.connect(**known) as reading:
        reading.execute("LOCK TABLE vault_markingkey IN ACCESS SHARE MODE")
        yield reading


def run(command: type[migrate.Command]) -> str:
    told = io.StringIO()
    call_command(command(stderr=told), database="owner")
    return told.getvalue()


def lock_timeout() -> str:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_migration_waits_for_a_lock_for_seconds_and_tries_again(
    busy: type[migrate.Command], reader: psycopg.Connection
) -> None:
    threading.Timer(0.6, reader.close).start()
    assert "表が使用中です" in run(busy)
    assert lock_timeout() == "0"


@pytest.mark.django_db(transaction=True)
def test_in_the_meantime_others_read_and_at_the_end_it_says_what_to_do(
    busy: type[migrate.Command], reader: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "TRIES", 2)
    slowest = 0.0
    failed: list[str] = []

    def migrating() -> None:
        try:
            run(busy)
        except CommandError as error:
            failed.append(str(error))
        finally:
            connections["owner"].close()

    thread = threading.Thread(target=migrating)
    thread.start()
    while thread.is_alive():
        before = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM vault_markingkey")
        slowest = max(slowest, time.monotonic() - before)
        time.sleep(0.01)
    assert [text for text in failed if "もう一度実行してください" in text] == failed != []
    assert slowest < 1.5  # the lock_timeout and a busy machine


@pytest.mark.django_db(transaction=True)
def test_whatever_else_goes_wrong_is_not_tried_again(
    busy: type[migrate.Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []

    def failing(self: Any, *args: object, **options: object) -> None:
        tried.append(1)
        raise OperationalError

    monkeypatch.setattr("django.core.management.commands.migrate.Command.handle", failing)
    with pytest.raises(OperationalError):
        run(busy)
    assert tried == [1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("atomic", "waits"), [(True, "3s"), (False, "0")])
def test_a_concurrent_index_is_not_broken_off(atomic: bool, waits: str) -> None:
    command = migrate.Command()
    command.verbosity, command.connection_asked = 0, connections["owner"]
    try:
        command.migration_progress_callback("apply_start", migration(atomic=atomic))
        assert lock_timeout() == waits
    finally:
        command._wait_for_locks(0)
