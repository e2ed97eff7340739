"""A deployment: refuses to start, in one sentence, as long as something it depends on is missing or insecure."""

import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import CACHES, CEILING, DATABASES, STORAGES, env, number
from .needing import guarded_database, needed, needed_blobs, needed_file, needed_hosts, needed_secret

if "ENTAKU_DEMO" in os.environ:
    raise ImproperlyConfigured("ENTAKU_DEMO: 本番では見本を動かせません / the demo does not exist in production.")
if CEILING > 2:
    raise ImproperlyConfigured(
        "ENTAKU_CEILING: 区分3以上は enclave の設定でだけ扱えます / levels from 3 up need the enclave settings."
    )

SECRET_KEY = needed_secret()

# --- names and transport --------------------------------------------------------------------------------------

ORIGIN = needed(
    "ORIGIN",
    "https:// で始まる公開の住所を設定してください",
    "set the public address, starting with https://",
    holds=env("ORIGIN").startswith("https://"),
)
ALLOWED_HOSTS = needed_hosts("HOSTS")
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
DESK_COOKIE_NAME = "__Host-entaku_desk"

# --- database -------------------------------------------------------------------------------------------------

guarded_database(DATABASES)

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

STORAGES["blobs"] = needed_blobs(STORAGES["blobs"])

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
