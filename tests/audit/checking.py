"""`manage.py audit_verify` as the tests run it: what it said, and how it ended."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.operator import EXIT_FAULTS
from tests.world import as_role


def verified(*options: str) -> str:
    out = io.StringIO()
    with as_role("portal_worker"):
        call_command("audit_verify", "--database=default", *options, stdout=out)
    return out.getvalue()


def failing(*options: str, code: int = EXIT_FAULTS) -> str:
    out = io.StringIO()
    with as_role("portal_worker"), pytest.raises(CommandError) as failure:
        call_command("audit_verify", "--database=default", *options, stdout=out)
    assert failure.value.returncode == code
    return f"{out.getvalue()}{failure.value}"
