"""The example in containers: what it gives is what the production settings ask for, and nothing in it may do more."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.embedded.instance import ROOT
from tests.portal.machines.yaml import read

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = read((DEPLOY / "compose.yaml").read_text())
TRIAL: dict[str, Any] = read((DEPLOY / "compose.trial.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROGRAMS = ("web", "worker", "beat", "prepare", "manage")
ASKED = re.compile(r"\$\{(\w+)(:\?|:-[^}]*)?\}")
SECRET = re.compile(r"PASSWORD|SECRET|KEY_ID|TOKEN")
# What the libraries read, and the production settings do not: S3's, and where OpenSSL finds its roots.
LIBRARIES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_EC2_METADATA_DISABLED",
             "AWS_CA_BUNDLE", "SSL_CERT_FILE", "DJANGO_SETTINGS_MODULE"}  # fmt: skip
FILLED = {
    "ENTAKU_SECRET_KEY": "q7Zk2" * 10, "ENTAKU_ORIGIN": "https://entaku.example", "ENTAKU_HOSTS": "entaku.example",
    "ENTAKU_MAIL": "smtp", "ENTAKU_MAIL_FROM": "entaku@entaku.example", "ENTAKU_SMTP_HOST": "mail.example",
    "ENTAKU_HSM_FOLDER": "/opt/hsm", "ENTAKU_HSM_LIBRARY": "/opt/hsm/lib.so", "ENTAKU_HSM_TOKEN": "entaku",
}  # fmt: skip


def filled(value: object) -> str:
    """As Compose fills it in from the file of settings."""

    def fill(match: re.Match[str]) -> str:
        default = match[2] or ""
        return FILLED.get(match[1]) or (default[2:] if default.startswith(":-") else "filled-in")

    return ASKED.sub(fill, str(value))


def production(
    patch: pytest.MonkeyPatch, environment: Mapping[str, str], asked: set[str] | None = None, of: str = "production"
) -> Any:
    """The production settings under that environment, which name in `asked` each variable they look at."""
    for name in [name for name in os.environ if name.startswith("ENTAKU_")]:
        patch.delenv(name)
    for name, value in environment.items():
        patch.setenv(name, value)
    for name in [name for name in sys.modules if name.startswith("portal.settings.")]:
        del sys.modules[name]
    if asked is not None:
        module = importlib.import_module("portal.settings.environment")
        env = module.env

        def told(name: str, default: str = "") -> str:
            asked.add(f"ENTAKU_{name}")
            return str(env(name, default))

        patch.setattr(module, "env", told)
    return importlib.import_module(f"portal.settings.{of}")


def given_to(service: str) -> dict[str, str]:
    found = {name: filled(value) for name, value in SERVICES[service]["environment"].items()}
    return found | {"ENTAKU_DB_ROOT_CERT": __file__}  # in the container a secret; here any file that is there


@pytest.mark.usefixtures("fresh_settings")
@pytest.mark.parametrize("service", PROGRAMS)
def test_each_process_gets_what_it_needs_and_nothing_unknown(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    asked = {"ENTAKU_VAR"}  # asked by the module that asks, as it is imported
    given = given_to(service)
    settings = production(monkeypatch, given, asked)
    assert set(given) <= asked | LIBRARIES
    assert settings.STORAGES["blobs"]["BACKEND"] == "vault.s3.S3Blobs"
    assert settings.DATABASES["default"]["USER"] == ("portal_worker" if service in ("worker", "beat") else "portal_app")
    assert ("owner" in settings.DATABASES) == (service in ("prepare", "manage"))
    assert settings.DATABASES["default"]["HOST"] == ("postgres" if "owner" in settings.DATABASES else "pooler")


@pytest.mark.usefixtures("fresh_settings")
def test_without_any_of_what_is_asked_for_nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the test before this one proves something: the settings do refuse what is left out."""
    given = given_to("web")
    optional = {"ENTAKU_VAR", "ENTAKU_DB_PORT", "ENTAKU_DB_USER", "ENTAKU_S3_ENDPOINT", "ENTAKU_SMTP_PORT",
                "ENTAKU_SMTP_USER", "ENTAKU_SMTP_PASSWORD", "ENTAKU_SIEM", "ENTAKU_HOOKS",
                "ENTAKU_HOOK_NETWORKS", "ENTAKU_HOOK_ROOT_CERT"}  # fmt: skip
    for name in sorted(set(given) - LIBRARIES - optional):
        with pytest.raises(ImproperlyConfigured, match=rf"^{name}: "):
            production(monkeypatch, {**given, name: ""})


@pytest.mark.usefixtures("fresh_settings")
@pytest.mark.parametrize("endpoint", ["http://objects:8333", "objects:8333", "https://"])
def test_an_s3_endpoint_without_tls_is_refused(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^ENTAKU_S3_ENDPOINT: .+ / .+\.$"):
        production(monkeypatch, given_to("web") | {"ENTAKU_S3_ENDPOINT": endpoint})


@pytest.mark.usefixtures("fresh_settings")
def test_the_intakes_example_of_settings_is_what_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    example = dict(re.findall(r"^(\w+)=(.*)$", (DEPLOY / "intake.env.example").read_text(), re.MULTILINE))
    assert example.pop("DJANGO_SETTINGS_MODULE") == "portal.settings.intake_production"
    blank = {
        "ENTAKU_SECRET_KEY": "q7Zk2" * 10, "ENTAKU_INTAKE_HOSTS": "intake.example", "ENTAKU_DB_HOST": "db.example",
        "ENTAKU_DB_PASSWORD": "filled-in", "ENTAKU_BLOBS": "s3://blobs",
    }  # fmt: skip
    assert not any(example[name] for name in blank), "no secret stands in the file"
    asked = {"ENTAKU_VAR"}
    filled = {**example, **blank, "ENTAKU_DB_ROOT_CERT": __file__}
    settings = production(monkeypatch, filled, asked, "intake_production")
    assert set(example) <= asked
    assert settings.STORAGES["office"]["BACKEND"] == "vault.s3.S3Blobs"
    assert settings.CONSULTATION_KEPT_DAYS == 365
    for name in blank:
        with pytest.raises(ImproperlyConfigured, match=rf"^{name}: "):
            production(monkeypatch, {**filled, name: ""}, of="intake_production")


@pytest.mark.parametrize("password", ["", "of-the-intake"])
def test_the_intakes_role_can_be_taken_once_it_has_a_password(tmp_path: Path, password: str) -> None:
    """The script with a psql that keeps what it is told."""
    (tmp_path / "psql").write_text('#!/bin/sh\ncat >>"$TOLD"\n')
    (tmp_path / "psql").chmod(0o700)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "TOLD": str(tmp_path / "told"), "INTAKE_PASSWORD": password}
    subprocess.run(["/bin/sh", DEPLOY / "postgres" / "roles.sh"], env=environment, check=True)
    told = (tmp_path / "told").read_text()
    assert re.search(r"^CREATE ROLE portal_intake NOLOGIN NOSUPERUSER ", told, re.MULTILINE)
    assert ("ALTER ROLE portal_intake LOGIN PASSWORD :'intake';" in told) == bool(password)
    assert not password or password not in told
    asked = set(re.findall(r"^\\getenv \w+ (\w+)$", told, re.MULTILINE))
    assert asked | {"INTAKE_PASSWORD"} <= set(SERVICES["postgres"]["environment"])


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_nothing_may_write_or_become_more_than_it_must(service: str) -> None:
    it = SERVICES[service]
    assert it["read_only"] is True
    assert it["cap_drop"] == ["ALL"]
    assert it["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", it["user"])
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices", "userns_mode"} & set(it)
    assert ("ports" in it) == (service == "nginx")
    assert not any("docker.sock" in str(volume) for volume in it.get("volumes", []))


def test_what_holds_the_data_is_on_no_network_that_leads_out() -> None:
    networks = COMPOSE["networks"]
    assert {name for name, network in networks.items() if network.get("internal")} == {"front", "back"}
    for service in ("postgres", "pooler", "valkey", "objects"):
        assert SERVICES[service]["networks"] == ["back"]
    assert "back" not in SERVICES["nginx"]["networks"]


def test_there_is_no_secret_in_any_of_the_files() -> None:
    for service, it in SERVICES.items():
        for name, value in it.get("environment", {}).items():
            if SECRET.search(name) and not str(value).startswith(("/run/secrets/", "${")):
                raise AssertionError(f"{service}: {name}")
    for text in (value["content"] for value in COMPOSE["configs"].values()):
        for line in text.splitlines():
            if re.search(r"requirepass|secretKey|^\"", line):
                assert ASKED.search(line), line
    example = (DEPLOY / "compose.env.example").read_text()
    assert not re.search(r"^\w+=.+", example, re.MULTILINE)


def test_the_example_of_settings_names_what_the_file_asks_for() -> None:
    asked = {match[1] for match in ASKED.finditer((DEPLOY / "compose.yaml").read_text())}
    assert asked == set(re.findall(r"^(\w+)=", (DEPLOY / "compose.env.example").read_text(), re.MULTILINE))


def test_each_secret_config_volume_and_network_is_there_and_used() -> None:
    used: dict[str, set[str]] = {"secrets": set(), "configs": set(), "networks": set()}
    volumes: set[str] = set()
    for it in SERVICES.values():
        used["secrets"] |= set(it.get("secrets", []))
        used["networks"] |= set(it["networks"])
        used["configs"] |= {config["source"] for config in it.get("configs", [])}
        volumes |= {name for volume in it.get("volumes", []) if (name := volume.split(":")[0]).isidentifier()}
    assert used == {kind: set(COMPOSE[kind]) for kind in used}
    assert volumes == set(COMPOSE["volumes"])


def test_the_pooler_works_by_transactions_and_verifies_both_ways() -> None:
    lines = dict(line.split(" = ", 1) for line in COMPOSE["configs"]["pooler"]["content"].splitlines() if " = " in line)
    assert lines["pool_mode"] == "transaction"
    assert int(lines["max_prepared_statements"]) > 0  # the settings prepare: ENTAKU_DB_PREPARED is not given
    assert lines["client_tls_sslmode"] == "require"
    assert lines["server_tls_sslmode"] == "verify-full"
    assert "portal_owner" not in COMPOSE["configs"]["pooler-users"]["content"]


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_each_process_runs_as_its_unit_of_systemd_does(service: str) -> None:
    unit = (DEPLOY / f"entaku-{service}.service").read_text()
    started = shlex.split(re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)[0])
    place = {"127.0.0.1:8000": "0.0.0.0:8000", "/var/lib/entaku/beat": "/tmp/beat"}  # the container's own
    assert SERVICES[service]["command"] == [started[0].rpartition("/")[2], *(place.get(a, a) for a in started[1:])]


def test_beat_is_one_and_the_others_are_several() -> None:
    assert "deploy" not in SERVICES["beat"]
    assert all(SERVICES[name]["deploy"]["replicas"] >= 2 for name in ("web", "worker"))


def test_the_trial_changes_the_token_alone() -> None:
    assert set(TRIAL["services"]) == set(PROGRAMS)
    for it in TRIAL["services"].values():
        assert set(it) == {"image", "build", "volumes"}


def test_the_images_run_as_the_users_that_the_services_name() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    stages = dict(re.findall(r"FROM \S+ AS (\w+)\n(.*?)(?=\nFROM|\Z)", text, re.DOTALL))
    for it in SERVICES.values():
        if "build" in it:
            assert re.findall(r"^USER (.+)$", stages[it["build"]["target"]], re.MULTILINE)[-1] == it["user"]
    assert not re.search(r"^(ARG|ENV) .*(PASSWORD|SECRET|KEY)", text, re.MULTILINE)


@pytest.mark.parametrize("text", ["a: >\n  b", "a: &x", "a\n", "a: 1\na: 2", "a: !b c", "- a: b: c", "a: [b]"])
def test_what_the_reader_does_not_know_it_refuses(text: str) -> None:
    with pytest.raises((ValueError, KeyError, IndexError)):
        raise ValueError(read(text))
