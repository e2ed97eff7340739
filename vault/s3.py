"""Blobs in an S3 bucket: read by ranges, written in parts, and every failure an OSError, like a disk's.

Neither side holds more than a part of a file: reading asks for the piece that is wanted and, once pieces are wanted in
order, for some MiB ahead; writing sends each part as it is full. An upload that is not finished leaves no object.
"""

from __future__ import annotations

import errno
import io
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session
from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

PART = 8 * 1024**2  # S3 takes 10,000 parts of at least 5 MiB
FIRST = 257 * 1024  # the head and the first chunk of a sealed file; most pages' pictures are no longer
AHEAD = 8 * 1024**2

# A page waits no longer for a storage that is gone. Checksums of the library's own are left out: not every server knows
# them, and each chunk carries its tag.
CONFIG = Config(
    signature_version="s3v4", connect_timeout=3, read_timeout=15, tcp_keepalive=True, max_pool_connections=64,
    retries={"mode": "standard", "total_max_attempts": 3}, request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)  # fmt: skip
ABSENT = ("404", "NoSuchKey", "NotFound")


@deconstructible
class S3Blobs(Storage):
    """A bucket. Credentials, region and root certificates come as the AWS tools take them (`AWS_…`)."""

    def __init__(self, *, bucket: str, endpoint: str = "") -> None:
        self.bucket, self.endpoint = bucket, endpoint
        self._lock, self._client, self._of = threading.Lock(), cast(Any, None), 0

    @property
    def client(self) -> Any:
        """One for all threads of a process, made after the fork: connections are not to be shared with a parent."""
        with self._lock:
            if self._of != os.getpid():
                style = Config(s3={"addressing_style": "path"}) if self.endpoint else Config()
                self._client = get_session().create_client(
                    "s3", endpoint_url=self.endpoint or None, config=CONFIG.merge(style)
                )
                self._of = os.getpid()
            return self._client

    def ask(self, operation: str, name: str = "", **more: Any) -> Any:
        """One call about the bucket or, with a name, about an object. Raises FileNotFoundError, OSError."""
        key = {"Key": name} if name else {}
        with _as_a_disk_would(name):
            return getattr(self.client, operation)(Bucket=self.bucket, **key, **more)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode not in ("rb", "wb"):
            raise ValueError(f"a blob is opened with rb or wb, not with {mode}")
        return cast("File[bytes]", Reading(self, name) if mode == "rb" else Writing(self, name))

    def _save(self, name: str, content: File[bytes]) -> str:
        file = Writing(self, name)
        try:
            for piece in content.chunks():
                file.write(piece)
            file.close()
        except BaseException:
            with suppress(OSError):
                file.abort()
            raise
        return name

    def delete(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self.ask("delete_object", name)

    def exists(self, name: str) -> bool:
        try:
            self.ask("head_object", name)
        except FileNotFoundError:
            return False
        return True

    def size(self, name: str) -> int:
        return cast(int, self.ask("head_object", name)["ContentLength"])

    def get_modified_time(self, name: str) -> datetime:
        return cast(datetime, self.ask("head_object", name)["LastModified"])

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        start = f"{path.rstrip('/')}/" if path.strip("/") else ""
        folders, files = list[str](), list[str]()
        for page in self._pages("list_objects_v2", Prefix=start, Delimiter="/"):
            folders += [entry["Prefix"][len(start) :].rstrip("/") for entry in page.get("CommonPrefixes", ())]
            files += [entry["Key"][len(start) :] for entry in page.get("Contents", ()) if entry["Key"] != start]
        return folders, files

    def every_name(self) -> Iterator[str]:
        """All that is in the bucket, a thousand a call: a listing by folders would take 256 calls at least."""
        for page in self._pages("list_objects_v2"):
            yield from (entry["Key"] for entry in page.get("Contents", ()))

    def forget_unfinished(self, before: datetime) -> int:
        """Give up uploads begun before that moment, left by a killed process: unseen, yet they take room."""
        found = [
            (upload["Key"], upload["UploadId"])
            for page in self._pages("list_multipart_uploads")
            for upload in page.get("Uploads", ())
            if upload["Initiated"] < before
        ]
        for name, upload in found:
            with suppress(FileNotFoundError):
                self.ask("abort_multipart_upload", name, UploadId=upload)
        return len(found)

    def _pages(self, operation: str, **more: Any) -> Iterator[Any]:
        with _as_a_disk_would(""):
            yield from self.client.get_paginator(operation).paginate(Bucket=self.bucket, **more)


class Reading(io.RawIOBase):
    """An object from any place in it. What is at its beginning comes with the first call, which also tells its size."""

    def __init__(self, storage: S3Blobs, name: str) -> None:
        self._storage, self.name = storage, name
        self._at = self._read_to = 0
        self._body: Any = None
        self._left = 0
        self._first, self.size = self._begin()

    def _begin(self) -> tuple[bytes, int]:
        try:
            found = self._get(0, FIRST)
        except OSError as error:
            if isinstance(error.__cause__, ClientError) and _status(error.__cause__) == 416:
                return b"", 0  # an empty object has no first byte
            raise
        with _as_a_disk_would(self.name):
            return found["Body"].read(), int(found["ContentRange"].rpartition("/")[2])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        into = memoryview(buffer).cast("B")
        wanted = max(0, min(len(into), self.size - self._at))
        piece = self._first[self._at : self._at + wanted] or (self._piece(wanted) if wanted else b"")
        into[: len(piece)] = piece
        self._at = self._read_to = self._at + len(piece)
        return len(piece)

    def _piece(self, wanted: int) -> bytes:
        """At least a byte from where we are; once more from there where the connection broke off."""
        if self._at != self._read_to or not self._left:
            self._fetch(wanted)
        try:
            return self._some(wanted)
        except OSError:
            self._fetch(wanted)
            return self._some(wanted)

    def _some(self, wanted: int) -> bytes:
        with _as_a_disk_would(self.name):
            piece = cast(bytes, self._body.read(min(wanted, self._left)))
        if not piece:
            raise OSError(errno.EIO, "S3 ended an answer early", self.name)
        self._left -= len(piece)
        return piece

    def _fetch(self, wanted: int) -> None:
        """Ask for the piece alone; where it follows on the one before, for what comes after it too."""
        self._drop()
        wanted = max(wanted, AHEAD) if self._at == self._read_to else wanted
        wanted = min(wanted, self.size - self._at)
        self._body, self._left = self._get(self._at, wanted)["Body"], wanted
        self._read_to = self._at

    def _get(self, start: int, length: int) -> Any:
        return self._storage.ask("get_object", self.name, Range=f"bytes={start}-{start + length - 1}")

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
        self._body, self._left = None, 0

    def close(self) -> None:
        if not self.closed:
            self._drop()
        super().close()


class Writing:
    """An object on its way: there when `close` returns, never there after `abort`.

    No IOBase: that closes, and so finishes, what was merely dropped.
    """

    def __init__(self, storage: S3Blobs, name: str) -> None:
        self._storage, self.name = storage, name
        self._held, self._upload = bytearray(), ""
        self._parts: list[dict[str, Any]] = []
        self._open = True

    def write(self, data: bytes | bytearray | memoryview) -> int:
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest:
            piece = rest[: PART - len(self._held)]
            self._held += piece
            rest = rest[len(piece) :]
            if len(self._held) == PART:
                self._send()
        return size

    def _send(self) -> None:
        if not self._upload:
            self._upload = self._storage.ask("create_multipart_upload", self.name)["UploadId"]
        number = len(self._parts) + 1
        sent = self._storage.ask(
            "upload_part", self.name, UploadId=self._upload, PartNumber=number, Body=bytes(self._held)
        )
        self._parts.append({"ETag": sent["ETag"], "PartNumber": number})
        self._held.clear()

    def flush(self) -> None:
        """Nothing is there before all of it is."""

    def close(self) -> None:
        if not self._open:
            return
        if not self._upload:
            self._storage.ask("put_object", self.name, Body=bytes(self._held))
        else:
            if self._held:
                self._send()
            self._storage.ask(
                "complete_multipart_upload", self.name, UploadId=self._upload, MultipartUpload={"Parts": self._parts}
            )
        self._open = False
        self._held.clear()

    def abort(self) -> None:
        """Nothing of it is kept."""
        if self._open and self._upload:
            self._storage.ask("abort_multipart_upload", self.name, UploadId=self._upload)
        self._open = False
        self._held.clear()


@contextmanager
def _as_a_disk_would(name: str) -> Iterator[None]:
    """What goes wrong far away is told as what goes wrong here: no such file, or an input/output error."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in ABSENT:
            raise FileNotFoundError(errno.ENOENT, "S3 has no such object", name) from error
        raise OSError(errno.EIO, f"S3 refused: {code or _status(error)}") from error
    except BotoCoreError as error:
        raise OSError(errno.EIO, f"S3 does not answer: {type(error).__name__}") from error


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
