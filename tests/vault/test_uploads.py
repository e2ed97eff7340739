"""Uploads: sealed as they arrive, for whom they are accepted, and nothing left of those that are not."""

from __future__ import annotations

import errno
import gc
import hashlib
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.test import RequestFactory
from django.test.client import BOUNDARY, encode_multipart
from django.urls import ResolverMatch, path
from django.utils.decorators import method_decorator
from django.views import View
from pytest_django import Settings

from vault import blobs
from vault.blobs import NewBlob
from vault.streams import StreamSealer, open_range
from vault.uploads import SealedUpload, accepts_files, parse_upload

CONTENT = "機密のファイル内容。".encode() * 50_000  # six chunks
FORM = {"title": "件名", "zz": "後の項目"}


@accepts_files
def receiving(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def other(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@method_decorator(accepts_files, name="dispatch")
class Receiving(View):
    """Marked the way Django marks class-based views."""


class AlsoReceiving(View):
    accepts_files = True


urlpatterns = [path("receive", receiving), path("other", other)]

pytestmark = pytest.mark.usefixtures("blob_folder")


def named(content: bytes = CONTENT, name: str = "報告書.pdf") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def body_of(**parts: Any) -> bytes:
    """A multipart body with the fields before and after the files, as a browser sends them."""
    return encode_multipart(BOUNDARY, {"title": FORM["title"], **parts, "zz": FORM["zz"]})


def request_with(
    body: Any,
    *,
    view: Callable[..., Any] | None = receiving,
    person: Any = True,
    length: int = 0,
) -> HttpRequest:
    stream = io.BytesIO(body) if isinstance(body, bytes) else body
    request = RequestFactory().generic("POST", "/receive", CONTENT_TYPE=f"multipart/form-data; boundary={BOUNDARY}")
    request.META["CONTENT_LENGTH"] = str(length or len(body))
    request._stream = stream
    request.session = {SESSION_KEY: "1"} if person else {}  # type: ignore[assignment]
    if view:
        request.resolver_match = ResolverMatch(view, (), {})
    return request


def received(**parts: Any) -> SealedUpload:
    upload = request_with(body_of(file=named(**parts))).FILES["file"]
    assert isinstance(upload, SealedUpload)
    return upload


def plain(upload: SealedUpload) -> bytes:
    blob = blobs.open_blob(upload.blob_name)
    return b"".join(open_range(blob, key=upload.key, binding=upload.binding, size=upload.size))


def test_a_file_is_sealed_while_it_arrives(blob_folder: Path) -> None:
    request = request_with(body_of(file=named()))
    upload = request.FILES["file"]
    assert isinstance(upload, SealedUpload)
    assert (upload.name, upload.size, upload.content_type) == ("報告書.pdf", len(CONTENT), "application/pdf")
    assert upload.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert upload.head == CONTENT[:8192]
    assert (upload.too_large, upload.refusal) == (False, "")
    assert plain(upload) == CONTENT
    assert {name: request.POST[name] for name in FORM} == FORM
    on_disk = (blob_folder / upload.blob_name).read_bytes()
    assert CONTENT[:30] not in on_disk
    assert upload.key not in on_disk


def test_no_plain_byte_touches_a_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings) -> None:
    def refuse(*_args: Any, **_more: Any) -> None:
        raise AssertionError("a temporary file was asked for")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "nowhere"
    assert settings.FILE_UPLOAD_HANDLERS == ["vault.uploads.SealingUploadHandler"]
    assert received().size == len(CONTENT)


@pytest.mark.parametrize("content", [b"", b"x", bytes(8192), bytes(8193), bytes(262144), bytes(262145)], ids=len)
def test_files_of_any_size_come_back(content: bytes) -> None:
    upload = received(content=content)
    assert (upload.size, plain(upload), upload.head) == (len(content), content, content[:8192])


def test_each_upload_has_a_key_and_a_name_of_its_own() -> None:
    request = request_with(body_of(one=named(), two=named(), three=[named(), named()]))
    all_of_them: list[Any] = [upload for _, files in request.FILES.lists() for upload in files]
    assert len({upload.key for upload in all_of_them}) == len({upload.blob_name for upload in all_of_them}) == 4
    assert all(plain(upload) == CONTENT for upload in all_of_them)


def test_the_content_cannot_be_had_from_the_upload_itself() -> None:
    upload = received()
    for attempt in (upload.read, upload.open, lambda: list(upload.chunks()), lambda: list(upload)):
        with pytest.raises(io.UnsupportedOperation, match="sealed"):
            attempt()


# --- for whom -------------------------------------------------------------------------------------------------

NOT_ACCEPTED: dict[str, dict[str, Any]] = {
    "a view that takes no files": {"view": other},
    "nobody signed in": {"person": None},
}


@pytest.mark.parametrize("how", NOT_ACCEPTED.values(), ids=NOT_ACCEPTED)
def test_elsewhere_files_are_passed_over_and_nothing_is_written(how: dict[str, Any]) -> None:
    request = request_with(body_of(file=named(), more=named()), **how)
    assert not request.FILES
    assert {name: request.POST[name] for name in FORM} == FORM
    assert list(blobs.names()) == []


def test_a_person_whose_account_was_closed_uploads_nothing() -> None:
    for signed_in in (False, True):
        request = request_with(body_of(file=named()))
        request.user = SimpleNamespace(is_authenticated=signed_in)  # type: ignore[assignment]
        assert bool(request.FILES) is signed_in


def test_a_request_without_a_session_uploads_nothing() -> None:
    request = request_with(body_of(file=named()))
    del request.session
    assert not request.FILES


@pytest.mark.parametrize("view", [Receiving.as_view(), AlsoReceiving.as_view()], ids=["decorated", "attribute"])
def test_class_based_views_can_be_marked(view: Callable[..., Any]) -> None:
    assert request_with(body_of(file=named()), view=view).FILES


def test_an_address_without_a_view_takes_no_files(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    request = request_with(body_of(file=named()), view=None)
    request.path_info = "/nowhere"
    assert not request.FILES


# --- before the transaction -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("address", "parsed"), [("/receive", True), ("/other", False), ("/nowhere", False)])
def test_files_are_taken_in_ahead_where_they_are_taken_at_all(address: str, parsed: bool, settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    request = request_with(body_of(file=named()), view=None)
    request.path_info = address
    parse_upload(request)
    assert hasattr(request, "_files") is parsed
    assert request.POST["title"] == "件名"
    assert bool(request.FILES) is parsed


def test_taking_in_ahead_leaves_other_requests_alone(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    for request in (
        RequestFactory().get("/receive"),
        RequestFactory().post("/receive", "x", content_type="text/plain"),
    ):
        request.session = {SESSION_KEY: "1"}  # type: ignore[assignment]
        parse_upload(request)
        assert not hasattr(request, "_files")


# --- limits and faults ----------------------------------------------------------------------------------------


def test_a_file_over_the_limit_is_refused_and_the_rest_of_the_form_kept(settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = len(CONTENT) - 1
    request = request_with(body_of(file=named(), small=named(b"small")))
    upload, small = request.FILES["file"], request.FILES["small"]
    assert isinstance(upload, SealedUpload)
    assert isinstance(small, SealedUpload)
    assert upload.too_large
    assert upload.size == len(CONTENT)
    assert "大きすぎます" in upload.refusal
    assert "1.4\xa0MB" in upload.refusal
    with pytest.raises(ValueError, match="refusal"):
        _ = upload.key
    assert {name: request.POST[name] for name in FORM} == FORM
    assert plain(small) == b"small"
    assert list(blobs.names()) == [small.blob_name]
    settings.UPLOAD_MAX_BYTES = len(CONTENT)
    assert not received().too_large


def full(*_args: Any, **_more: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("where", "what"),
    [(blobs, "_create"), (StreamSealer, "write"), (StreamSealer, "finish"), (NewBlob, "keep")],
    ids=["at the start", "on the way", "with the last chunk", "when it should last"],
)
def test_a_full_storage_refuses_the_file_and_keeps_the_form(
    where: Any, what: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(where, what, full)
    request = request_with(body_of(file=named()))
    upload = request.FILES["file"]
    assert isinstance(upload, SealedUpload)
    assert not upload.too_large
    assert "保存できません" in upload.refusal
    assert {name: request.POST[name] for name in FORM} == FORM
    assert list(blobs.names()) == []
    assert "blob storage refused" in caplog.text


class Cut(io.BytesIO):
    """A connection that fails once what has arrived is read."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise OSError("connection reset")
        return data


def test_a_request_that_ends_in_the_middle_of_a_file_leaves_nothing() -> None:
    whole = body_of(first=named(b"complete"), file=named())
    for at in (len(whole) - 200, len(whole) // 2, whole.index("機密".encode()) + 3):
        with pytest.raises(MultiPartParserError, match="middle of a file"):
            _ = request_with(whole[:at], length=len(whole)).FILES
        assert list(blobs.names()) == []


def test_a_connection_that_breaks_in_the_middle_of_a_file_leaves_nothing() -> None:
    whole = body_of(first=named(b"complete"), file=named())
    request = request_with(Cut(whole[: len(whole) // 2]), length=len(whole))
    with pytest.raises(UnreadablePostError):
        _ = request.FILES
    del request
    gc.collect()
    assert list(blobs.names()) == []


def test_taking_in_ahead_a_request_that_breaks_leaves_an_empty_form(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    request = request_with(Cut(body_of(file=named())[:-500_000]), view=None, length=2_000_000)
    parse_upload(request)
    assert list(blobs.names()) == []
    assert (dict(request.POST), dict(request.FILES)) == ({}, {})


def test_an_upload_nobody_took_the_key_of_is_removed_with_the_request() -> None:
    request = request_with(body_of(kept=named(), left=named()))
    kept, _left = request.FILES["kept"], request.FILES["left"]
    assert isinstance(kept, SealedUpload)
    assert kept.key
    request.close()
    assert list(blobs.names()) == [kept.blob_name]
    kept.discard()
    assert list(blobs.names()) == []


def test_encoded_files_are_decoded_before_they_are_sealed() -> None:
    body = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\nY29udGVudA==\r\n--{BOUNDARY}--\r\n"
    ).encode()
    upload = request_with(body).FILES["file"]
    assert isinstance(upload, SealedUpload)
    assert plain(upload) == b"content"
    with pytest.raises(MultiPartParserError):
        _ = request_with(body.replace(b"Y29udGVudA==", b"Y29udGVudA")).FILES
    gc.collect()
    assert list(blobs.names()) == [upload.blob_name]


class Handover(forms.Form):
    title = forms.CharField()
    file = forms.FileField()

    def clean_file(self) -> SealedUpload:
        upload: SealedUpload = self.cleaned_data["file"]
        if upload.refusal:
            raise forms.ValidationError(upload.refusal)
        return upload


def test_a_form_takes_a_sealed_upload_and_says_why_not(settings: Settings) -> None:
    request = request_with(body_of(file=named()))
    form = Handover(request.POST, request.FILES)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["file"].size == len(CONTENT)
    settings.UPLOAD_MAX_BYTES = 10
    request = request_with(body_of(file=named()))
    form = Handover(request.POST, request.FILES)
    assert "大きすぎます" in form.errors["file"][0]
    assert 'value="件名"' in str(form["title"])


def test_memory_stays_flat_however_large_the_file() -> None:
    import tracemalloc

    size = 96 * 1024 * 1024
    tracemalloc.start()
    try:
        request = request_with(Flood(size), length=Flood(size).length)
        upload: Any = request.FILES["file"]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert upload.size == size
    assert peak < 8 * 1024 * 1024


class Flood(io.RawIOBase):
    """A multipart body with a file of so many zero bytes, made as it is read."""

    def __init__(self, size: int) -> None:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'.encode()
        self._head, self._left, self._tail = head, size, f"\r\n--{BOUNDARY}--\r\n".encode()
        self.length = len(head) + size + len(self._tail)

    def read(self, size: int = -1, /) -> bytes:
        if self._head:
            data, self._head = self._head[:size], self._head[size:]
        elif self._left:
            data = bytes(min(size, self._left))
            self._left -= len(data)
        else:
            data, self._tail = self._tail[:size], self._tail[size:]
        return data
