"""The database and its roles: an owner that migrates, and three that own, join and bypass nothing."""

from collections.abc import Mapping

import psycopg
from psycopg import sql

from portal.embedded.postgres import Cluster

DATABASE = "entaku"
OWNER = "portal_owner"
CONFINED = ("portal_app", "portal_worker", "portal_intake")


def ensure(cluster: Cluster, passwords: Mapping[str, str]) -> None:
    """Create what is missing and put right what was changed; runs at every start."""
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        for role in (OWNER, *CONFINED):
            _role(connection, role, passwords[role])
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*map(sql.Identifier, (DATABASE, OWNER))))
        for database in (DATABASE, "postgres", "template1"):
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(database)))
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                sql.Identifier(DATABASE), sql.SQL(", ").join(map(sql.Identifier, CONFINED))
            )
        )


def _role(connection: psycopg.Connection, role: str, password: str) -> None:
    name = sql.Identifier(role)
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {}").format(name))
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT").format(
            name
        )
    )
    # libpq sends the SCRAM verifier: the password itself reaches neither the server nor its log.
    connection.pgconn.change_password(role.encode(), password.encode())
