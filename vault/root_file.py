"""The root key in a file: one key, and for the time of a rotation two."""

from __future__ import annotations

import errno
import fcntl
import hmac
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from vault import Unreadable
from vault.roots import BLOB_VERSION, ID_SIZE, KEY_SIZE, NONCE_SIZE, Generations, KeyProviderUnavailable, generation_of

FILE_HEADER = b"ENTAKU ROOT KEY 1\n"
RING_HEADER = b"ENTAKU ROOT KEY 2\n"
ENTRY_SIZE = 1 + ID_SIZE + KEY_SIZE
CURRENT, WAITING, ENDING, ENDED = b"C", b"W", b"E", b"X"


@dataclass(frozen=True)
class Ring:
    """What a file holds: root keys by id, which of them wraps, and who vouched for it before they ended."""

    keys: dict[bytes, bytes] = field(repr=False)
    current: bytes
    waiting: bytes | None = None
    vouchers: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def generations(self) -> Generations:
        ending = [key_id for key_id in self.keys if key_id not in (self.current, self.waiting)]
        return Generations(self.current, self.waiting, tuple(ending))

    def follows(self, before: Ring) -> bool:
        """Whether a holder of `before` may work with this: they share a key, or the current one was vouched for."""
        if not self.keys.keys().isdisjoint(before.keys):
            return True
        return any(
            hmac.compare_digest(voucher, _voucher(before.keys[ended], self.current))
            for ended, voucher in self.vouchers.items()
            if ended in before.keys
        )

    def to_bytes(self) -> bytes:
        """A single key in the plain form; a ring names each key's part."""
        if len(self.keys) == 1 and not self.vouchers:
            return FILE_HEADER + self.current + self.keys[self.current]
        kinds = {self.current: CURRENT, self.waiting: WAITING}
        entries = [kinds.get(key_id, ENDING) + key_id + key for key_id, key in self.keys.items()]
        return RING_HEADER + b"".join([*entries, *(ENDED + key_id + said for key_id, said in self.vouchers.items())])

    @classmethod
    def from_bytes(cls, content: bytes) -> Ring | None:
        """None for anything but a whole file."""
        if content.startswith(FILE_HEADER):
            content = RING_HEADER + CURRENT + content[len(FILE_HEADER) :]
        rest = content[len(RING_HEADER) :]
        if not content.startswith(RING_HEADER) or not rest or len(rest) % ENTRY_SIZE:
            return None
        kinds: dict[bytes, list[bytes]] = {CURRENT: [], WAITING: [], ENDING: [], ENDED: []}
        keys: dict[bytes, bytes] = {}
        vouchers: dict[bytes, bytes] = {}
        for start in range(0, len(rest), ENTRY_SIZE):
            entry = rest[start : start + ENTRY_SIZE]
            kind, key_id, key = entry[:1], entry[1 : 1 + ID_SIZE], entry[1 + ID_SIZE :]
            if kind not in kinds or (kind != ENDED and _key_id(key) != key_id):
                return None
            kinds[kind].append(key_id)
            (vouchers if kind == ENDED else keys)[key_id] = key
        if len(kinds[CURRENT]) != 1 or len(kinds[WAITING]) > 1:
            return None
        return cls(keys, kinds[CURRENT][0], next(iter(kinds[WAITING]), None), vouchers)


class FileProvider:
    """
    The root key in one file: header ‖ key id (8 bytes) ‖ key (32 bytes), readable by its owner alone.

    A wrap is version (1) ‖ root key id (8) ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag; version and id are part of
    the associated data. The root key itself only feeds HKDF, so that wrapping and deriving never share a key.

    The file is read anew when it changed: a rotation reaches each process with its next call. A file that has nothing
    to do with the one before is somebody's mistake and is not taken.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = Path(path or settings.VAULT_ROOT_KEY_FILE)
        self._stamp, self._ring = _read(self.path)
        self._ciphers = _ciphers(self._ring)

    @property
    def key_id(self) -> bytes:
        return self._ring.current

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
        unfinished = _written(path, Ring({_key_id(root): root}, _key_id(root)))
        try:
            # A link, unlike a rename, fails when somebody else's key is there already.
            path.hardlink_to(unfinished)
        finally:
            unfinished.unlink()
        return cls(path)

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        self._look()
        head, nonce = BLOB_VERSION + self._ring.current, os.urandom(NONCE_SIZE)
        return head + nonce + self._ciphers[self._ring.current].encrypt(nonce, key, head + aad)

    def unwrap(self, blob: bytes, aad: bytes) -> bytes:
        generation = generation_of(blob)
        self._look()
        cipher = self._ciphers.get(generation)
        if cipher is None:
            raise KeyProviderUnavailable(
                _("このデータは別のルート鍵で暗号化されています。%(path)s に正しいルート鍵を置いてください。"),
                {"path": self.path},
            )
        head, rest = blob[: 1 + ID_SIZE], blob[1 + ID_SIZE :]
        try:
            return cipher.decrypt(rest[:NONCE_SIZE], rest[NONCE_SIZE:], head + aad)
        except InvalidTag:
            raise Unreadable from None

    def derive(self, info: bytes, length: int, generation: bytes | None = None) -> bytes:
        self._look()
        return _expand(self._ring.keys[generation or self._ring.current], b"entaku derive 1\n" + info, length)

    def check(self) -> None:
        """Raise unless the file is still there, still closed to others, and still what this process works with."""
        self._take(*_read(self.path))

    def generations(self) -> Generations:
        self._look()
        return self._ring.generations

    def add(self) -> bytes:
        with self._changing() as ring:
            if ring.waiting:
                return ring.waiting
            root = AESGCM.generate_key(KEY_SIZE * 8)
            self._replace(Ring({**ring.keys, _key_id(root): root}, ring.current, _key_id(root)))
            return _key_id(root)

    def promote(self) -> None:
        with self._changing() as ring:
            if ring.waiting:
                self._replace(Ring(ring.keys, ring.waiting))

    def drop(self, generation: bytes) -> None:
        with self._changing() as ring:
            if generation not in ring.generations.ending:
                raise ValueError("only a root key that is ending can be dropped")
            left = {key_id: key for key_id, key in ring.keys.items() if key_id != generation}
            # A process that slept through the rotation knows by this that the key it finds is the right one.
            voucher = {generation: _voucher(ring.keys[generation], ring.current)}
            self._replace(Ring(left, ring.current, ring.waiting, voucher))

    # --- the file ---

    def _look(self) -> None:
        """Take the file as it is now, if it changed. One that is away or unsound is `check`'s to tell of."""
        try:
            if _stamp(self.path.stat()) != self._stamp:
                self._take(*_read(self.path))
        except (OSError, KeyProviderUnavailable):
            return

    def _take(self, stamp: tuple[int, ...], ring: Ring) -> None:
        if not ring.follows(self._ring):
            raise KeyProviderUnavailable(
                _("ルート鍵のファイル %(path)s が起動後に入れ替わりました。元の鍵に戻すか、再起動してください。"),
                {"path": self.path},
            )
        # The ciphers first: another thread must find one for whatever the ring names.
        self._ciphers = {**self._ciphers, **_ciphers(ring)}
        self._stamp, self._ring = stamp, ring
        self._ciphers = _ciphers(ring)

    @contextmanager
    def _changing(self) -> Iterator[Ring]:
        """The ring as it is now, changed by nobody else meanwhile."""
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            self.check()
            yield self._ring
            os.fsync(folder)
        except OSError as error:
            raise KeyProviderUnavailable(
                _("ルート鍵のファイル %(path)s に書き込めません（%(reason)s）。場所と権限を確かめてください。"),
                {"path": self.path, "reason": error.strerror},
            ) from error
        finally:
            os.close(folder)

    def _replace(self, ring: Ring) -> None:
        """At any moment there is one whole file: the old or the new."""
        unfinished = _written(self.path, ring, like=self.path.stat())
        try:
            unfinished.replace(self.path)
        except OSError:
            unfinished.unlink()
            raise
        self.check()


def _written(path: Path, ring: Ring, like: os.stat_result | None = None) -> Path:
    """A file beside `path`, whole and on the disk, of the same owner as the one it is to replace."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if like is not None and os.geteuid() == 0:
                os.fchown(file.fileno(), like.st_uid, like.st_gid)
            file.write(ring.to_bytes())
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        unfinished.unlink()
        raise
    return unfinished


def _ciphers(ring: Ring) -> dict[bytes, AESGCM]:
    return {key_id: AESGCM(_expand(key, b"entaku root wrap 1", KEY_SIZE)) for key_id, key in ring.keys.items()}


def _expand(root: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(root)


def _key_id(root: bytes) -> bytes:
    """Names the key without telling anything of it; doubles as the file's checksum."""
    return _expand(root, b"entaku root id 1", ID_SIZE)


def _voucher(ended: bytes, successor: bytes) -> bytes:
    """What only a holder of the ended key can say of its successor."""
    return hmac.digest(_expand(ended, b"entaku root voucher 1", KEY_SIZE), successor, "sha256")


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _read(path: Path) -> tuple[tuple[int, ...], Ring]:
    """What the file holds, and when it was written; every fault becomes one sentence."""
    at = {"path": path}
    try:
        with open(path, "rb", opener=_opener) as file:
            # The open file is asked, not the path: nothing can be swapped in between.
            status = os.fstat(file.fileno())
            content = file.read(1024) if stat.S_ISREG(status.st_mode) else b""
    except FileNotFoundError:
        raise KeyProviderUnavailable(
            _("ルート鍵のファイル %(path)s がありません。控えから戻してください。"), at
        ) from None
    except OSError as error:
        raise KeyProviderUnavailable(
            _("ルート鍵のファイル %(path)s を開けません（%(reason)s）。所有者と権限を確かめてください。"),
            {**at, "reason": error.strerror},
        ) from None
    # The superuser reads everybody's files anyway; anyone else's key must be their own, or root's gift.
    if status.st_mode & 0o077 or os.geteuid() not in (0, status.st_uid):
        raise KeyProviderUnavailable(
            _(
                "ルート鍵のファイル %(path)s は本人だけが読めるものに限ります。"
                "所有者を確かめ、chmod 600 を実行してください。"
            ),
            at,
        )
    ring = Ring.from_bytes(content)
    if ring is None:
        raise KeyProviderUnavailable(_("ルート鍵のファイル %(path)s が壊れています。控えから戻してください。"), at)
    return _stamp(status), ring


def _opener(path: str, flags: int) -> int:
    """A named pipe in the key's place must not make the start hang."""
    return os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK)
