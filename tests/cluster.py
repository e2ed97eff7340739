"""A throw-away PostgreSQL for the suite, started before Django's settings are read (`-p tests.cluster`)."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import psycopg

from portal.embedded.postgres import Cluster

ROLES = """
CREATE ROLE portal_owner LOGIN CREATEDB PASSWORD 'test';
CREATE ROLE portal_app LOGIN PASSWORD 'test';
CREATE ROLE portal_worker LOGIN PASSWORD 'test';
CREATE ROLE portal_intake LOGIN PASSWORD 'test';
-- In this cluster alone: a test builds its world as the owner inside the web role's transaction (SET LOCAL ROLE).
GRANT portal_owner TO portal_app WITH INHERIT FALSE, SET TRUE;
GRANT portal_worker TO portal_app WITH INHERIT FALSE, SET TRUE;
GRANT portal_intake TO portal_app WITH INHERIT FALSE, SET TRUE;
-- Rows that were there before are laid down again past their triggers (tests/remembered.py).
GRANT SET ON PARAMETER session_replication_role TO portal_owner;
"""

# Nothing of it has to outlive its processes; a prepared statement is planned once (tests/prepared.py).
FORGETFUL = [
    "max_connections=200", "shared_buffers=256MB", "fsync=off", "full_page_writes=off", "synchronous_commit=off",
    "wal_level=minimal", "max_wal_senders=0", "plan_cache_mode=force_generic_plan",
]  # fmt: skip


def start() -> None:
    """Start the cluster once; workers of a parallel run inherit its address."""
    if "ENTAKU_DB_HOST" in os.environ:
        return
    folder = Path(tempfile.mkdtemp(prefix="entaku-pg-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "data", folder / "socket", FORGETFUL)
    cluster.init()
    cluster.start()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)  # runs last
    atexit.register(cluster.destroy)
    with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
        connection.execute(ROLES)
    os.environ["ENTAKU_DB_HOST"] = str(folder / "socket")


start()
