"""From the first page to the answer, as somebody without a name goes through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.intake.desks import Office
from tests.intake.public import Visitor, served

pytestmark = pytest.mark.django_db
LANGUAGES = ["ja", "en"]
SIZE = 64 * 1024


@pytest.fixture(autouse=True)
def _served(office: Office) -> Iterator[None]:
    with served():
        yield


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", ["/", "/rights/", "/write/", "/return/"])
def test_each_page_speaks_the_language_of_its_address(address: str, language: str) -> None:
    visitor = Visitor(language)
    answer = visitor.open(address)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in visitor.html
    assert answer["Content-Language"] == language
    other = "/en" + address if language == "ja" else address
    assert f'<a href="{other}" lang=' in visitor.html
    links = set(__import__("re").findall(r'(?:href|action)="(/[^"]*)"', visitor.html)) - {other}
    assert links
    assert all(link.startswith("/en/") == (language == "en") for link in links)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_concern_is_written_checked_sent_and_found_again(office: Office, language: str) -> None:
    visitor = Visitor(language)
    visitor.write(text='一行目 <b>\n二行目 & "引用"', urgent="on", consent="GENERAL")
    assert visitor.answer.status_code == 200
    assert '一行目 <b>\n二行目 & "引用"' in visitor.text
    visitor.post("/sent/", visitor.fields("draft"))
    words = visitor.words
    assert len(words.split()) == 11
    back = Visitor(language)
    back.come_back(words.replace(" ", "\n"))
    assert '一行目 <b>\n二行目 & "引用"' in back.text
