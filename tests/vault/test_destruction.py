"""A key of a marking that was destroyed stays so, whatever older database and disk are put back."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from audit.models import Event
from tests.vault.letters.models import Letter
from tests.vault.test_rotation_root import finish, rooted, suite_key_again  # noqa: F401 - fixtures
from tests.world import as_owner
from vault import Unreadable, keys
from vault.models import MarkingKey
from vault.providers import KeyProviderUnavailable

TEXT = "HI//SEMICON"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rooted")]


def destroy(version: int = 1, marking: str = TEXT) -> str:
    out = StringIO()
    call_command("destroy_key", marking, str(version), "--settle", "0", stdout=out)
    return out.getvalue()


def rotate_marking() -> None:
    call_command("rotate_keys", "marking", TEXT, stdout=StringIO())


def test_an_older_database_put_back_opens_nothing(root_key: Path) -> None:
    letter = Letter(title="題名")
    letter.save()
    old_row = Letter.objects.filter(pk=letter.pk).values("wrapped_key", "key_version")[0]
    old_key = MarkingKey.objects.get(marking=TEXT)
    old_wrapped = bytes(old_key.wrapped)

    rotate_marking()
    assert "--finish" in destroy()
    gone = MarkingKey.objects.get(marking=TEXT, version=1)
    assert (bytes(gone.wrapped), bool(gone.destroyed)) == (b"", True)
    finish()
    keys.forget()
    assert Letter.objects.get(pk=letter.pk).title == "題名"  # the survivors

    with as_owner():  # the older database and its rows
        MarkingKey.objects.filter(pk=gone.pk).update(wrapped=old_wrapped, destroyed=None)
        Letter.objects.filter(pk=letter.pk).update(**old_row)
    keys.forget()
    with pytest.raises((Unreadable, KeyProviderUnavailable)):
        assert Letter.objects.get(pk=letter.pk).title
    with as_owner():
        assert Event.objects.filter(act="key.destroy", label=TEXT).count() == 1


def test_a_key_that_is_needed_is_not_destroyed() -> None:
    letter = Letter(title="題名")
    letter.save()
    with pytest.raises(CommandError, match="使用中"):
        destroy()
    rotate_marking()
    left = Letter(title="残り")
    left.save()
    with as_owner():  # as a process does that still had the old key in memory
        Letter.objects.filter(pk=left.pk).update(key_version=1)
    with pytest.raises(CommandError, match="破棄しません"):
        destroy()
    assert MarkingKey.objects.get(marking=TEXT, version=1).wrapped


def test_what_is_not_there_or_not_finished_is_told_of() -> None:
    Letter(title="題名").save()
    with pytest.raises(CommandError, match="ないか"):
        destroy(7)
    rotate_marking()
    destroy()
    with pytest.raises(CommandError, match="すでに破棄"):
        destroy()
    rotate_marking()
    with pytest.raises(CommandError, match="--finish"):
        destroy(2)
