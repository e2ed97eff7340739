"""Every table is declared for what it is, and what is declared stands in the database."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from clearance.models import Marked
from clearance.privileges import ROLES, declared, functions

pytestmark = pytest.mark.django_db
KINDS = re.compile(r"marked|(child|grants) of [a-z_]+|register|circle|case|log|own|open|closed")


def rows(sql: str, *params: object) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def relations() -> dict[Any, Any]:
    """Each table and view, and whether row-level security is on."""
    return dict(
        rows(
            "SELECT relname, relrowsecurity FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p')"
        )
    )


def test_each_table_is_declared_and_each_declaration_has_its_table(db: None) -> None:
    assert set(declared()) == set(relations())


def test_each_declaration_says_what_the_table_is(db: None) -> None:
    for table, what in declared().items():
        assert KINDS.fullmatch(what["is"]), table
        assert what["is"] != "open" or what.get("why"), f"{table} is open: say why"
        assert what["is"] != "closed" or not {*ROLES} & {*what}, f"{table} is closed but granted"


def test_whatever_is_not_open_is_under_row_level_security(db: None) -> None:
    secured = relations()
    for table, what in declared().items():
        if what["is"] not in {"open", "closed"}:
            assert secured[table], table


def test_marked_models_and_marked_tables_are_the_same(db: None) -> None:
    models = {model._meta.db_table for model in apps.get_models() if issubclass(model, Marked)}
    assert models == {table for table, what in declared().items() if what["is"] == "marked"}


def test_marked_tables_carry_the_one_policy_text(db: None) -> None:
    policies = rows(
        "SELECT tablename, policyname, cmd, roles::text, coalesce(qual, ''), coalesce(with_check, '') FROM pg_policies "
        "WHERE permissive = 'PERMISSIVE'"  # what is restrictive only takes away, and names the table's own columns
    )
    by_table: dict[str, set[tuple[str, ...]]] = {}
    for table, *policy in policies:
        by_table.setdefault(table, set()).add(tuple(policy))
    marked = [table for table, what in declared().items() if what["is"] == "marked"]
    assert len(marked) >= 3
    model = {tuple(part.replace("papers_paper.", "") for part in policy) for policy in by_table["papers_paper"]}
    for table in marked:
        assert {tuple(part.replace(f"{table}.", "") for part in policy) for policy in by_table[table]} == model, table


def test_children_name_a_parent_that_is_protected(db: None) -> None:
    tables = declared()
    for table, what in tables.items():
        if what["is"].startswith("child of "):
            parent = what["is"].removeprefix("child of ")
            assert tables[parent]["is"] == "marked" or tables[parent]["is"].startswith("child of "), table


def split(privileges: str) -> set[str]:
    """ "SELECT, UPDATE (a, b)" as {"SELECT", "UPDATE(a)", "UPDATE(b)"}."""
    found = set()
    for name, columns in re.findall(r"([A-Z]+)\s*(?:\(([^)]*)\))?", privileges):
        found |= {f"{name}({column.strip()})" for column in columns.split(",")} if columns else {name}
    return found


def test_the_roles_hold_what_is_declared_and_nothing_else(db: None) -> None:
    granted: dict[tuple[str, str], set[str]] = {}
    for table, role, privilege in rows(
        "SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type FROM pg_class c "
        "CROSS JOIN LATERAL aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p') UNION ALL "
        "SELECT c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type || '(' || t.attname || ')' "
        "FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid "
        "CROSS JOIN LATERAL aclexplode(t.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee "
        "WHERE c.relnamespace = 'public'::regnamespace"
    ):
        if role != "portal_owner":
            granted.setdefault((table, role), set()).add(privilege)
    expected = {
        (table, role): split(what[short])
        for table, what in declared().items()
        for short, role in ROLES.items()
        if what.get(short)
    }
    assert granted == expected


def test_the_roles_may_call_the_declared_functions_and_no_other(db: None) -> None:
    callable_ = {
        (signature, role)
        for signature, role in rows(
            "SELECT p.oid::regprocedure::text, coalesce(r.rolname, 'PUBLIC') FROM pg_proc p "
            "CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a "
            "LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE p.pronamespace = 'public'::regnamespace"
        )
        if role != "portal_owner"
    }
    expected = set()
    for signature, who in functions().items():
        full = rows("SELECT %s::regprocedure::text", signature)[0][0]
        expected |= {(full, ROLES[role.strip()]) for role in who.split(",")}
    assert callable_ == expected


def test_each_definer_function_looks_in_temporary_tables_last(db: None) -> None:
    settings = rows(
        "SELECT p.oid::regprocedure::text, p.proconfig::text FROM pg_proc p "
        "WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"
    )
    assert settings
    for function, configuration in settings:
        assert (configuration or "").rstrip('"}').endswith("pg_temp"), function


def test_no_role_of_the_portal_bypasses_row_level_security(db: None) -> None:
    for name, superuser, bypass, owned in rows(
        "SELECT rolname, rolsuper, rolbypassrls, EXISTS (SELECT 1 FROM pg_class WHERE relowner = r.oid) "
        "FROM pg_roles r WHERE rolname = ANY(%s)",
        list(ROLES.values()),
    ):
        assert [superuser, bypass, owned] == [False] * 3, name
