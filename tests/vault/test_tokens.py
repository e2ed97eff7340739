"""The root key in a token (SoftHSM2): it never leaves, works in every process and thread, and each fault is told."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from django.core.management import CommandError, call_command
from django.test import RequestFactory
from pkcs11 import Attribute, KeyType, ObjectClass, exceptions
from pytest_django import Settings

from portal import health
from portal.readiness import Readiness
from portal.readiness import keys as readiness_of_keys
from tests.vault import wrapping
from tests.vault.wrapping import KEY
from vault import keys, tokens
from vault.providers import FileProvider, KeyProviderUnavailable, Pkcs11Provider, provider

LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "483920"


@pytest.fixture(scope="module")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of tokens. The library reads where it is when it is first used in this process."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    yield folder
    os.environ.pop("SOFTHSM2_CONF")
    if before:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture
def token(softhsm: Path, tmp_path: Path, settings: Settings, request: pytest.FixtureRequest) -> str:
    """A fresh token that the settings name, and no key in it yet."""
    label = f"t{abs(hash(request.node.name)) % 10**9}"
    command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "736251", "--pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
    (tmp_path / "pin").write_text(f"{PIN}\n")
    (tmp_path / "pin").chmod(0o600)
    settings.VAULT_PROVIDER = "vault.providers.Pkcs11Provider"
    settings.VAULT_PKCS11_LIBRARY, settings.VAULT_PKCS11_TOKEN = LIBRARY, label
    settings.VAULT_PKCS11_PIN_FILE = tmp_path / "pin"
    keys.forget()
    if LIBRARY in tokens._initialised:
        pkcs11.lib(LIBRARY).reinitialize()  # it lists its tokens when it begins
    return label


@pytest.fixture
def held(token: str) -> Pkcs11Provider:
    return Pkcs11Provider.create()


def test_what_is_wrapped_opens_again_and_never_looks_the_same_twice(held: Pkcs11Provider) -> None:
    wrapping.opens_again_and_never_looks_the_same_twice(held, Pkcs11Provider())


def test_every_altered_byte_of_a_wrap_is_noticed(held: Pkcs11Provider) -> None:
    wrapping.notices_every_altered_byte(held)


def test_derived_secrets_are_stable_and_apart(held: Pkcs11Provider) -> None:
    assert held.derive(b"session", 32) == Pkcs11Provider().derive(b"session", 32)
    assert held.derive(b"session", 100)[:32] == held.derive(b"session", 32)
    assert len(held.derive(b"session", 100)) == 100
    assert held.derive(b"totp", 32) != held.derive(b"session", 32)


def test_the_key_cannot_be_had_from_the_token(held: Pkcs11Provider, token: str) -> None:
    held.check()
    session = pkcs11.lib(LIBRARY).get_token(token_label=token).open()
    found: list[Any] = list(session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY}))
    assert {key.key_type for key in found} == {KeyType.AES, KeyType.GENERIC_SECRET}
    for key in found:
        assert not key[Attribute.EXTRACTABLE]
        assert key[Attribute.SENSITIVE]
        with pytest.raises(exceptions.AttributeSensitive):
            key[Attribute.VALUE]
        with pytest.raises(exceptions.PKCS11Error):
            key[Attribute.EXTRACTABLE] = True
    session.close()


def test_it_works_in_a_forked_worker_and_still_in_its_parent(held: Pkcs11Provider) -> None:
    blob = held.wrap(KEY, b"")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover -- measured in the parent alone
        try:
            sound = held.unwrap(blob, b"") == KEY and held.unwrap(held.wrap(KEY, b"x"), b"x") == KEY
            os.write(writing, b"sound" if sound else b"wrong")
        except BaseException as error:  # noqa: BLE001 -- told to the parent
            os.write(writing, repr(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    assert held.unwrap(blob, b"") == KEY
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"sound"
    os.waitpid(child, 0)
    assert held.unwrap(blob, b"") == KEY


def test_a_fork_while_another_thread_is_at_the_token_does_not_hang(held: Pkcs11Provider) -> None:
    held.check()
    with ThreadPoolExecutor(1) as pool, tokens._lock:
        waiting = pool.submit(held.check)
        child = os.fork()
        if child == 0:  # pragma: no cover
            os._exit(0 if tokens._lock.acquire(blocking=False) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert not waiting.done()
    waiting.result(timeout=10)


def test_threads_share_one_token(held: Pkcs11Provider) -> None:
    def one(number: int) -> bool:
        data = number.to_bytes(32, "big")
        return all(held.unwrap(held.wrap(data, b"x"), b"x") == data for _turn in range(20))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(24)))


def test_a_session_ended_from_outside_is_opened_again(held: Pkcs11Provider) -> None:
    blob = held.wrap(KEY, b"")
    assert held._held
    held._held.session.close()
    assert held.unwrap(blob, b"") == KEY
    pkcs11.lib(LIBRARY).reinitialize()
    assert held.unwrap(blob, b"") == KEY


def test_a_rotation_in_the_token_reaches_another_process(held: Pkcs11Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Pkcs11Provider()
    blob, old, secret = other.wrap(KEY, b""), held.generations().current, other.derive(b"x", 32)
    waiting = held.add()
    assert held.add() == waiting
    assert held.generations().waiting == waiting
    held.promote()
    assert (held.generations().current, held.generations().ending) == (waiting, (old,))
    assert other.unwrap(held.wrap(KEY, b""), b"") == KEY  # which it had not heard of
    assert other.unwrap(blob, b"") == KEY
    assert other.derive(b"x", 32, old) == secret
    held.drop(old)
    with pytest.raises(KeyProviderUnavailable):
        held.unwrap(blob, b"")
    assert held.generations().all == [waiting]
    with pytest.raises(ValueError, match="ending"):
        held.drop(waiting)


# --- faults: one sentence in each language, and a readiness that says so ---


def trouble() -> str:
    with pytest.raises(KeyProviderUnavailable) as caught:
        provider().check()
    with pytest.raises(KeyProviderUnavailable):
        readiness_of_keys()
    said = str(caught.value)
    assert "\n" not in said
    assert said.count(" / ") == 1
    assert said.partition(" / ")[2].isascii()
    return said


def test_a_missing_library(held: Pkcs11Provider, settings: Settings) -> None:
    settings.VAULT_PKCS11_LIBRARY = "/nowhere/libhsm.so"
    keys.forget()
    assert "/nowhere/libhsm.so" in trouble()


def test_what_is_no_library(held: Pkcs11Provider, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "libhsm.so").write_text("nothing")
    settings.VAULT_PKCS11_LIBRARY = tmp_path / "libhsm.so"
    keys.forget()
    assert "読み込めません" in trouble()


def test_a_missing_token(held: Pkcs11Provider, settings: Settings) -> None:
    settings.VAULT_PKCS11_TOKEN = "somewhere-else"
    keys.forget()
    assert "somewhere-else" in trouble()


def test_a_token_without_a_root_key(token: str) -> None:
    assert "make_root_key --token" in trouble()


def test_a_wrong_pin_is_tried_once_and_the_right_one_at_once(
    held: Pkcs11Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held._close()
    (tmp_path / "pin").write_text("000000")
    tried = []
    opened = Pkcs11Provider._signed_in

    def counted(self: Pkcs11Provider, token: Any, pin: str) -> Any:
        before = self._refused_pin
        try:
            return opened(self, token, pin)
        finally:
            tried.append(before == b"")

    monkeypatch.setattr(Pkcs11Provider, "_signed_in", counted)
    for _turn in range(3):
        assert "PIN" in trouble()
    assert sum(tried) == 1
    (tmp_path / "pin").write_text(PIN)
    provider().check()


@pytest.mark.parametrize(("spoil", "said"), [("unlink", "読めません"), ("loosen", "chmod 600")])
def test_a_pin_file_that_is_missing_or_open_to_others(
    held: Pkcs11Provider, tmp_path: Path, spoil: str, said: str
) -> None:
    held._close()
    if spoil == "unlink":
        (tmp_path / "pin").unlink()
    else:
        (tmp_path / "pin").chmod(0o644)
    assert said in trouble()


def test_an_unreachable_token_answers_again_by_itself(held: Pkcs11Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = provider().wrap(KEY, b"")

    def away(*_args: object, **_more: object) -> None:
        raise exceptions.DeviceRemoved

    with monkeypatch.context() as pulled:
        pulled.setattr(Pkcs11Provider, "_signed_in", away)
        pulled.setattr(Pkcs11Provider, "_probe", away)
        assert "応答しません" in trouble()
        with pytest.raises(KeyProviderUnavailable):
            provider().unwrap(blob, b"")
    provider().check()
    assert provider().unwrap(blob, b"") == KEY


def test_another_root_says_so(held: Pkcs11Provider, tmp_path: Path) -> None:
    foreign = FileProvider.create(tmp_path / "other.key").wrap(KEY, b"")
    with pytest.raises(KeyProviderUnavailable, match="別のルート鍵"):
        held.unwrap(foreign, b"")


def test_readiness_is_503_while_the_token_is_away(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "readiness", Readiness({"keys": readiness_of_keys}))
    request = RequestFactory().get("/readyz", headers={"host": "localhost"})
    answer = health.ready(request)
    assert answer.status_code == 503
    assert "make_root_key --token" in answer.content.decode()
    Pkcs11Provider.create()
    monkeypatch.setattr(health, "readiness", Readiness({"keys": readiness_of_keys}))
    assert health.ready(request).status_code == 200


def test_the_command_makes_it_once(token: str) -> None:
    out = StringIO()
    call_command("make_root_key", "--token", stdout=out)
    assert token in out.getvalue()
    provider().check()
    with pytest.raises(CommandError, match="すでに"):
        call_command("make_root_key", "--token")
    with pytest.raises(CommandError, match="どちらか"):
        call_command("make_root_key")
