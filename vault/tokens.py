"""The root key in a PKCS#11 token (an HSM): made there, used there, and never to be had from it."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from vault import Unreadable
from vault.roots import BLOB_VERSION, ID_SIZE, NONCE_SIZE, Generations, KeyProviderUnavailable, generation_of

WAITING = "waiting"
RING_SECONDS = 5.0  # how soon a process notices a rotation in the token
DIGEST_SIZE = 32
TAG_BITS = 128

Result = TypeVar("Result")

# The library is one for the whole process and its sessions do one thing at a time. What a fork copies of either is
# dead: the child has a new lock, and opens its own session with its first call.
_lock = threading.RLock()


def _after_fork() -> None:
    global _lock  # another thread of the parent may have held it at the moment of the fork
    _lock = threading.RLock()


os.register_at_fork(after_in_child=_after_fork)


@dataclass
class _Open:
    """A session of this process, and the handles of the keys it found."""

    pid: int
    token: Any
    session: Any
    wrapping: dict[bytes, Any]
    deriving: dict[bytes, Any]
    generations: Generations
    until: float


class Pkcs11Provider:
    """
    Root keys as pairs of token objects under one id: AES-256 for wraps (AES-GCM), a generic secret for HMAC.

    Neither can be extracted. A wrap has the form of `FileProvider`'s: version ‖ key id ‖ nonce ‖ ciphertext and tag.
    Derived secrets are HKDF-Expand (RFC 5869) with the HMAC done in the token. The label of the AES key ends in a
    number; the highest wraps, one that says "waiting" does not yet: taking over is one change of one label.
    """

    def __init__(self) -> None:
        self.library = str(settings.VAULT_PKCS11_LIBRARY)
        self.label = str(settings.VAULT_PKCS11_TOKEN)
        self.pin_file = Path(settings.VAULT_PKCS11_PIN_FILE)
        self.name = str(settings.VAULT_PKCS11_KEY)
        self._held: _Open | None = None
        self._refused_pin = b""

    @classmethod
    def create(cls) -> Pkcs11Provider:
        """Make the first root key in the token; raises `FileExistsError` rather than add to one that is there."""
        made = cls()
        with _lock, made._faults():
            held = made._session(need_key=False)
            if held.wrapping:
                raise FileExistsError(made.label)
            made._make(held, f"{made.name} 000001")
            made._close()
        made.check()
        return made

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        def wrapped(held: _Open) -> bytes:
            head, nonce = BLOB_VERSION + held.generations.current, os.urandom(NONCE_SIZE)
            cipher = held.wrapping[held.generations.current]
            return head + nonce + bytes(cipher.encrypt(key, **_gcm(nonce, head + aad)))

        return self._with(wrapped)

    def unwrap(self, blob: bytes, aad: bytes) -> bytes:
        generation = generation_of(blob)
        head, rest = blob[: 1 + ID_SIZE], blob[1 + ID_SIZE :]

        def unwrapped(held: _Open) -> bytes:
            if generation not in held.wrapping:
                held = self._again()  # made a moment ago, by a rotation elsewhere
            if generation not in held.wrapping:
                raise KeyProviderUnavailable(
                    _("このデータは別のルート鍵で暗号化されています。トークン %(token)s を正しいものにしてください。"),
                    {"token": self.label},
                )
            from pkcs11 import exceptions

            try:
                opened = held.wrapping[generation].decrypt(rest[NONCE_SIZE:], **_gcm(rest[:NONCE_SIZE], head + aad))
            except (
                exceptions.EncryptedDataInvalid,
                exceptions.EncryptedDataLenRange,
                exceptions.ArgumentsBad,
                exceptions.DataInvalid,
                exceptions.DataLenRange,
                exceptions.FunctionFailed,
                exceptions.GeneralError,
            ):
                # Tokens differ in what they call a tag that does not hold. If it still works, it was the tag.
                self._probe(held)
                raise Unreadable from None
            return bytes(opened)

        return self._with(unwrapped)

    def derive(self, info: bytes, length: int, generation: bytes | None = None) -> bytes:
        def derived(held: _Open) -> bytes:
            from pkcs11 import Mechanism

            key = held.deriving[generation or held.generations.current]
            made, block = b"", b""
            for counter in range(1, -(-length // DIGEST_SIZE) + 1):
                data = block + b"entaku derive 1\n" + info + bytes([counter])
                block = bytes(key.sign(data, mechanism=Mechanism.SHA256_HMAC))
                made += block
            return made[:length]

        return self._with(derived)

    def check(self) -> None:
        """Raise unless the token answers now and its root key works."""
        self._with(self._probe)

    def generations(self) -> Generations:
        return self._with(lambda held: held.generations)

    def add(self) -> bytes:
        def added(held: _Open) -> bytes:
            return held.generations.waiting or self._make(held, f"{self.name} {WAITING}")

        return self._changed(added)

    def promote(self) -> None:
        def promoted(held: _Open) -> None:
            from pkcs11 import Attribute

            if waiting := held.generations.waiting:
                number = _number(held.wrapping[held.generations.current].label) + 1
                with self._writing(held) as session:
                    self._find(session, waiting)[0][Attribute.LABEL] = f"{self.name} {number:06d}"

        self._changed(promoted)

    def drop(self, generation: bytes) -> None:
        def dropped(held: _Open) -> None:
            if generation not in held.generations.ending:
                raise ValueError("only a root key that is ending can be dropped")
            with self._writing(held) as session:
                for key in self._find(session, generation):  # the one that wraps first: it is what is listed
                    key.destroy()

        self._changed(dropped)

    # --- the session ---

    def _with(self, work: Callable[[_Open], Result]) -> Result:
        """Do it in this process's session; once more in a fresh one where that turns out to be dead."""
        with _lock, self._faults():
            try:
                return work(self._session())
            except _dead():
                return work(self._again())

    def _changed(self, work: Callable[[_Open], Result]) -> Result:
        with _lock, self._faults():
            try:
                return work(self._again())
            finally:
                self._close()

    def _again(self) -> _Open:
        self._close()
        return self._session()

    def _session(self, *, need_key: bool = True) -> _Open:
        held = self._held
        if held is None or held.pid != os.getpid():
            held = self._held = self._open()
        if time.monotonic() > held.until or not held.wrapping:
            self._list(held)
        if need_key and not held.wrapping:
            raise KeyProviderUnavailable(
                _(
                    "トークン %(token)s にルート鍵 %(key)s がありません。"
                    "make_root_key --token で作るか、控えから戻してください。"
                ),
                {"token": self.label, "key": self.name},
            )
        return held

    def _open(self) -> _Open:
        import pkcs11
        from pkcs11 import exceptions

        forked = self._held is not None and self._held.pid != os.getpid()
        self._held = None
        if not Path(self.library).is_file():
            raise self._trouble(_("PKCS#11 のライブラリー %(library)s がありません。設定と導入を確かめてください。"))
        pin = self._pin()
        try:
            library = pkcs11.lib(self.library)
        except exceptions.PKCS11Error as error:
            raise self._trouble(
                _("PKCS#11 のライブラリー %(library)s を読み込めません。設定と導入を確かめてください。")
            ) from error
        if forked or _initialised.get(self.library, os.getpid()) != os.getpid() or not library.initialized:
            library.reinitialize()  # PKCS#11 2.40, 2.5.1: a child has to begin anew
        _initialised[self.library] = os.getpid()
        try:
            token = library.get_token(token_label=self.label)
        except (exceptions.NoSuchToken, exceptions.TokenNotPresent) as error:
            raise self._trouble(_("トークン %(token)s が見つかりません。接続と名前を確かめてください。")) from error
        session = self._signed_in(token, pin)
        return _Open(os.getpid(), token, session, {}, {}, Generations(b""), 0.0)

    def _signed_in(self, token: Any, pin: str) -> Any:
        """A wrong PIN is tried once: tokens lock after a few, and readiness asks every few seconds."""
        from pkcs11 import exceptions

        digest = hashlib.sha256(pin.encode()).digest()
        wrong = self._trouble(
            _("トークン %(token)s の PIN が違います。%(pin)s を直してください。直すまで再試行しません。")
        )
        if digest == self._refused_pin:
            raise wrong
        try:
            return token.open(user_pin=pin)
        except exceptions.UserAlreadyLoggedIn:
            return token.open()  # signing in counts for the whole process
        except (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange) as error:
            self._refused_pin = digest
            raise wrong from error
        except (exceptions.PinLocked, exceptions.PinExpired) as error:
            self._refused_pin = digest
            raise self._trouble(
                _(
                    "トークン %(token)s の PIN が止められているか、期限が切れています。"
                    "トークンの管理者が解除してください。"
                )
            ) from error

    def _pin(self) -> str:
        try:
            status = self.pin_file.stat()
            if stat.S_IMODE(status.st_mode) & 0o077:
                raise self._trouble(
                    _("PIN のファイル %(pin)s は本人だけが読めるものに限ります。chmod 600 を実行してください。")
                )
            return self.pin_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise self._trouble(_("PIN のファイル %(pin)s を読めません。場所と権限を確かめてください。")) from error

    def _list(self, held: _Open) -> None:
        """Which root keys the token holds."""
        from pkcs11 import Attribute, KeyType, ObjectClass

        found = list(held.session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY}))
        ours = [key for key in found if key.label.rpartition(" ")[0] == self.name]
        held.deriving = {bytes(key.id): key for key in ours if key.key_type == KeyType.GENERIC_SECRET}
        held.wrapping = {
            bytes(key.id): key for key in ours if key.key_type == KeyType.AES and bytes(key.id) in held.deriving
        }
        numbers = {key_id: _number(key.label) for key_id, key in held.wrapping.items()}
        used = sorted((key_id for key_id, number in numbers.items() if number), key=numbers.__getitem__, reverse=True)
        if not used:
            held.wrapping = {}
            return
        waiting = next((key_id for key_id, number in numbers.items() if not number), None)
        held.generations = Generations(used[0], waiting, tuple(used[1:]))
        held.until = time.monotonic() + RING_SECONDS

    def _probe(self, held: _Open) -> None:
        held.wrapping[held.generations.current].encrypt(bytes(16), **_gcm(os.urandom(NONCE_SIZE), b"probe"))

    def _make(self, held: _Open, label: str) -> bytes:
        """A pair under a fresh id, the one that derives first: a pair that was not finished is not listed."""
        from pkcs11 import Attribute, KeyType

        key_id = os.urandom(ID_SIZE)
        kept = {Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
        none = dict.fromkeys((Attribute.WRAP, Attribute.UNWRAP, Attribute.DERIVE), False)
        signs = {Attribute.SIGN: True, Attribute.VERIFY: False, Attribute.ENCRYPT: False, Attribute.DECRYPT: False}
        seals = {Attribute.SIGN: False, Attribute.VERIFY: False, Attribute.ENCRYPT: True, Attribute.DECRYPT: True}
        with self._writing(held) as session:
            for kind, does, name in (
                (KeyType.GENERIC_SECRET, signs, f"{self.name} derive"),
                (KeyType.AES, seals, label),
            ):
                session.generate_key(kind, 256, id=key_id, label=name, store=True, template={**kept, **none, **does})
        return key_id

    def _find(self, session: Any, generation: bytes) -> list[Any]:
        from pkcs11 import Attribute, KeyType, ObjectClass

        found = list(session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.ID: generation}))
        return sorted(found, key=lambda key: key.key_type != KeyType.AES)

    @contextmanager
    def _writing(self, held: _Open) -> Iterator[Any]:
        session = held.token.open(rw=True)
        try:
            yield session
        finally:
            session.close()

    def _close(self) -> None:
        held, self._held = self._held, None
        if held is not None and held.pid == os.getpid():
            with suppress(Exception):  # it may be dead already; that is why it is closed
                held.session.close()

    # --- faults ---

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Whatever else the token says: it cannot be used now. The next call opens a fresh session."""
        from pkcs11 import exceptions

        try:
            yield
        except exceptions.PKCS11Error as error:
            self._close()
            raise self._trouble(
                _("トークン %(token)s が応答しません（%(reason)s）。接続を確かめてください。"), type(error).__name__
            ) from error

    def _trouble(self, words: Promise | str, reason: str = "") -> KeyProviderUnavailable:
        at = {"token": self.label, "library": self.library, "pin": self.pin_file, "reason": reason}
        return KeyProviderUnavailable(words, at)


_initialised: dict[str, int] = {}


def _dead() -> tuple[type[Exception], ...]:
    """What a session says that was ended from outside: by the token, by a fork, by another's rotation."""
    from pkcs11 import exceptions as e

    return (
        e.SessionHandleInvalid, e.SessionClosed, e.ObjectHandleInvalid, e.KeyHandleInvalid, e.UserNotLoggedIn,
        e.DeviceRemoved, e.TokenNotPresent, e.DeviceError,
    )  # fmt: skip


def _gcm(nonce: bytes, aad: bytes) -> dict[str, Any]:
    from pkcs11 import GCMParams, Mechanism

    return {"mechanism": Mechanism.AES_GCM, "mechanism_param": GCMParams(nonce, aad, TAG_BITS)}


def _number(label: str) -> int:
    """0 for one that waits."""
    last = label.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0
