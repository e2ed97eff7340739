"""Append-only for every role: grants and policies for those who own nothing, triggers for the owner.

A superuser can drop a trigger; what they then change, `manage.py audit_verify` names.
"""

from django.db import migrations

# FOR EACH STATEMENT: refused even where no row would be met, and TRUNCATE has no row triggers.
FORWARDS = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the log only grows', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""

EACH_TABLE = """
CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY {table}_sealer_reads ON {table} FOR SELECT TO portal_worker USING (true);
"""

# Anyone may add an event. Who reads is decided where duties are known: the policy for portal_app is clearance's.
POLICIES = """
CREATE POLICY audit_event_all_write ON audit_event FOR INSERT TO portal_app, portal_worker WITH CHECK (true);
CREATE POLICY audit_leaf_sealer_writes ON audit_leaf FOR INSERT TO portal_worker WITH CHECK (true);
CREATE POLICY audit_seal_sealer_writes ON audit_seal FOR INSERT TO portal_worker WITH CHECK (true);
ALTER TABLE audit_event ADD CONSTRAINT audit_event_detail_small
    CHECK (jsonb_typeof(detail) = 'object' AND octet_length(detail::text) <= 4096);
ALTER TABLE audit_event ALTER salt SET DEFAULT gen_random_uuid();
ALTER TABLE audit_leaf ADD CONSTRAINT audit_leaf_seq_counts CHECK (seq >= 0);
ALTER TABLE audit_seal ADD CONSTRAINT audit_seal_shape CHECK (
    tree_size > 0 AND octet_length(root_hash) = 32 AND octet_length(previous) = 32
    AND octet_length(leaves) > 0 AND octet_length(leaves) % 32 = 0 AND octet_length(leaves) / 32 <= tree_size
    AND octet_length(subtrees) % 32 = 0
    AND octet_length(frontier) = 32 * bit_count(tree_size::bit(64)));
"""

# The roles may not read the log: they ask whether it agrees. The index makes the question one look, however often the
# thing was opened since.
DISAGREES = """
CREATE INDEX audit_event_settling ON audit_event (target_id)
    WHERE act IN ('document.receive', 'document.relabel', 'document.withdraw', 'message.withdraw',
        'briefing.publish', 'briefing.section', 'briefing.retract');
CREATE FUNCTION audit_disagrees(target text, stated text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce((
        SELECT CASE act
            WHEN 'document.receive' THEN label WHEN 'briefing.publish' THEN label WHEN 'briefing.section' THEN label
            WHEN 'document.relabel' THEN detail ->> 'to' END IS DISTINCT FROM stated
        FROM audit_event AS event LEFT JOIN audit_leaf AS leaf ON leaf.event_id = event.id
        WHERE target_id = target
            AND act IN ('document.receive', 'document.relabel', 'document.withdraw', 'message.withdraw',
                'briefing.publish', 'briefing.section', 'briefing.retract')
        ORDER BY leaf.seq DESC NULLS FIRST, at DESC, event.id DESC LIMIT 1
    ), false)
$$;
"""

TABLES = ("audit_event", "audit_leaf", "audit_seal")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(
            FORWARDS + "".join(EACH_TABLE.format(table=table) for table in TABLES) + POLICIES + DISAGREES,
            "".join(f"DROP TRIGGER {table}_only_grows ON {table};" for table in TABLES)
            + "DROP FUNCTION audit_refuse_change(); DROP FUNCTION audit_disagrees(text, text);"
            + "DROP INDEX audit_event_settling;"
            + "".join(f"DROP POLICY {table}_sealer_reads ON {table};" for table in TABLES)
            + "DROP POLICY audit_event_all_write ON audit_event;"
            + "DROP POLICY audit_leaf_sealer_writes ON audit_leaf; DROP POLICY audit_seal_sealer_writes ON audit_seal;"
            + "".join(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;" for table in TABLES)
            + "ALTER TABLE audit_event DROP CONSTRAINT audit_event_detail_small;"
            + "ALTER TABLE audit_event ALTER salt DROP DEFAULT;"
            + "ALTER TABLE audit_leaf DROP CONSTRAINT audit_leaf_seq_counts;"
            + "ALTER TABLE audit_seal DROP CONSTRAINT audit_seal_shape;",
        )
    ]
