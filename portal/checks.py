"""Proves at process start that the database role is confined: what row-level security promises holds only then."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# The first reason that holds; NULL where none does. pg_shdepend lists what a role owns in any database.
QUESTION = """
SELECT current_user, CASE
  WHEN session_user <> current_user THEN 'it was put on by ' || session_user
  WHEN role.rolsuper THEN 'it is a superuser'
  WHEN role.rolbypassrls THEN 'it bypasses row-level security'
  WHEN role.rolcreaterole THEN 'it can create roles'
  WHEN role.rolreplication THEN 'it can read the replication stream'
  WHEN EXISTS (SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = role.oid
               AND d.deptype = 'o') THEN 'it owns objects'
  WHEN EXISTS (SELECT FROM pg_roles other WHERE other.oid <> role.oid AND pg_has_role(role.oid, other.oid, 'MEMBER'))
    THEN 'it is a member of ' || (SELECT string_agg(other.rolname, ', ' ORDER BY other.rolname) FROM pg_roles other
                                  WHERE other.oid <> role.oid AND pg_has_role(role.oid, other.oid, 'MEMBER'))
  WHEN has_schema_privilege('public', 'CREATE') THEN 'it can create objects in the schema public'
END FROM pg_roles role WHERE role.rolname = current_user
"""

# gunicorn's code for a worker that cannot boot: its master gives up instead of starting the next one.
EXIT_CODE = 3
PATIENCE = 20.0  # seconds a database that is away is waited for at the start
AGAIN_CODE = 75  # EX_TEMPFAIL of sysexits.h: whoever restarts what dies should try again


class UnconfinedRole(Exception):
    """The database role could read or change what row-level security hides. The message is one sentence."""


@contextmanager
def settings_in_one_sentence(code: int = EXIT_CODE) -> Iterator[None]:
    """End the process with what the settings say is missing or insecure, instead of a traceback."""
    try:
        yield
    except ImproperlyConfigured as refusal:
        sys.stderr.write(f"{refusal}\n")
        raise SystemExit(code) from None


def assert_confined(connection: BaseDatabaseWrapper) -> None:
    """Raises UnconfinedRole for a role that owns or bypasses anything, or is a member of any other role."""
    with connection.cursor() as cursor:
        cursor.execute(QUESTION)
        role, reason = cursor.fetchone()
    if reason:
        raise UnconfinedRole(f"Entaku refuses to start as the database role {role}: {reason}.")


def refuse_unless_confined(connection: BaseDatabaseWrapper) -> None:
    """End the process with one sentence unless its role is confined; gives the connection back.

    A database that is away is waited for: where both were cut off at once, starting anew takes longer than that.
    """
    deadline = time.monotonic() + PATIENCE
    try:
        if "owner" in connections:
            raise UnconfinedRole("Entaku refuses to start: this process was given the database owner's password.")
        while True:
            try:
                assert_confined(connection)
                return
            except OperationalError:
                if time.monotonic() > deadline:
                    raise
                connection.close()
                time.sleep(0.2)
    except UnconfinedRole as refusal:
        sys.stderr.write(f"{refusal}\n")
        raise SystemExit(EXIT_CODE) from None
    except DatabaseError as error:
        sys.stderr.write(f"Entaku cannot reach its database: {str(error).splitlines()[0]}\n")
        raise SystemExit(AGAIN_CODE) from None
    finally:
        connection.close()
