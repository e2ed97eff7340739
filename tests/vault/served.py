"""The smallest site that takes uploads, for a real server to run: no database, everyone is signed in."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

if not settings.configured:
    settings.configure(
        SECRET_KEY="test-only",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "vault"],
        MIDDLEWARE=[f"{__name__}.everyone_is_signed_in"],
        FILE_UPLOAD_HANDLERS=["vault.uploads.SealingUploadHandler"],
        UPLOAD_MAX_BYTES=2 * 1024**3,
        STORAGES={
            "blobs": {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {"location": os.environ["ENTAKU_TEST_BLOBS"]},
            }
        },
    )
    django.setup()

from django.core.handlers.wsgi import WSGIHandler

from vault.uploads import SealedUpload, accepts_files, parse_upload


def everyone_is_signed_in(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        request.session = {SESSION_KEY: "1"}  # type: ignore[assignment]
        parse_upload(request)
        return get_response(request)

    return middleware


@accepts_files
def upload(request: HttpRequest) -> HttpResponse:
    """What came, how it can be opened, and the most memory this process ever held (KiB)."""
    file = request.FILES.get("file")
    told: dict[str, object] = {"pid": os.getpid(), "peak": peak()}
    if isinstance(file, SealedUpload):
        told |= {"blob": file.blob_name, "key": file.key.hex(), "size": file.size, "sha256": file.sha256}
    return JsonResponse(told)


def peak() -> int:
    found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) if found else 0


urlpatterns = [path("upload", upload)]
application = WSGIHandler()
