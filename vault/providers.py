"""Where the root key lives: a file today, a PKCS#11 token or a key service behind the same four calls."""

from __future__ import annotations

import errno
import os
import stat
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from vault import Unreadable

FILE_HEADER = b"ENTAKU ROOT KEY 1\n"
KEY_SIZE = 32
ID_SIZE = 8
NONCE_SIZE = 12
BLOB_VERSION = b"\x01"


class KeyProviderUnavailable(Exception):
    """The root key cannot be used; the message is one sentence that tells the operator what to do."""


class KeyProvider(Protocol):
    """The only thing that touches the root key. The key itself never leaves it."""

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        """`key` sealed under the root key, bound to `aad`."""

    def unwrap(self, blob: bytes, aad: bytes) -> bytes:
        """What `wrap` sealed; raises `Unreadable`, or `KeyProviderUnavailable` when it was another root that did."""

    def derive(self, info: bytes, length: int) -> bytes:
        """`length` bytes that only a holder of the root key can compute, the same each time for the same `info`."""

    def check(self) -> None:
        """Raise `KeyProviderUnavailable` unless the root key can be used now."""


class FileProvider:
    """
    The root key in one file: header ‖ key id (8 bytes) ‖ key (32 bytes), readable by its owner alone.

    A wrap is version (1) ‖ root key id (8) ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag; version and id are part of
    the associated data. The root key itself only feeds HKDF, so that wrapping and deriving never share a key.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = Path(path or settings.VAULT_ROOT_KEY_FILE)
        self._root, self.key_id = _read(self.path)
        self._wrapping = AESGCM(_expand(self._root, b"entaku root wrap 1", KEY_SIZE))

    @classmethod
    def create(cls, path: Path) -> FileProvider:
        """Make a fresh root key at `path`, whole or not at all; raises `FileExistsError` rather than replace one."""
        path = Path(path)
        if path.exists():
            raise FileExistsError(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except FileExistsError:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path.parent)) from None
        root = AESGCM.generate_key(KEY_SIZE * 8)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(FILE_HEADER + _key_id(root) + root)
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, fails when somebody else's key is there already.
            path.hardlink_to(unfinished)
        finally:
            unfinished.unlink()
        return cls(path)

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        head, nonce = BLOB_VERSION + self.key_id, os.urandom(NONCE_SIZE)
        return head + nonce + self._wrapping.encrypt(nonce, key, head + aad)

    def unwrap(self, blob: bytes, aad: bytes) -> bytes:
        head, rest = blob[: 1 + ID_SIZE], blob[1 + ID_SIZE :]
        if head[:1] != BLOB_VERSION or len(rest) <= NONCE_SIZE:
            raise Unreadable
        if head[1:] != self.key_id:
            raise KeyProviderUnavailable(
                _("このデータは別のルート鍵で暗号化されています。%(path)s に正しいルート鍵を置いてください。")
                % {"path": self.path}
            )
        try:
            return self._wrapping.decrypt(rest[:NONCE_SIZE], rest[NONCE_SIZE:], head + aad)
        except InvalidTag:
            raise Unreadable from None

    def derive(self, info: bytes, length: int) -> bytes:
        return _expand(self._root, b"entaku derive 1\n" + info, length)

    def check(self) -> None:
        """Raise unless the file is still there, still closed to others, and still the key this process works with."""
        if _read(self.path)[1] != self.key_id:
            raise KeyProviderUnavailable(
                _("ルート鍵のファイル %(path)s が起動後に入れ替わりました。元の鍵に戻すか、再起動してください。")
                % {"path": self.path}
            )


@cache
def provider() -> KeyProvider:
    """The provider named by `settings.VAULT_PROVIDER`; raises `KeyProviderUnavailable`, and is then asked anew."""
    return cast("KeyProvider", import_string(settings.VAULT_PROVIDER)())


def _expand(root: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(root)


def _key_id(root: bytes) -> bytes:
    """Names the key without telling anything of it; doubles as the file's checksum."""
    return _expand(root, b"entaku root id 1", ID_SIZE)


def _read(path: Path) -> tuple[bytes, bytes]:
    """Root key and id from the file; every fault becomes one sentence."""
    at = {"path": path}
    try:
        with open(path, "rb", opener=_opener) as file:
            # The open file is asked, not the path: nothing can be swapped in between.
            status = os.fstat(file.fileno())
            content = file.read(1024) if stat.S_ISREG(status.st_mode) else b""
    except FileNotFoundError:
        raise KeyProviderUnavailable(
            _("ルート鍵のファイル %(path)s がありません。控えから戻してください。") % at
        ) from None
    except OSError as error:
        raise KeyProviderUnavailable(
            _("ルート鍵のファイル %(path)s を開けません（%(reason)s）。所有者と権限を確かめてください。")
            % {**at, "reason": error.strerror}
        ) from None
    # The superuser reads everybody's files anyway; anyone else's key must be their own, or root's gift.
    if status.st_mode & 0o077 or os.geteuid() not in (0, status.st_uid):
        raise KeyProviderUnavailable(
            _(
                "ルート鍵のファイル %(path)s は本人だけが読めるものに限ります。"
                "所有者を確かめ、chmod 600 を実行してください。"
            )
            % at
        )
    key_id, root = content[len(FILE_HEADER) :][:ID_SIZE], content[len(FILE_HEADER) + ID_SIZE :]
    if not content.startswith(FILE_HEADER) or len(root) != KEY_SIZE or _key_id(root) != key_id:
        raise KeyProviderUnavailable(_("ルート鍵のファイル %(path)s が壊れています。控えから戻してください。") % at)
    return root, key_id


def _opener(path: str, flags: int) -> int:
    """A named pipe in the key's place must not make the start hang."""
    return os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK)
