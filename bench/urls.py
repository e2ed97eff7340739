"""The portal's URLs, and the plain file that the sealed one is measured against."""

from collections.abc import Iterator

from django.http import HttpRequest, StreamingHttpResponse
from django.urls import include, path

from bench.stream import PLAIN, SIZE
from vault.streams import CHUNK


def plain(request: HttpRequest) -> StreamingHttpResponse:
    """The same bytes from a plain file, read and sent in the same pieces."""

    def pieces() -> Iterator[bytes]:
        with PLAIN.open("rb", buffering=0) as file:
            while piece := file.read(CHUNK):
                yield piece

    return StreamingHttpResponse(pieces(), headers={"Content-Length": str(SIZE)})


urlpatterns = [path("bench/plain", plain), path("", include("portal.embedded_urls"))]
