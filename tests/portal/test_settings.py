"""The settings: production refuses what is missing or insecure, intake knows nobody, only embedded has the demo."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent.parent
COMPLETE = {
    "ENTAKU_SECRET_KEY": "q7Zk2" * 10,
    "ENTAKU_ORIGIN": "https://entaku.example",
    "ENTAKU_HOSTS": "entaku.example, www.entaku.example",
    "ENTAKU_TRUSTED_PROXIES": "1",
    "ENTAKU_DB_HOST": "database.example",
    "ENTAKU_DB_PASSWORD": "secret",
    "ENTAKU_DB_ROOT_CERT": __file__,
    "ENTAKU_BROKER_URL": "rediss://:secret@broker.example/0",
    "ENTAKU_CACHE_URL": "rediss://:secret@broker.example/1",
    "ENTAKU_KEY_PROVIDER": "vault.providers.FileProvider",
    "ENTAKU_ROOT_KEY_FILE": "/run/secrets/root.key",
    "ENTAKU_BLOBS": "s3://blobs",
    "ENTAKU_MAIL": "smtp",
    "ENTAKU_SMTP_HOST": "mail.example",
    "ENTAKU_MAIL_FROM": "entaku@entaku.example",
}


pytestmark = pytest.mark.usefixtures("fresh_settings")


def load(monkeypatch: pytest.MonkeyPatch, name: str, environment: dict[str, str]) -> ModuleType:
    for variable in [variable for variable in os.environ if variable.startswith("ENTAKU_")]:
        monkeypatch.delenv(variable)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    return importlib.import_module(f"portal.settings.{name}")


def test_production_loads_when_everything_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, "production", COMPLETE)
    assert settings.ALLOWED_HOSTS == ["entaku.example", "www.entaku.example"]
    assert settings.DATABASES["default"]["OPTIONS"]["sslmode"] == "verify-full"
    assert settings.DATABASES["default"]["OPTIONS"]["sslrootcert"] == __file__
    assert settings.SESSION_COOKIE_SECURE
    assert settings.CSRF_COOKIE_SECURE
    assert settings.LANGUAGE_COOKIE_SECURE
    assert settings.SECURE_SSL_REDIRECT
    assert settings.SECURE_HSTS_SECONDS >= 365 * 24 * 3600
    names = [name for name in dir(settings) if name.endswith("_COOKIE_NAME")]
    assert sorted(names) == [f"{kind}_COOKIE_NAME" for kind in ("BROWSER", "CSRF", "DESK", "LANGUAGE", "SESSION")]
    assert all(getattr(settings, name).startswith("__Host-") for name in names)
    assert not settings.DEMO
    assert not settings.DEBUG
    assert settings.ROOT_URLCONF == "portal.urls"


@pytest.mark.parametrize("name", sorted(COMPLETE))
def test_production_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"^{name}: .+ / .+\.$"):
        load(monkeypatch, "production", {**COMPLETE, name: ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENTAKU_SECRET_KEY", ("q7Zk2" * 10)[1:]),
        ("ENTAKU_SECRET_KEY", "k" * 50),
        ("ENTAKU_ORIGIN", "http://entaku.example"),
        ("ENTAKU_HOSTS", "*"),
        ("ENTAKU_HOSTS", "entaku.example,*.example"),
        ("ENTAKU_HOSTS", " , "),
        ("ENTAKU_TRUSTED_PROXIES", "-1"),
        ("ENTAKU_DB_ROOT_CERT", "/nowhere/root.crt"),
        ("ENTAKU_BROKER_URL", "redis://:secret@broker.example/0"),
        ("ENTAKU_BROKER_URL", "rediss://broker.example:6379/0"),
        ("ENTAKU_CACHE_URL", "redis://:secret@broker.example/0"),
        ("ENTAKU_ROOT_KEY_FILE", "root.key"),
        ("ENTAKU_BLOBS", "blobs"),
        ("ENTAKU_MAIL", "yes"),
        ("ENTAKU_SIEM", "udp://siem.example"),
        ("ENTAKU_SIEM", "tcp://localhost.siem.example"),
        ("ENTAKU_CEILING", "3"),
        ("ENTAKU_CEILING", "two"),
        ("ENTAKU_CEILING", "-1"),
        ("ENTAKU_DB_PORT", "65536"),
        ("ENTAKU_SMTP_PORT", "smtp"),
        ("ENTAKU_TRUSTED_PROXIES", "one"),
        ("ENTAKU_DEMO", ""),
    ],
)
def test_production_refuses_what_is_insecure(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=rf"^{name}: .+ / .+\.$"):
        load(monkeypatch, "production", {**COMPLETE, name: value})


@pytest.mark.parametrize(
    ("process", "code"),
    [
        (["manage.py", "check"], 1),
        (["manage.py", "readiness"], 1),
        (["-c", "import portal.wsgi"], 3),  # gunicorn's master then gives up
        (["-m", "celery", "--app", "portal.celery", "worker"], 3),
        (["-m", "celery", "--app", "portal.celery", "beat"], 3),
    ],
)
@pytest.mark.parametrize("name", ["ENTAKU_SECRET_KEY", "ENTAKU_CEILING"])
def test_each_process_refuses_in_one_sentence(process: list[str], code: int, name: str) -> None:
    done = python(*process, settings="production", **{**COMPLETE, name: "x"})
    assert done.returncode == code
    assert re.fullmatch(rf"{name}: .+ / .+\.\n", done.stderr), done.stderr


@pytest.mark.parametrize("asked", [["--database", "owner"], ["--database=owner"]])
def test_migrating_without_the_owners_password_names_what_is_missing(asked: list[str]) -> None:
    done = python("manage.py", "migrate", *asked, settings="production", **COMPLETE)
    assert done.returncode == 1
    assert re.fullmatch(r"ENTAKU_DB_OWNER_PASSWORD: .+ / .+\.\n", done.stderr), done.stderr


def test_a_forwarded_scheme_is_believed_only_behind_a_declared_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, "production", {**COMPLETE, "ENTAKU_TRUSTED_PROXIES": "0"})
    assert settings.SECURE_PROXY_SSL_HEADER is None
    assert settings.ALLAUTH_TRUSTED_PROXY_COUNT == 0


def test_production_passes_djangos_deployment_checks() -> None:
    done = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", settings="production", **COMPLETE)
    assert done.returncode == 0, done.stderr


def test_a_pooler_in_transaction_mode_may_stand_before_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    database = load(monkeypatch, "production", COMPLETE | {"ENTAKU_DB_PREPARED": "no"}).DATABASES["default"]
    assert database["DISABLE_SERVER_SIDE_CURSORS"]
    assert not database["OPTIONS"].get("server_side_binding")
    assert "prepare_threshold" not in database["OPTIONS"]  # Django's default: never prepare


@pytest.mark.parametrize("name", ["base", "production", "intake"])
def test_the_demo_is_only_in_the_embedded_settings(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    settings = load(monkeypatch, name, COMPLETE)
    assert not getattr(settings, "DEMO", False)
    assert "embedded" not in settings.ROOT_URLCONF


INTAKE = """
import io, sys, django
django.setup()
from portal.content_types import Handler
answered = []
environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/healthz", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
           "HTTP_HOST": "localhost", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr}
handler = Handler()
def ask(**more):
    body = b"".join(handler({**environ, **more}, lambda status, headers: answered.append((status, dict(headers)))))
    return *answered.pop(), body.decode()
status, headers, body = ask()
assert (status, body) == ("200 OK", "ok\\n"), (status, body)
assert "Set-Cookie" not in headers and "Content-Security-Policy" in headers, headers
for kind in ("multipart/form-data; boundary=b; charset=rot13", "text/plain; charset*=utf-8''%00", "a; charset=hex"):
    for language, path, words in (("ja", "/", "受け取れませんでした"), ("en", "/en/", "We could not take this in")):
        for verb in ("GET", "POST"):
            status, headers, body = ask(REQUEST_METHOD=verb, CONTENT_TYPE=kind, PATH_INFO=path)
            assert status.startswith("400 ") and f"<h1>{words}</h1>" in body, (kind, verb, status, body)
            assert f'lang="{language}"' in body and "Set-Cookie" not in headers, headers
walls = ("accounts", "clearance", "guardian", "allauth", "django.contrib.auth", "django.contrib.sessions")
print([name for name in sys.modules if name.startswith(walls)])
"""


def test_the_intake_process_loads_nothing_that_knows_people() -> None:
    done = python("-c", INTAKE, settings="intake", ENTAKU_SECRET_KEY="k" * 50)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


@pytest.mark.parametrize("siem", ["tls://siem.example", "udp://127.0.0.1", "tcp://localhost:1514"])
def test_entries_of_the_security_log_leave_the_machine_over_tls_only(
    monkeypatch: pytest.MonkeyPatch, siem: str
) -> None:
    assert siem == load(monkeypatch, "production", {**COMPLETE, "ENTAKU_SIEM": siem}).SIEM


def test_the_intake_process_connects_as_a_role_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, "intake", {"ENTAKU_DB_PASSWORD": "secret"})
    assert settings.DATABASES["default"]["USER"] == "portal_intake"
    assert list(settings.DATABASES) == ["default"]


def python(*arguments: str, settings: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": f"portal.settings.{settings}", **environment},
    )  # fmt: skip
