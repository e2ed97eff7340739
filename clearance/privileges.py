"""What each database role may do with each table, granted from what the apps declare in their `tables.py`.

Granted table by table by the owner after each migration; never by default privileges, which would open what
nobody thought of.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, transaction

from .context import context_keys

ROLES = {"app": "portal_app", "worker": "portal_worker", "intake": "portal_intake"}


def declared() -> dict[str, dict[str, str]]:
    """Every declared table: what it is ("marked", "child of …", "open", …) and the privileges of each role."""
    tables: dict[str, dict[str, str]] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.tables"
        if not config.name.startswith(("django.", "allauth")) and find_spec(name):
            tables |= import_module(name).TABLES
    return tables


def functions() -> dict[str, str]:
    """Each function the roles may call, with the roles."""
    calls: dict[str, str] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.tables"
        if not config.name.startswith(("django.", "allauth")) and find_spec(name):
            calls |= getattr(import_module(name), "FUNCTIONS", {})
    return calls


def install(*, using: str) -> None:
    """Grant what is declared, revoke the rest, lay the context key and the ceiling. Run by the owner; may run twice."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r','v','p')"
        )
        present = {name for (name,) in cursor.fetchall()}
        roles = ", ".join(ROLES.values())
        cursor.execute("SELECT current_database()")
        (name,) = cursor.fetchone()
        cursor.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC')  # no temporary tables to shadow real ones with
        # A page reads few rows at random places: at the price of a spinning disk the planner would read whole circles.
        cursor.execute(f'ALTER DATABASE "{name}" SET random_page_cost = 1.1')
        cursor.execute(f'ALTER DATABASE "{name}" SET jit = off')
        cursor.execute(f'GRANT CONNECT ON DATABASE "{name}" TO {", ".join(ROLES.values())}')
        cursor.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {roles}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {roles}")
        cursor.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {roles}")
        cursor.execute(f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC, {roles}")
        for table, what in declared().items():
            if table in present:
                _grant_table(cursor, table, what)
        for signature, who in functions().items():
            names = ", ".join(ROLES[role.strip()] for role in who.split(","))
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {names}")
        cursor.execute("UPDATE clearance_deployment SET ceiling = %s", [settings.CEILING])
    lay_context_keys(using=using)


def _grant_table(cursor: Any, table: str, what: dict[str, str]) -> None:
    for role, name in ROLES.items():
        if privileges := what.get(role):
            cursor.execute(f'GRANT {privileges} ON "{table}" TO {name}')
            if "INSERT" in privileges:
                cursor.execute(
                    "SELECT pg_get_serial_sequence(%s, attname) FROM pg_attribute "
                    "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attidentity <> ''",
                    [table, table],
                )
                for (sequence,) in cursor.fetchall():
                    cursor.execute(f"GRANT USAGE ON SEQUENCE {sequence} TO {name}")


def lay_context_keys(*, using: str) -> None:
    """Have the database believe what is signed under a root key that is held, and nothing else. Run by the owner."""
    pads = context_keys()
    inner = [pair[0] for pair in pads]
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute("DELETE FROM clearance_contextkey WHERE inner_pad <> ALL(%s)", [inner])
        cursor.executemany(
            "INSERT INTO clearance_contextkey (inner_pad, outer_pad) VALUES (%s, %s) ON CONFLICT DO NOTHING", pads
        )
