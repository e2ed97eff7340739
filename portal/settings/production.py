"""A deployment: refuses to start, in one sentence, as long as something it depends on is missing or insecure."""

import os
import re
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import CACHES, CEILING, DATABASES, STORAGES, env, number


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


if "ENTAKU_DEMO" in os.environ:
    raise ImproperlyConfigured("ENTAKU_DEMO: 本番では見本を動かせません / the demo does not exist in production.")
if CEILING > 2:
    raise ImproperlyConfigured(
        "ENTAKU_CEILING: 区分3以上は enclave の設定でだけ扱えます / levels from 3 up need the enclave settings."
    )

SECRET_KEY = needed(
    "SECRET_KEY",
    "50文字以上の乱数を設定してください",
    "set it to at least 50 random characters",
    holds=len(env("SECRET_KEY")) >= 50 and len(set(env("SECRET_KEY"))) >= 5,
)

# --- names and transport --------------------------------------------------------------------------------------

ORIGIN = needed(
    "ORIGIN",
    "https:// で始まる公開の住所を設定してください",
    "set the public address, starting with https://",
    holds=env("ORIGIN").startswith("https://"),
)
ALLOWED_HOSTS = listed("HOSTS")
needed(
    "HOSTS",
    "公開するホスト名をコンマ区切りで設定してください(* は使えません)",
    "name the served hosts, separated by commas, never *",
    holds=bool(ALLOWED_HOSTS) and not any("*" in host for host in ALLOWED_HOSTS),
)
CSRF_TRUSTED_ORIGINS = [ORIGIN]

needed(
    "TRUSTED_PROXIES",
    "前段にあるプロキシの数を設定してください(なければ 0)",
    "set the number of proxies in front, 0 for none",
)
TRUSTED_PROXIES = number("TRUSTED_PROXIES", 0, most=9)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True

# __Host-: the browser sends it to this host alone and takes it over TLS only (RFC 6265bis §4.1.3).
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-entaku_session"
CSRF_COOKIE_NAME = "__Host-entaku_csrf"
LANGUAGE_COOKIE_NAME = "__Host-entaku_language"
BROWSER_COOKIE_NAME = "__Host-entaku_browser"

# --- database -------------------------------------------------------------------------------------------------

needed("DB_HOST", "データベースのホスト名を設定してください", "name the database's host")
needed("DB_PASSWORD", "データベースのパスワードを設定してください", "set the database password")
_certificate = needed(
    "DB_ROOT_CERT",
    "データベースの証明書を確かめるルート証明書のファイルを設定してください",
    "name the file of root certificates that the database's certificate is verified with",
    holds=Path(env("DB_ROOT_CERT")).is_file(),
)
for _database in DATABASES.values():
    _options: Any = _database["OPTIONS"]
    _options.update(sslmode="verify-full", sslrootcert=_certificate)
    _database["CONN_MAX_AGE"] = 60

# --- broker and cache: a socket of this machine, or TLS --------------------------------------------------------


def guarded(name: str, socket: str) -> str:
    return needed(
        name,
        f"パスワードつきの rediss:// か {socket}:// の住所を設定してください",
        f"set an address with a password that starts with rediss:// or {socket}://",
        holds=urlsplit(env(name)).scheme in ("rediss", socket) and bool(urlsplit(env(name)).password),
    )


BROKER_URL = CELERY_BROKER_URL = guarded("BROKER_URL", "redis+socket")
CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED} if BROKER_URL.startswith("rediss://") else False
CACHES["default"]["LOCATION"] = guarded("CACHE_URL", "unix")

# --- keys -----------------------------------------------------------------------------------------------------

VAULT_PROVIDER = needed(
    "KEY_PROVIDER",
    "ルート鍵の置き場所を設定してください(vault.providers.FileProvider など)",
    "name where the root key is kept, for example vault.providers.FileProvider",
)
if VAULT_PROVIDER == "vault.providers.FileProvider":
    VAULT_ROOT_KEY_FILE = Path(
        needed_file("ROOT_KEY_FILE", "ルート鍵のファイルを設定してください", "name the file of the root key")
    )
if VAULT_PROVIDER == "vault.providers.Pkcs11Provider":
    VAULT_PKCS11_LIBRARY = needed_file(
        "PKCS11_LIBRARY",
        "PKCS#11 のライブラリーの絶対パスを設定してください",
        "name the PKCS#11 library by its absolute path",
    )
    VAULT_PKCS11_TOKEN = needed("PKCS11_TOKEN", "トークンの名前を設定してください", "name the token by its label")
    VAULT_PKCS11_PIN_FILE = needed_file(
        "PKCS11_PIN_FILE",
        "トークンの PIN を書いたファイルの絶対パスを設定してください",
        "name the file that holds the token's PIN",
    )

# --- files ----------------------------------------------------------------------------------------------------

_blobs = needed(
    "BLOBS",
    "暗号化したファイルの置き場所(s3://バケット か フォルダーの絶対パス)を設定してください",
    "name where sealed files are kept, s3://bucket or an absolute folder",
    holds=bool(re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]|/.*", env("BLOBS"))),
)
if _blobs.startswith("s3://"):
    _endpoint = env("S3_ENDPOINT")
    if _endpoint:
        needed(
            "S3_ENDPOINT",
            "https:// で始まる住所を設定してください",
            "set an address that starts with https://",
            holds=urlsplit(_endpoint).scheme == "https" and bool(urlsplit(_endpoint).hostname),
        )
    STORAGES["blobs"] = {
        "BACKEND": "vault.s3.S3Blobs",
        "OPTIONS": {"bucket": _blobs.removeprefix("s3://"), "endpoint": _endpoint},
    }
else:
    STORAGES["blobs"]["OPTIONS"]["location"] = Path(_blobs)  # type: ignore[index]

# --- the security log's way out: people and source addresses leave this machine over TLS only --------------------

if env("SIEM"):
    needed(
        "SIEM",
        "tls:// で始めてください(同じサーバーの中へは udp://、tcp:// も使えます)",
        "start it with tls://; udp:// and tcp:// reach this machine only",
        holds=env("SIEM").startswith("tls://") or urlsplit(env("SIEM")).hostname in ("localhost", "127.0.0.1", "::1"),
    )

# --- mail -----------------------------------------------------------------------------------------------------

_mail = needed(
    "MAIL", "smtp か none を設定してください", "set it to smtp or none", holds=env("MAIL") in ("smtp", "none")
)
if _mail == "smtp":
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = needed("SMTP_HOST", "メールサーバーを設定してください", "name the mail server")
    EMAIL_PORT = number("SMTP_PORT", 587, most=65535)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env("SMTP_USER"), env("SMTP_PASSWORD")
    EMAIL_USE_SSL = EMAIL_PORT == 465  # TLS from the first byte (RFC 8314); everywhere else STARTTLS
    EMAIL_USE_TLS = not EMAIL_USE_SSL
    EMAIL_TIMEOUT = 10
    DEFAULT_FROM_EMAIL = needed("MAIL_FROM", "差出人のアドレスを設定してください", "set the sender's address")
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
