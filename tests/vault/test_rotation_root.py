"""A new root key takes over: nobody is signed out, nothing is lost, and the old one goes at the end."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import Session
from clearance.privileges import lay_context_keys
from portal import rotation as root
from tests.vault.letters.models import Letter
from tests.world import World, as_owner, sign_in
from vault import keys, signing
from vault.boxes import Box
from vault.models import MarkingKey, SigningKey
from vault.providers import FileProvider, Generations, KeyProviderUnavailable, generation_of, provider

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rooted(root_key: Path) -> Path:
    """A root key of this test's own that the database's functions believe; afterwards the suite's again."""
    lay_context_keys(using="owner")
    return root_key


@pytest.fixture(autouse=True)
def suite_key_again(settings: Settings) -> Iterator[None]:
    before = settings.VAULT_ROOT_KEY_FILE
    yield
    settings.VAULT_ROOT_KEY_FILE = before
    keys.forget()
    lay_context_keys(using="owner")


def rotate(*options: str) -> str:
    out = StringIO()
    call_command("rotate_keys", "root", *options, stdout=out)
    return out.getvalue()


def finish() -> str:
    return rotate("--finish", "--settle", "0")


def works(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_everything_comes_over_and_the_old_key_is_gone(rooted: Path, world: World) -> None:
    person = world.official
    with as_owner():
        person.set_password("correct horse battery staple")
        person.save()
    client = sign_in(person)
    assert works(client)
    letter = Letter(title="題名")
    letter.save()
    with as_owner():
        signature = signing.sign(b"head")
    public = signing.public_key()
    before = provider().generations().current

    said = rotate()
    assert "--finish" in said
    after = provider().generations()
    assert (after.current != before, after.ending) == (True, (before,))
    wraps = [row.wrapped for row in MarkingKey.objects.all()]
    wraps += [row.wrapped for row in SigningKey.objects.using("owner").all()]
    assert {generation_of(bytes(wrapped)) for wrapped in wraps} == {after.current}

    assert "破棄しました" in finish()
    assert provider().generations().all == [after.current]
    keys.forget()
    assert Letter.objects.get(pk=letter.pk).title == "題名"
    assert signing.verify(b"head", signature)
    assert signing.public_key() == public
    person.refresh_from_db()
    assert person.check_password("correct horse battery staple")
    assert works(client)  # nobody is signed out


def test_second_factors_come_over(rooted: Path, world: World) -> None:
    whose = str(world.official.pk).encode()
    secret, code = (b64encode(Box("totp").seal(text, whose)).decode() for text in (b"JBSWY3DPEHPK3PXP", b"12345678"))
    with as_owner():
        totp = Authenticator.objects.create(user=world.official, type="totp", data={"secret": secret})
        codes = Authenticator.objects.create(
            user=world.official, type="recovery_codes", data={"migrated_codes": [code], "used_mask": 0}
        )
    rotate()
    finish()
    keys.forget()
    totp.refresh_from_db()
    codes.refresh_from_db()
    assert Box("totp").open(b64decode(totp.data["secret"]), whose) == b"JBSWY3DPEHPK3PXP"
    assert Box("totp").open(b64decode(codes.data["migrated_codes"][0]), whose) == b"12345678"


def test_between_each_two_steps_people_work_and_another_run_goes_on(rooted: Path, world: World) -> None:
    """As after a kill: each of these is where one can happen."""
    client = sign_in(world.official)
    letter = Letter(title="題名")
    letter.save()
    old = provider().generations().current

    def holds() -> None:
        keys.forget()
        assert works(client)
        assert Letter.objects.get(pk=letter.pk).title == "題名"

    waiting = provider().add()
    holds()
    assert provider().add() == waiting  # a second run makes no third key
    lay_context_keys(using="owner")
    holds()
    provider().promote()
    holds()
    next(root.bring_over(using="owner"))
    holds()
    rotate()
    assert provider().generations().ending == (old,)
    holds()
    rotate()  # once more changes nothing
    assert provider().generations().ending == (old,)
    finish()
    holds()
    assert Session.objects.count() == 1


def test_a_process_that_was_asleep_takes_the_new_key_and_no_foreign_one(rooted: Path, tmp_path: Path) -> None:
    asleep = FileProvider(rooted)
    blob = provider().wrap(bytes(32), b"")
    rotate()
    finish()
    asleep.check()
    assert asleep.generations() == provider().generations()
    with pytest.raises(KeyProviderUnavailable):
        asleep.unwrap(blob, b"")
    foreign = FileProvider.create(tmp_path / "foreign.key")
    foreign.path.replace(rooted)
    with pytest.raises(KeyProviderUnavailable, match="入れ替わりました"):
        asleep.check()
    assert asleep.generations() == Generations(asleep.key_id)


def test_the_old_key_stays_while_anything_is_under_it(rooted: Path) -> None:
    Letter(title="題名").save()
    rotate()
    ending = provider().generations().ending[0]
    with as_owner():
        MarkingKey.objects.update(wrapped=_under(ending))
    with pytest.raises(CommandError, match="破棄しません"):
        finish()
    assert provider().generations().ending == (ending,)


def _under(generation: bytes) -> bytes:
    """A wrap that names that root key and does not open."""
    return b"\x01" + generation + bytes(60)


def test_finishing_what_was_not_begun_is_refused(rooted: Path) -> None:
    with pytest.raises(CommandError, match="先に rotate_keys root"):
        finish()


def test_a_current_or_waiting_key_cannot_be_dropped(rooted: Path) -> None:
    with pytest.raises(ValueError, match="ending"):
        provider().drop(provider().generations().current)
    with pytest.raises(ValueError, match="ending"):
        provider().drop(provider().add())


def test_a_key_is_whole_or_not_at_all_at_each_change(rooted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rooted.read_bytes()
    monkeypatch.setattr(Path, "replace", _full_disk)
    with pytest.raises(KeyProviderUnavailable, match="書き込めません"):
        provider().add()
    assert rooted.read_bytes() == before


def _full_disk(*_args: object) -> None:
    raise OSError(28, "No space left on device")
