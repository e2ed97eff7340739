"""The units of deploy/ start again whatever dies, and nothing that refused to start."""

from __future__ import annotations

import re

import pytest
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from portal import checks
from portal.embedded.instance import ROOT

UNITS = sorted((ROOT / "deploy").glob("*.service"))


def said(unit: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)


@pytest.mark.parametrize("unit", [path.read_text() for path in UNITS], ids=[path.stem for path in UNITS])
def test_whatever_dies_is_started_again_however_often(unit: str) -> None:
    assert said(unit, "Restart") == ["always"]
    assert said(unit, "StartLimitIntervalSec") == ["0"]
    assert float(said(unit, "RestartSec")[0]) <= 2
    assert said(unit, "RestartPreventExitStatus") == [str(checks.EXIT_CODE)]
    assert unit.index("StartLimitIntervalSec") < unit.index("[Service]")  # elsewhere systemd does not read it


def test_the_onion_service_is_the_intake_under_another_name_and_port_and_in_the_same_folder() -> None:
    """A folder of its own would have a key of its own: two fingerprints, and nobody to carry what came in."""
    intake, onion = ((ROOT / "deploy" / f"entaku-{name}.service").read_text() for name in ("intake", "intake-onion"))
    more = said(onion, "EnvironmentFile")[1:]
    assert more == ["/etc/entaku/intake-onion.env"]
    same = onion.replace(f"EnvironmentFile={more[0]}\n", "").replace("127.0.0.1:8002", "127.0.0.1:8001")
    told = re.compile(r"^(?:#|Description=).*\n", re.MULTILINE)
    assert told.sub("", same) == told.sub("", intake)
    assert "HiddenServicePort 80 127.0.0.1:8002" in (ROOT / "deploy" / "tor" / "torrc").read_text()


def started(connection: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(checks, "connections", {})
    with pytest.raises(SystemExit) as ended:
        checks.refuse_unless_confined(connection)
    return ended.value.code


@pytest.mark.django_db
def test_a_database_that_is_away_at_the_start_is_no_refusal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checks, "PATIENCE", 0.3)
    away = connections["default"].copy()
    away.settings_dict |= {"HOST": "/nonexistent"}
    assert started(away, monkeypatch) == checks.AGAIN_CODE
    assert checks.AGAIN_CODE != checks.EXIT_CODE  # also what keeps gunicorn from trying again
    assert "cannot reach its database" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_database_that_comes_back_in_time_is_started_with(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def there_at_the_third(connection: BaseDatabaseWrapper) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("connection refused")

    monkeypatch.setattr(checks, "connections", {})
    monkeypatch.setattr(checks, "assert_confined", there_at_the_third)
    checks.refuse_unless_confined(connections["default"].copy())
    assert len(tries) == 3
