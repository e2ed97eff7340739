"""The migration operation that lets a marked table be searched."""

from __future__ import annotations

from typing import Any

from ..operations import _TableOperation

FORGETTING = ("marking_id", "key_version", "wrapped_key", "withdrawn")


class EnableSearch(_TableOperation):
    """A column of tokens beside the row, its index, and a trigger that empties it when something it stands for changes.

    `words`: the sealed columns that `searched_text` and `searched_facets` are made of.
    """

    def __init__(self, model: str, *, words: tuple[str, ...]) -> None:
        super().__init__(model)
        self.words = words

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model], {"words": self.words}

    def sql(self, app_label: str, table: str) -> str:
        columns = ", ".join((*FORGETTING, *self.words))
        return f"""
        ALTER TABLE {table} ADD COLUMN tokens bigint[],
            ADD CONSTRAINT {table}_no_tokens_from_3 CHECK (level < 3 OR tokens IS NULL);
        CREATE INDEX {table}_tokens ON {table} USING gin (tokens) WHERE NOT withdrawn;
        CREATE INDEX {table}_unindexed ON {table} (created DESC, id DESC) WHERE tokens IS NULL AND NOT withdrawn;
        CREATE TRIGGER forget_tokens BEFORE UPDATE OF {columns} ON {table}
            FOR EACH ROW EXECUTE FUNCTION clearance_forget_tokens();
        UPDATE clearance_markedtable SET searched = true WHERE name = '{table}';
        """

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = from_state.apps.get_model(app_label, self.model)._meta.db_table
        schema_editor.execute(
            f"UPDATE clearance_markedtable SET searched = false WHERE name = '{table}';"
            f"DROP TRIGGER forget_tokens ON {table}; ALTER TABLE {table} DROP COLUMN tokens",
            params=None,
        )
