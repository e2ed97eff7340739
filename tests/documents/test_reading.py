"""Reading and taking away: ranges, headers, sittings; what is altered shows nothing of itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from audit.models import Event
from clearance.markings import marking
from documents.demo.pdf import pdf
from documents.models import Document, Reading, Rendition, Version, Way
from documents.queries import documents as queries
from documents.services.reading import open_download, open_image, open_page
from documents.views.viewer import ALONE
from tests.documents.acting import TEXT, body, hand_over, newest_version
from tests.world import World, as_owner, being
from vault import Unreadable

pytestmark = pytest.mark.django_db
ClientFor = Callable[..., Client]
LONG = b"0123456789abcdef" * 131_072  # 2 MiB: eight chunks


@pytest.fixture
def document(world: World) -> Document:
    return hand_over(world, world.official, LONG, name="記録.txt", title="長い記録")


def address(document: Document) -> str:
    return reverse("documents:download", args=[document.pk, 1])


def ledger(document: Document, **which: object) -> list[Reading]:
    with as_owner():
        return list(Reading.objects.filter(document=document, **which).order_by("began"))


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=262143-262144", 262_143, 262_145),
        ("bytes=-5", len(LONG) - 5, len(LONG)),
        ("bytes=1000000-", 1_000_000, len(LONG)),
        (f"bytes=0-{len(LONG)}", 0, len(LONG)),
    ],
)
def test_one_range_is_answered_with_just_that(
    world: World, client_for: ClientFor, document: Document, header: str, start: int, stop: int
) -> None:
    answer = client_for(world.engineer).get(address(document), headers={"range": header})
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/{len(LONG)}"
    assert answer["Content-Length"] == str(stop - start)
    assert body(answer) == LONG[start:stop]


def test_the_whole_file_says_what_it_is_and_that_it_may_not_be_kept(
    world: World, client_for: ClientFor, document: Document
) -> None:
    answer = client_for(world.engineer).get(address(document), headers={"range": "bytes=0-1,3-4"})
    assert answer.status_code == 200
    assert body(answer) == LONG
    assert answer["Content-Type"] == "text/plain"
    assert answer["Content-Length"] == str(len(LONG))
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Content-Disposition"] == "attachment; filename=\"__.txt\"; filename*=UTF-8''%E8%A8%98%E9%8C%B2.txt"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == ALONE
    assert answer["ETag"] != f'"{newest_version(document).digest}"'


def test_a_range_past_the_end_is_416(world: World, client_for: ClientFor, document: Document) -> None:
    answer = client_for(world.engineer).get(address(document), headers={"range": f"bytes={len(LONG)}-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(LONG)}")


def test_a_range_of_another_version_gets_the_whole(world: World, client_for: ClientFor, document: Document) -> None:
    client = client_for(world.engineer)
    tag = client.head(address(document))["ETag"]
    for condition, status in ((tag, 206), ('"other"', 200), ("Wed, 21 Oct 2026 07:28:00 GMT", 200), (f"W/{tag}", 200)):
        answer = client.get(address(document), headers={"range": "bytes=0-9", "if-range": condition})
        assert answer.status_code == status
        body(answer)


def test_a_question_for_the_headers_opens_nothing(
    world: World, client_for: ClientFor, document: Document, blobs: Path
) -> None:
    for path in blobs.rglob("*"):
        if path.is_file():
            path.unlink()
    answer = client_for(world.engineer).head(address(document))
    assert (answer.status_code, answer["Content-Length"], body(answer)) == (200, str(len(LONG)), b"")
    part = client_for(world.engineer).head(address(document), headers={"range": "bytes=0-9"})
    assert (part.status_code, part["Content-Length"]) == (200, str(len(LONG)))  # a range is of a GET alone
    assert not ledger(document)


def test_ranges_within_ten_minutes_are_one_sitting(world: World, client_for: ClientFor, document: Document) -> None:
    client = client_for(world.engineer)
    for start in range(0, 50, 10):
        body(client.get(address(document), headers={"range": f"bytes={start}-{start + 9}"}))
    (line,) = ledger(document)
    assert (line.person_id, line.way, line.sitting) == (world.engineer.pk, Way.DOWNLOAD, 1)
    with as_owner():
        assert Event.objects.filter(act="document.download").count() == 1
        Reading.objects.update(began=timezone.now() - timedelta(hours=1), last=timezone.now() - timedelta(minutes=11))
    body(client.get(address(document), headers={"range": "bytes=0-9"}))
    assert [line.sitting for line in ledger(document)] == [1, 2]
    body(client_for(world.second_official).get(address(document)))
    assert len(ledger(document)) == 3


def test_looking_and_taking_are_two_sittings(world: World, client_for: ClientFor, document: Document) -> None:
    client = client_for(world.engineer)
    for number in (1, 2, 2):
        client.get(reverse("documents:view", args=[document.pk, 1]), {"page": number})
    body(client.get(address(document)))
    assert sorted(line.way for line in ledger(document)) == [Way.DOWNLOAD, Way.VIEW]


def test_the_list_and_the_card_are_no_reading(world: World, client_for: ClientFor, document: Document) -> None:
    client = client_for(world.engineer)
    client.get(reverse("documents:index"))
    client.get(reverse("documents:document", args=[document.pk]))
    assert not ledger(document)
    with as_owner():
        acts = list(Event.objects.filter(person_id=world.engineer.pk).order_by("at").values_list("act", flat=True))
    assert acts == ["document.list", "document.open"]


@pytest.mark.parametrize(
    ("name", "lines"), [("official", 2), ("engineer", 1), ("second_official", 2), ("secretary", 0)]
)
def test_who_has_read_it_is_for_its_originator_and_stewards(
    world: World, client_for: ClientFor, document: Document, name: str, lines: int
) -> None:
    for reader in (world.engineer, world.second_official):
        body(client_for(reader).get(address(document)))
    person: Person = world.people[name]
    with being(person):
        assert queries.readings(document).count() == lines
    status = client_for(person).get(reverse("documents:readings", args=[document.pk])).status_code
    assert status == (200 if lines == 2 else 404)


def test_nobody_writes_into_the_ledger_for_somebody_else(world: World, document: Document) -> None:
    version = newest_version(document)
    line = {"document": document, "version": version, "way": Way.VIEW, "sitting": 1}
    with (
        being(world.engineer),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        Reading(person=world.official, **line).save(force_insert=True)


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("place", [0, 20, -1, -300_000], ids=["header", "first chunk", "last chunk", "length"])
def test_an_altered_file_gives_an_error_page_and_no_byte(
    world: World, client_for: ClientFor, document: Document, blobs: Path, place: int
) -> None:
    path = blobs / newest_version(document).blob_id
    if place == -300_000:
        path.write_bytes(path.read_bytes()[:place])
    else:
        flip(path, place)
    answer = client_for(world.engineer).get(address(document))
    assert answer.status_code == 500
    assert "開けません" in answer.content.decode()
    assert b"0123456789" not in answer.content
    assert not ledger(document)  # nothing was given, so nothing was read


def test_a_chunk_altered_further_on_ends_the_stream_before_it(
    world: World, client_for: ClientFor, document: Document, blobs: Path
) -> None:
    flip(blobs / newest_version(document).blob_id, 600_000)
    answer = client_for(world.engineer).get(address(document))
    got = b""
    stream = iter(answer.streaming_content)  # type: ignore[attr-defined]
    for _chunk in range(2):
        got += next(stream)
    with pytest.raises(Unreadable):
        next(stream)
    assert LONG.startswith(got)
    assert len(got) == 2 * 262_144  # what was given before had verified
    answer.close()


def test_a_missing_blob_gives_an_error_page(
    world: World, client_for: ClientFor, document: Document, blobs: Path
) -> None:
    (blobs / newest_version(document).blob_id).unlink()
    with as_owner():
        drawn = Rendition.objects.get(document=document)
    (blobs / drawn.blob_id).unlink()
    client = client_for(world.engineer)
    assert client.get(address(document)).status_code == 500
    assert client.get(reverse("documents:view", args=[document.pk, 1])).status_code == 500


def test_a_level_lowered_in_the_database_opens_nothing(world: World, client_for: ClientFor, document: Document) -> None:
    with as_owner():
        lower = marking(1)
        Document.objects.filter(pk=document.pk).update(
            marking=lower, level=1, comp_mask=lower.comp_mask, release_mask=lower.release_mask
        )
    client = client_for(world.foreign)  # may read level 1 in this circle
    listed = client.get(reverse("documents:index")).content.decode()
    assert "長い記録" not in listed
    assert "開けません" in listed
    assert client.get(reverse("documents:document", args=[document.pk])).status_code == 500
    assert client.get(address(document)).status_code == 500


def test_a_pdf_is_shown_page_by_page_with_its_words(world: World, client_for: ClientFor) -> None:
    document = hand_over(
        world, world.official, pdf([["Alpha page"], ["Beta page"]]), name="plan.pdf", title="計画", marking=None
    )
    client = client_for(world.engineer)
    page = client.get(reverse("documents:view", args=[document.pk, 1]), {"page": 2})
    assert "Beta page" in page.content.decode()
    assert "Alpha page" not in page.content.decode()
    image = client.get(reverse("documents:image", args=[document.pk, 1, 2]))
    assert image["Content-Type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")
    assert image["Cache-Control"] == "private, no-store"
    for number in (0, 3):
        assert client.get(reverse("documents:image", args=[document.pk, 1, number])).status_code == 404
    outside = client_for(world.colleague)
    assert outside.get(reverse("documents:image", args=[document.pk, 1, 2])).status_code == 404
    assert len(ledger(document)) == 1


@pytest.mark.parametrize(("asked", "page"), [("0", 1), ("99", 2), ("x", 1), ("", 1)])
def test_a_page_that_is_not_there_leads_to_one_that_is(
    world: World, client_for: ClientFor, asked: str, page: int
) -> None:
    document = hand_over(world, world.official, pdf([["One"], ["Two"]]), name="a.pdf")
    url = reverse("documents:view", args=[document.pk, 1])
    answer = client_for(world.engineer).get(url, {"page": asked})
    assert (answer.status_code, answer["Location"]) == (302, f"{url}?page={page}")


ACTIVE = [("page.html", b"<script>alert(1)</script>"), ("図.svg", b"<svg onload='x()'/>"), ("a.txt", b"MZ\0\0" * 9)]


@pytest.mark.parametrize(("name", "content"), ACTIVE)
def test_what_could_run_is_only_handed_out_as_bytes(
    world: World, client_for: ClientFor, name: str, content: bytes
) -> None:
    document = hand_over(world, world.official, content, name=name)
    client = client_for(world.engineer)
    assert client.get(reverse("documents:view", args=[document.pk, 1])).status_code == 404
    answer = client.get(address(document))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert body(answer) == content


def test_text_is_shown_as_text(world: World, client_for: ClientFor) -> None:
    words = "記号 < > & \" ' と <b>太字</b>\n"
    document = hand_over(world, world.official, words.encode("cp932"), name="a.txt")
    page = client_for(world.engineer).get(reverse("documents:view", args=[document.pk, 1])).content.decode()
    assert "&lt;b&gt;太字&lt;/b&gt;" in page
    assert "Shift_JIS" in page


def test_what_is_not_checked_yet_is_not_given(world: World, client_for: ClientFor) -> None:
    document = hand_over(world, world.official, TEXT, worked=False)
    client = client_for(world.official)
    assert client.get(address(document)).status_code == 404
    assert client.get(reverse("documents:view", args=[document.pk, 1])).status_code == 404
    card = client.get(reverse("documents:document", args=[document.pk]))
    assert "確認しています" in card.content.decode()
    assert client.get(reverse("documents:state", args=[document.pk])).content == b"RECEIVED:0"


def test_a_document_one_may_read_opens_no_version_of_another(world: World) -> None:
    first = hand_over(world, world.official, title="一つ目")
    second = hand_over(world, world.official, title="二つ目")
    with being(world.engineer) as actor:
        version = Version.objects.select_related("document").get(document=second)
        mine = Document.objects.get(pk=first.pk)
        with pytest.raises(Http404):
            open_page(actor=actor, document=mine, version=version, number=1)
        with pytest.raises(Http404):
            open_image(actor=actor, document=mine, version=version, number=1)
        with pytest.raises(Http404):
            open_download(actor=actor, document=mine, version=version)
