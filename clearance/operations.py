"""Migration operations that put a table under the one policy text (docs/adr/0001)."""

from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

NEED_TO_KNOW = """(
        ({t}level < 3 AND {t}circle_id IN (SELECT unnest(circles) FROM clearance_here))
     OR ({t}level = 0 AND {t}circle_id IN (SELECT unnest(circles_open) FROM clearance_here))
     OR {t}id = ANY((SELECT items FROM clearance_here)::uuid[]))"""

# `CASE` hides the predicate from the planner, which otherwise leaves the right index; `NOT withdrawn` stays outside it
# because the indexes are partial on it; scalar sub-selects are evaluated once a statement, and the circles become one
# hash, where `= ANY(array)` would search 2,000 of them for each row.
READABLE = (
    """NOT {t}withdrawn AND CASE WHEN
        {t}comp_mask & ((SELECT inverse FROM clearance_here))[{t}level + 1] <= 0
    AND {t}release_mask & (SELECT release FROM clearance_here) <> 0
    AND ({t}expires_at IS NULL OR {t}expires_at > now())
    AND """
    + NEED_TO_KNOW
    + """
    THEN true ELSE false END"""
)
READERS = "portal_app, portal_worker"


def readable(alias: str = "") -> str:
    """The policy's condition, for the table itself or an alias of it."""
    return READABLE.format(t=f"{alias}." if alias else "")


class _TableOperation(Operation):
    """SQL on one table of the app, undone by dropping what it made."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model: str) -> None:
        self.model = model

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def sql(self, app_label: str, table: str) -> str:
        raise AssertionError

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = to_state.apps.get_model(app_label, self.model)._meta.db_table
        schema_editor.execute(self.sql(app_label, table), params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = from_state.apps.get_model(app_label, self.model)._meta.db_table
        schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY', params=None)

    def describe(self) -> str:
        return f"{type(self).__name__} on {self.model}"


class EnableMarked(_TableOperation):
    """A marked table: readers by the policy, writers of the circle besides, and the circle's ceiling by trigger.

    `author` is the column of the person who makes a row: nobody makes one in another's name. `originator` is that of
    the organisation whose information it is: one's own, unless one receives for others. Where rows are `withdrawable`,
    these two say by whom (clearance_withdraw).
    """

    def __init__(self, model: str, *, author: str = "", originator: str = "", withdrawable: bool = False) -> None:
        super().__init__(model)
        self.author, self.originator, self.withdrawable = author, originator, withdrawable

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        how = {"author": self.author, "originator": self.originator, "withdrawable": self.withdrawable}
        return type(self).__name__, [self.model], how

    def sql(self, app_label: str, table: str) -> str:
        write = f"({readable()}) AND circle_id = ANY((SELECT writers FROM clearance_here)::bigint[])"
        return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY readable ON {table} FOR SELECT TO {READERS} USING ({readable()});
        CREATE POLICY writable ON {table} FOR INSERT TO {READERS} WITH CHECK ({write});
        CREATE POLICY changeable ON {table} FOR UPDATE TO {READERS} USING ({write}) WITH CHECK ({write});
        {self._in_own_name(table)}
        INSERT INTO clearance_markedtable (name, author, originator) VALUES ('{table}', {self._withdrawn_by()});
        CREATE TRIGGER hold_ceiling BEFORE INSERT OR UPDATE OF circle_id, marking_id, level, comp_mask, release_mask
            ON {table} FOR EACH ROW EXECUTE FUNCTION clearance_hold_ceiling();
        ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.005, autovacuum_analyze_scale_factor = 0.02);
        """

    def _in_own_name(self, table: str) -> str:
        if not self.author:
            return ""
        mine = f"{self.author} = (SELECT person_id FROM clearance_here)"
        if self.originator:
            receives = "(SELECT official OR 'SECRETARY' = ANY(duties) FROM clearance_here)"
            mine += f" AND ({self.originator} = (SELECT organisation_id FROM clearance_here) OR {receives})"
        return f"CREATE POLICY in_own_name ON {table} AS RESTRICTIVE FOR INSERT TO portal_app WITH CHECK ({mine});"

    def _withdrawn_by(self) -> str:
        return f"'{self.author}', nullif('{self.originator}', '')" if self.withdrawable else "NULL, NULL"


class EnableChild(_TableOperation):
    """A table that reveals that a marked row exists: its rows are there for whoever reads the parent.

    `write` says who may insert and change: "writer" of the parent's circle, or any "reader". With `own`, the
    column of a person, a row is only ever there for that person (unread marks). With `by`, the column of whoever made
    it, nobody makes one in another's name (requests that a second person answers).
    """

    def __init__(
        self, model: str, *, parent: str, via: str, write: str = "writer", own: str = "", by: str = ""
    ) -> None:
        super().__init__(model)
        self.parent, self.via, self.write, self.own, self.by = parent, via, write, own, by

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (
            type(self).__name__,
            [self.model],
            {"parent": self.parent, "via": self.via, "write": self.write, "own": self.own, "by": self.by},
        )

    def sql(self, app_label: str, table: str) -> str:
        seen = f"EXISTS (SELECT 1 FROM {self.parent} parent WHERE parent.id = {table}.{self.via})"
        if self.own:
            seen += f" AND {table}.{self.own} = (SELECT person_id FROM clearance_here)"
        change = seen
        if self.write == "writer":
            change = (
                f"EXISTS (SELECT 1 FROM {self.parent} parent WHERE parent.id = {table}.{self.via} "
                "AND parent.circle_id = ANY((SELECT writers FROM clearance_here)::bigint[]))"
            )
        make = change
        if self.by:
            make += f" AND {table}.{self.by} = (SELECT person_id FROM clearance_here)"
        return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY readable ON {table} FOR SELECT TO {READERS} USING ({seen});
        CREATE POLICY writable ON {table} FOR INSERT TO {READERS} WITH CHECK ({make});
        CREATE POLICY changeable ON {table} FOR UPDATE TO {READERS} USING ({change}) WITH CHECK ({change});
        """


class EnableLedger(_TableOperation):
    """A ledger of what people did with marked rows. Who read what is itself a secret: each sees their own lines; an
    item's whole ledger is there for its circle's keepers and the organisation in the parent's column `originator`.
    """

    def __init__(self, model: str, *, parent: str, via: str, person: str, originator: str) -> None:
        super().__init__(model)
        self.parent, self.via, self.person, self.originator = parent, via, person, originator

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (
            type(self).__name__,
            [self.model],
            {"parent": self.parent, "via": self.via, "person": self.person, "originator": self.originator},
        )

    def sql(self, app_label: str, table: str) -> str:
        seen = f"EXISTS (SELECT 1 FROM {self.parent} parent WHERE parent.id = {table}.{self.via}"
        mine = f"{table}.{self.person} = (SELECT person_id FROM clearance_here)"
        keeper = (
            "(parent.circle_id = ANY((SELECT keepers FROM clearance_here)::bigint[]) "
            f"OR parent.{self.originator} = (SELECT organisation_id FROM clearance_here))"
        )
        return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY readable ON {table} FOR SELECT TO {READERS} USING (({mine} AND {seen})) OR {seen} AND {keeper}));
        CREATE POLICY writable ON {table} FOR INSERT TO {READERS} WITH CHECK ({mine} AND {seen}));
        CREATE POLICY changeable ON {table} FOR UPDATE TO {READERS} USING ({mine} AND {seen}))
            WITH CHECK ({mine} AND {seen}));
        """


class EnableGrants(_TableOperation):
    """A table of guardian grants on marked rows; its rows count.

    Given by the stewards of the item's circle, never to themselves; seen by them, by whoever is granted, and by the
    clearance officer, who may only strike, as may the keepers of a closed circle.
    """

    def __init__(self, model: str, *, parent: str) -> None:
        super().__init__(model)
        self.parent = parent

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model], {"parent": self.parent}

    def sql(self, app_label: str, table: str) -> str:
        def of(column: str) -> str:
            return (
                f"EXISTS (SELECT 1 FROM {self.parent} parent WHERE parent.id = {table}.content_object_id "
                f"AND parent.circle_id = ANY((SELECT {column} FROM clearance_here)::bigint[]))"
            )

        steward, keeper = of("stewards"), of("keepers")
        return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY mine_or_keeper ON {table} FOR SELECT TO portal_app
            USING (user_id = (SELECT person_id FROM clearance_here)
                OR (SELECT officer FROM clearance_here) OR {keeper});
        CREATE POLICY steward_gives ON {table} FOR INSERT TO portal_app
            WITH CHECK (user_id <> (SELECT person_id FROM clearance_here) AND {steward});
        CREATE POLICY steward_changes ON {table} FOR UPDATE TO portal_app
            USING (user_id <> (SELECT person_id FROM clearance_here) AND {steward});
        CREATE POLICY keeper_strikes ON {table} FOR DELETE TO portal_app
            USING ((SELECT officer FROM clearance_here) OR {keeper});
        CREATE INDEX ON {table} (user_id);
        INSERT INTO clearance_granttable VALUES ('{table}', '{self.parent}');
        DO $do$
        DECLARE
            body text;
        BEGIN
            SELECT string_agg(format(
                'SELECT content_object_id FROM %I
                  WHERE user_id = person AND since <= at AND (until IS NULL OR until > at)',
                name), ' UNION ') INTO body FROM clearance_granttable;
            EXECUTE format($f$
                CREATE OR REPLACE FUNCTION clearance_granted(person uuid, at timestamptz) RETURNS uuid[]
                LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
                AS %L $f$, 'SELECT coalesce(array_agg(content_object_id), ''{{}}'') FROM (' || body || ') AS granted');
        END $do$;
        """
