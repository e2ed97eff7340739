"""The figures in docs/limits.md are those of the code."""

from __future__ import annotations

import re
from datetime import timedelta
from pydoc import locate
from typing import Any

import pytest
from django.conf import settings

from accounts import sessions
from accounts.assurance import PASSKEY_LASTS, SECOND_FACTOR_LASTS
from accounts.services import invitations
from accounts.tasks import RESET_AT_MOST_EVERY

from .pages import DOCS, text

PAGE = text(DOCS / "limits.md")
UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
TOLD = re.findall(r"^\| [^|]+ \| ([\d,]+)( [KMG]iB)? \| `([\w.]+)` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("number", "unit", "symbol"), TOLD, ids=[symbol for _number, _unit, symbol in TOLD])
def test_each_figure_is_that_of_its_symbol(number: str, unit: str, symbol: str) -> None:
    assert locate(symbol) == int(number.replace(",", "")) * UNITS.get(unit.strip(), 1)


def test_the_table_of_figures_is_read() -> None:
    section = PAGE.split("## How much")[1].split("\n## ")[0]
    assert len(TOLD) == section.count("\n| ") - 1


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("failed sign-ins of one account from one source | 5 in 5 minutes", "5/5m/key"),
        ("failed sign-ins from one source | 20 a minute", "20/m/ip"),
        ("tries at one account by all strange browsers together | 30 an hour", "30/h/key"),
        ("requests for the sign-in from one source | 60 a minute", "60/m/ip"),
        ("proving again | 10 a minute", "10/m/user"),
        ("a new password by letter | 10 a minute from one source; one letter in 5 minutes", "10/m/ip"),
        ("links of invitations | 20 a minute from one source", "20/m/ip"),
    ],
)
def test_the_limits_of_sign_in_are_those_of_the_settings(said: str, limit: str) -> None:
    assert f"| {said} |" in PAGE
    rates: dict[str, Any] = settings.ACCOUNT_RATE_LIMITS
    assert limit in ",".join(rates.values())


def test_spans_of_time_are_those_of_the_code() -> None:
    assert sessions.IDLE == SECOND_FACTOR_LASTS == timedelta(minutes=60)
    assert timedelta(minutes=15) == PASSKEY_LASTS
    assert timedelta(seconds=settings.SESSION_COOKIE_AGE) == timedelta(hours=12)
    assert timedelta(days=7) == invitations.LASTS
    assert settings.PASSWORD_RESET_TIMEOUT == 60 * 60
    assert RESET_AT_MOST_EVERY == 5 * 60
    for said in ("after 60 minutes without a click", "12 hours after the sign-in", "once, 7 days", "once, 60 minutes"):
        assert said in PAGE, said


def test_the_guide_closes_the_repository() -> None:
    assert "chmod 0700 /opt/entaku/.git" in text(DOCS / "operations.md").split("### 2.")[0]
