"""A second database of the suite's cluster and a second blob folder, as a restore needs them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from vault import keys


def blob_storage(folder: Path) -> dict[str, Any]:
    """The settings of a blob storage in that folder."""
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}


@contextmanager
def new_database(name: str) -> Iterator[str]:
    """An empty database of the owner's, dropped at the end."""
    settings = connections["owner"].settings_dict
    place = {"host": settings["HOST"], "user": settings["USER"], "password": settings["PASSWORD"]}
    with psycopg.connect(**place, dbname="postgres", autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
        connection.execute(drop)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            connection.execute(drop)


@contextmanager
def working_on(name: str) -> Iterator[None]:
    """Both roles' connections go to that database meanwhile, in every thread begun within."""
    before = connections["default"].settings_dict["NAME"]
    _point_to(name)
    try:
        yield
    finally:
        _point_to(before)


def _point_to(name: str) -> None:
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
    keys.forget()


def execute(statement: str, *params: Any) -> list[tuple[Any, ...]]:
    """A statement run as the owner, on a connection of its own."""
    connection = connections["owner"].copy("owner")
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()
