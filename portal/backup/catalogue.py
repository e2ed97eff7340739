"""What a database holds, in figures: rows by table, migrations, and a fingerprint of what keeps it closed."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from clearance.privileges import ROLES, declared

# Sessions end with a restore; contexts and their key belong to the running deployment and are laid anew.
LEFT_OUT = ("accounts_session", "clearance_session", "clearance_context", "clearance_contextkey")

# Each line of an answer is one fact. They are compared as sorted text, so nothing may depend on oids or on order.
FACTS = {
    "columns": """
SELECT format('%s.%s %s %s', relname, attname, format_type(atttypid, atttypmod), attnotnull)
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
 WHERE attnum > 0 AND NOT attisdropped AND relnamespace = 'public'::regnamespace""",
    "owners": """
SELECT format('%s %s', relname, pg_get_userbyid(relowner)) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace""",
    "row security": """
SELECT format('%s %s %s', relname, relrowsecurity, relforcerowsecurity) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace""",
    "policies": """
SELECT format('%s %s %s %s %s %s %s', tablename, policyname, permissive, ARRAY(SELECT unnest(roles) ORDER BY 1), cmd,
              qual, with_check)
  FROM pg_policies WHERE schemaname = 'public'""",
    "privileges": """
SELECT format('%s %s %s %s', relname, coalesce(rolname, 'PUBLIC'), privilege_type, is_grantable)
  FROM pg_class CROSS JOIN LATERAL aclexplode(
       coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, relowner)))
  LEFT JOIN pg_roles r ON r.oid = grantee WHERE relnamespace = 'public'::regnamespace""",
    "column privileges": """
SELECT format('%s.%s %s %s %s', relname, attname, coalesce(rolname, 'PUBLIC'), privilege_type, is_grantable)
  FROM pg_attribute JOIN pg_class c ON c.oid = attrelid CROSS JOIN LATERAL aclexplode(attacl)
  LEFT JOIN pg_roles r ON r.oid = grantee WHERE relnamespace = 'public'::regnamespace""",
    "functions": """
SELECT format('%s %s %s %s %s', oid::regprocedure, prosecdef, proconfig, pg_get_userbyid(proowner), prosrc)
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace""",
    "function privileges": """
SELECT format('%s %s %s %s', p.oid::regprocedure, coalesce(rolname, 'PUBLIC'), privilege_type, is_grantable)
  FROM pg_proc p CROSS JOIN LATERAL aclexplode(coalesce(proacl, acldefault('f', proowner)))
  LEFT JOIN pg_roles r ON r.oid = grantee WHERE pronamespace = 'public'::regnamespace""",
    # Without their expressions, which PostgreSQL words anew when it reads back its own words: `IN` over a varchar.
    "triggers": """
SELECT format('%s %s %s %s %s', relname, tgname, tgenabled, tgtype, tgfoid::regprocedure)
  FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
 WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace""",
    "constraints": """
SELECT format('%s %s %s %s %s %s %s %s', relname, conname, contype, convalidated, condeferrable, confdeltype,
              nullif(confrelid, 0)::regclass,
              ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY(conkey) ORDER BY 1))
  FROM pg_constraint JOIN pg_class c ON c.oid = conrelid WHERE relnamespace = 'public'::regnamespace""",
    "indexes": """
SELECT format('%s %s %s %s %s %s', c.relname, i.relname, indisunique, indisvalid, indpred IS NULL, indnkeyatts)
  FROM pg_index JOIN pg_class c ON c.oid = indrelid JOIN pg_class i ON i.oid = indexrelid
 WHERE c.relnamespace = 'public'::regnamespace""",
    "schema": """
SELECT format('%s %s', coalesce(rolname, 'PUBLIC'), privilege_type)
  FROM pg_namespace CROSS JOIN LATERAL aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
  LEFT JOIN pg_roles r ON r.oid = grantee WHERE nspname = 'public'""",
    "default privileges": """
SELECT format('%s %s %s %s %s', pg_get_userbyid(defaclrole), defaclnamespace::regnamespace, defaclobjtype,
              coalesce(rolname, 'PUBLIC'), privilege_type)
  FROM pg_default_acl CROSS JOIN LATERAL aclexplode(defaclacl) LEFT JOIN pg_roles r ON r.oid = grantee""",
}
UNFIT_ROLES = """
SELECT name FROM unnest(%s::text[]) name LEFT JOIN pg_roles r ON r.rolname = name
 WHERE r.rolname IS NULL OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication
 ORDER BY name
"""
READABLE = """
SELECT relname FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> ALL(%s::text[])
   AND has_any_column_privilege(oid, 'SELECT') ORDER BY 1
"""
# Anything at all that a role made here; what an extension or the system brings does not count.
HOLDS = """
SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'public'::regnamespace)
"""


def schema(using: str) -> dict[str, dict[str, Any]]:
    """How many facts of each kind there are, and their hash."""
    found = {}
    with connections[using].cursor() as cursor:
        for kind, question in FACTS.items():
            cursor.execute(question)
            lines = sorted(line for (line,) in cursor.fetchall())
            digest = hashlib.sha256("\0".join(lines).encode()).hexdigest()
            found[kind] = {"count": len(lines), "sha256": digest}
    return found


def rows(using: str) -> dict[str, int]:
    """How many rows each table has, but for those whose rows are left out."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)).difference(LEFT_OUT))
        counts = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a name of its own
            counts[table] = cursor.fetchone()[0]
    return counts


def migrations(using: str) -> list[str]:
    """What has been applied, as `app.name`."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connections[using]).applied_migrations())


def is_empty(using: str) -> bool:
    """Whether nothing has been made in the database yet."""
    with connections[using].cursor() as cursor:
        cursor.execute(HOLDS)
        return not cursor.fetchone()[0]


def unfit_roles(using: str) -> list[str]:
    """The portal's roles that are not there, or that could pass over row-level security."""
    with connections[using].cursor() as cursor:
        cursor.execute(UNFIT_ROLES, [sorted(ROLES.values())])
        return [name for (name,) in cursor.fetchall()]


def analyse(using: str) -> None:
    """Let the planner know what it has: a restored database has no statistics."""
    with connections[using].cursor() as cursor:
        cursor.execute("ANALYZE")


def open_to_anybody(using: str) -> list[str]:
    """The tables not declared open of which this connection's role sees rows without a context."""
    connection = connections[using]
    meant = [table for table, what in declared().items() if what["is"] == "open"]
    seen = []
    with connection.cursor() as cursor:
        cursor.execute(READABLE, [meant])
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT EXISTS (SELECT FROM {connection.ops.quote_name(table)})")  # noqa: S608 - as above
            if cursor.fetchone()[0]:
                seen.append(table)
    return seen
