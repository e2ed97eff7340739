"""What a deployment has to say, of the portal and of the intake alike: refused in one sentence when it is missing
or insecure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .environment import env


def needed(name: str, ja: str, en: str, *, holds: bool | None = None) -> str:
    """The variable `ENTAKU_<name>`; refuses when it is not set, or when what must hold of it does not."""
    value = env(name)
    if not value.strip() or holds is False:
        raise ImproperlyConfigured(f"ENTAKU_{name}: {ja} / {en}.")
    return value


def needed_file(name: str, ja: str, en: str) -> str:
    """The file that `ENTAKU_<name>` names, by its absolute path."""
    return needed(name, ja, en, holds=Path(env(name)).is_absolute())


def listed(name: str) -> list[str]:
    return [item.strip() for item in env(name).split(",") if item.strip()]


def needed_hosts(name: str) -> list[str]:
    """Served host names, never all of them."""
    hosts = listed(name)
    needed(
        name,
        "公開するホスト名をコンマ区切りで設定してください(* は使えません)",
        "name the served hosts, separated by commas, never *",
        holds=bool(hosts) and not any("*" in host for host in hosts),
    )
    return hosts


def needed_secret() -> str:
    return needed(
        "SECRET_KEY",
        "50文字以上の乱数を設定してください",
        "set it to at least 50 random characters",
        holds=len(env("SECRET_KEY")) >= 50 and len(set(env("SECRET_KEY"))) >= 5,
    )


def guarded_database(databases: Mapping[str, dict[str, Any]]) -> None:
    """Have these connections name their server and verify its certificate."""
    needed("DB_HOST", "データベースのホスト名を設定してください", "name the database's host")
    needed("DB_PASSWORD", "データベースのパスワードを設定してください", "set the database password")
    certificate = needed(
        "DB_ROOT_CERT",
        "データベースの証明書を確かめるルート証明書のファイルを設定してください",
        "name the file of root certificates that the database's certificate is verified with",
        holds=Path(env("DB_ROOT_CERT")).is_file(),
    )
    for database in databases.values():
        database["OPTIONS"].update(sslmode="verify-full", sslrootcert=certificate)
        database["CONN_MAX_AGE"] = 60


def needed_blobs(folder: Any) -> dict[str, Any]:
    """The storage of sealed files: a bucket, or `folder` at another place."""
    place = needed(
        "BLOBS",
        "暗号化したファイルの置き場所(s3://バケット か フォルダーの絶対パス)を設定してください",
        "name where sealed files are kept, s3://bucket or an absolute folder",
        holds=bool(re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]|/.*", env("BLOBS"))),
    )
    if not place.startswith("s3://"):
        return {**folder, "OPTIONS": {**folder["OPTIONS"], "location": Path(place)}}
    endpoint = env("S3_ENDPOINT")
    if endpoint:
        needed(
            "S3_ENDPOINT",
            "https:// で始まる住所を設定してください",
            "set an address that starts with https://",
            holds=urlsplit(endpoint).scheme == "https" and bool(urlsplit(endpoint).hostname),
        )
    return {
        "BACKEND": "vault.s3.S3Blobs",
        "OPTIONS": {"bucket": place.removeprefix("s3://"), "endpoint": endpoint},
    }
