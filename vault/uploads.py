"""Uploads: sealed while they arrive, so that no plain byte of a file ever reaches a disk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import UnsupportedOperation
from typing import Any, NoReturn, TypeVar

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.defaultfilters import filesizeformat
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from vault.blobs import NewBlob, binding, delete
from vault.keys import new_item_key
from vault.streams import CHUNK, StreamSealer

logger = logging.getLogger(__name__)

HEAD_SIZE = 8 * 1024

View = TypeVar("View", bound=Callable[..., Any])


def accepts_files(view: View) -> View:
    """Mark a view as one that takes files. To all others the file parts of a request are as if they were not there."""
    view.accepts_files = True  # type: ignore[attr-defined]
    return view


class SealedUpload(UploadedFile):  # type: ignore[type-arg]
    """
    A received file, already sealed in the blob storage. Its content is read back through `vault.streams.open_range`.

    Whoever stores `key` makes the blob theirs; when nobody asked for the key by the end of the request, the blob is
    removed, for it could never be opened again. `refusal` is a sentence for the form when there is no blob: the file
    was too large, or the storage would not take it.
    """

    size: int
    binding: bytes

    def __init__(
        self, *, name: str, content_type: str, size: int, sha256: str = "", head: bytes = b"", key: bytes = b"",
        blob_name: str = "", too_large: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(None, name, content_type, size)
        self.sha256, self.head, self.blob_name, self.too_large = sha256, head, blob_name, too_large
        self.binding = binding(blob_name)
        self._key, self._taken = key, False

    @property
    def key(self) -> bytes:
        """The file's own key, 32 bytes; reading it takes the blob over."""
        if not self.blob_name:
            raise ValueError("nothing was stored: answer with `refusal`")
        self._taken = True
        return self._key

    @property
    def refusal(self) -> str:
        """Why there is no blob, to be shown beside the field; empty when all is well."""
        if self.too_large:
            limit = filesizeformat(settings.UPLOAD_MAX_BYTES)
            return _("ファイルが大きすぎます。%(limit)s以下のファイルを選んでください。") % {"limit": limit}
        if not self.blob_name:
            return _("ファイルを保存できませんでした。時間をおいて、もう一度お試しください。")
        return ""

    def discard(self) -> None:
        """Remove the blob and the key."""
        if self.blob_name:
            delete(self.blob_name)
        self.blob_name, self._key = "", b""

    def close(self) -> None:
        """Django's call at the end of the request, and when the rest of the request turns out broken."""
        if not self._taken:
            self.discard()

    def read(self, *_args: Any) -> NoReturn:
        raise UnsupportedOperation("sealed: read it through vault.streams.open_range")

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        self.read()

    def open(self, *_args: Any, **_more: Any) -> NoReturn:
        self.read()


class _Arrival:
    """One file on its way in, under a key of its own. Refused by size or storage, it is only counted from then on."""

    def __init__(self) -> None:
        self._key, self._head, self._size = new_item_key(), b"", 0
        self._blob: NewBlob | None = None
        self._sealer: StreamSealer | None = None
        with self._storing():
            self._blob = NewBlob()
            self._sealer = StreamSealer(self._blob, key=self._key, binding=self._blob.binding)

    @property
    def _too_large(self) -> bool:
        return self._size > settings.UPLOAD_MAX_BYTES

    def write(self, data: bytes) -> None:
        self._size += len(data)
        if self._too_large:
            self.discard()
        if self._sealer:
            self._head += data[: HEAD_SIZE - len(self._head)]
            with self._storing():
                self._sealer.write(data)

    def finish(self, name: str, content_type: str) -> SealedUpload:
        with self._storing():
            if self._blob and self._sealer:
                sealed = self._sealer.finish()
                self._blob.keep()
        if not self._blob:
            return SealedUpload(name=name, content_type=content_type, size=self._size, too_large=self._too_large)
        return SealedUpload(
            name=name, content_type=content_type, size=sealed.size, sha256=sealed.sha256, head=self._head,
            key=self._key, blob_name=self._blob.name,
        )  # fmt: skip

    def discard(self) -> None:
        if self._blob:
            self._blob.discard()
        self._blob = self._sealer = None

    @contextmanager
    def _storing(self) -> Iterator[None]:
        """A storage that is full or away refuses this file; what else was typed into the form is not lost with it."""
        try:
            yield
        except OSError:
            logger.exception("the blob storage refused an upload")
            self.discard()


class SealingUploadHandler(FileUploadHandler):
    """
    Django's hook for uploads, and the only one installed: nothing falls back to memory or a temporary file.

    Files are taken for a signed-in person, in a view marked `accepts_files`; elsewhere they are read past.
    """

    chunk_size = CHUNK

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._arrival: _Arrival | None = None
        self._accepts = False

    def handle_raw_input(self, *_args: Any, **_more: Any) -> None:
        self._accepts = self.request is not None and _accepts(self.request)
        # A request that breaks off raises past Django's hooks. Without this reference back to it, the handler goes
        # with the parser, and an unfinished blob with the handler, where `parse_upload` did not see to it.
        self.request = None

    def new_file(self, *args: Any, **more: Any) -> None:
        super().new_file(*args, **more)
        self._arrival = None
        if not self._accepts:
            raise SkipFile
        self._arrival = _Arrival()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._arrival:
            self._arrival.write(raw_data)

    def file_complete(self, file_size: int) -> SealedUpload | None:
        arrival, self._arrival = self._arrival, None
        return arrival.finish(self.file_name or "", self.content_type or "") if arrival else None

    def upload_interrupted(self) -> None:
        """The request ended in the middle of a file: all of it is refused, also what had come through before."""
        if self._arrival:
            self.abandon()
            raise MultiPartParserError("the request ended in the middle of a file")

    def abandon(self) -> None:
        """Remove what has come of a file that did not come to its end."""
        if self._arrival:
            self._arrival.discard()
            self._arrival = None


def parse_upload(request: HttpRequest) -> None:
    """
    Take in a request's files now, before a transaction opens: a slow sender must not hold one for minutes.

    Does nothing where files are not taken; the request is then parsed when somebody first asks for its fields.
    """
    if request.method == "POST" and request.content_type == "multipart/form-data" and _accepts(request):
        try:
            request.FILES  # noqa: B018
        except UnreadablePostError:
            pass  # the sender has gone; what follows sees an empty form
        finally:
            for handler in request.upload_handlers:
                if isinstance(handler, SealingUploadHandler):
                    handler.abandon()


def _accepts(request: HttpRequest) -> bool:
    view = _view(request)
    marked = getattr(view, "accepts_files", False) or getattr(getattr(view, "view_class", None), "accepts_files", False)
    return bool(marked) and _signed_in(request)


def _view(request: HttpRequest) -> object:
    """The view this request is for, also while the middleware is still at work."""
    if request.resolver_match:
        return request.resolver_match.func
    try:
        return resolve(request.path_info, getattr(request, "urlconf", None)).func
    except Resolver404:
        return None


def _signed_in(request: HttpRequest) -> bool:
    session, person = getattr(request, "session", None), getattr(request, "user", None)
    # The session alone may be that of somebody whose account was closed since: ask the person too, where there is one.
    return bool(session and SESSION_KEY in session and (person is None or person.is_authenticated))
