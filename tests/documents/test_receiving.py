"""Handing over: what is stored, under what, and what is refused."""

import pytest

from documents.models import Document, State
from documents.services.reading import open_page
from tests.documents.acting import TEXT, being, hand_over, newest_version
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_text_handed_over_is_checked_and_read(world: World) -> None:
    document = hand_over(world, world.official)
    with being(world.engineer) as actor:
        seen = Document.objects.get(pk=document.pk)
        assert seen.title == "在庫の見通し"
        version = seen.versions.get()
        assert version.state == State.READY
        page = open_page(actor=actor, document=seen, version=version, number=1)
        assert page.text == TEXT.decode()
    assert newest_version(document).file_name == "見通し.txt"
