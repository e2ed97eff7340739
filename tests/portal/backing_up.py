"""Ways to take and restore backups in the tests: the commands, a second database of the cluster, a second folder."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import override_settings
from psycopg import sql

from intake.models import Blob, Case
from intake.padding import pad_stream
from portal.backup.checking import check_backup, open_backup
from portal.backup.manifest import Manifest
from portal.tasks import seal_audit_log
from tests.world import as_owner, as_role
from vault import keys
from vault.blobs import NewBlob
from vault.hybrid import new_key
from vault.streams import seal_stream

SECOND = f"entaku_restored_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"  # the workers share one cluster
LONG = b"0123456789abcdef" * 65_536  # 1 MiB: four chunks


def run(command: str, *arguments: object) -> str:
    out = io.StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=out)
    except CommandError as error:
        raise AssertionError(f"{out.getvalue()}{error}") from error
    return out.getvalue()


def refused(command: str, *arguments: object, code: int = 1) -> str:
    """What the command says when it does not do what was asked, in both languages."""
    out = io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command(command, *map(str, arguments), stdout=out)
    said = str(failure.value)
    assert failure.value.returncode == code, said
    assert " / " in said.splitlines()[0]
    return out.getvalue() + said


def manifest_of(path: Path) -> Manifest:
    with path.open("rb") as file:
        return check_backup(open_backup(file), str(path)).manifest


def sealed_log() -> None:
    with as_role("portal_worker"):
        seal_audit_log()


def case_with_files(count: int = 2) -> list[str]:
    """The names of a case's files in the storage, sealed under keys that nobody here has."""
    names = []
    with as_owner():
        case = Case.objects.create(id=uuid4(), consent_public=b"-", received_on="2026-11-22", header=b"-")
        for _ in range(count):
            with NewBlob() as blob:
                seal_stream(pad_stream([b"a drawing"]), blob, key=new_key(), binding=blob.binding)
                blob.keep()
            names.append(Blob.objects.create(name=blob.name, case=case, entry_id=uuid4()).name)
    return names


@contextmanager
def blobs_in(folder: Path) -> Iterator[Path]:
    """The blobs lie in that folder meanwhile."""
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}
    with override_settings(STORAGES={**settings.STORAGES, "blobs": storage}):
        yield folder


@contextmanager
def new_database(name: str = SECOND) -> Iterator[None]:
    """Both roles' connections, in every thread begun within, go to an empty database of the owner's, dropped after."""
    owner = connections["owner"].settings_dict
    place = {"host": owner["HOST"], "user": owner["USER"], "password": owner["PASSWORD"], "dbname": "postgres"}
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    before = owner["NAME"]
    with psycopg.connect(**place, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            _point_to(name)
            yield
        finally:
            _point_to(before)
            connection.execute(drop)


def _point_to(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
    keys.forget()


def execute(statement: str) -> list[tuple[Any, ...]]:
    """A statement run as the owner, on a connection of its own."""
    connection = connections["owner"].copy("owner")
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()
