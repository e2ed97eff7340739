"""What is told on the public pages can be read after lower secondary school, in Japanese and in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import mean

import pytest

from tests.intake.desks import Office
from tests.intake.public import Visitor, served

pytestmark = pytest.mark.django_db
PAGES = ["/", "/rights/", "/write/", "/return/"]
KANJI = re.compile(r"[\u4e00-\u9fff]")
# Names of laws as they are, to be searched for.
NAMES = ("製造委託等に係る中小受託事業者に対する代金の支払の遅延等の防止に関する法律", "Seizō itaku tō")
# JIS X 0208 level 1, by its Shift_JIS codes: the 2,965 characters in common use, of which school teaches 2,136.
LEVEL_1 = range(0x889F, 0x9873)


def sentences(address: str, language: str) -> list[str]:
    visitor = Visitor(language)
    visitor.open(address)
    main = visitor.html.partition("<main")[2].partition("</main>")[0]
    visitor.answer.content = re.sub(r"</(?:p|li|h\d|legend|label|summary|dt|dd)>", "\n", f"<main{main}").encode()
    lines = [re.sub(r"\s+", " ", line).strip() for line in visitor.text.splitlines()]
    ends = r"(?<=[。？！])|(?<=[.?!:]) (?=[A-Z“])"
    return [part for line in lines for part in re.split(ends, line) if part and not part.startswith(NAMES)]


@pytest.fixture(autouse=True)
def _served(office: Office) -> Iterator[None]:
    with served():
        yield


@pytest.mark.parametrize("address", PAGES)
def test_japanese_sentences_are_short_and_their_characters_common(address: str) -> None:
    said = sentences(address, "ja")
    whole = [each for each in said if each.endswith("。")]
    assert len(said) > 5
    assert mean(map(len, whole)) <= 30, mean(map(len, whole))
    assert len(max(whole, key=len)) <= 72, max(whole, key=len)
    text = "".join(said)
    share = len(KANJI.findall(text)) / len(re.findall(r"\w", text))
    assert share <= (0.36 if address == "/rights/" else 0.31), share  # the names of laws and offices
    beyond = {one for one in KANJI.findall(text) if int.from_bytes(one.encode("shift_jis"), "big") not in LEVEL_1}
    assert beyond == set()


def syllables(word: str) -> int:
    groups = re.findall(r"[aeiouy]+", word.lower().removesuffix("e") if len(word) > 3 else word.lower())
    return max(1, len(groups))


@pytest.mark.parametrize("address", PAGES)
def test_english_is_of_grade_eight_at_most(address: str) -> None:
    """Flesch–Kincaid: 0.39 words a sentence + 11.8 syllables a word − 15.59."""
    said = [each for each in sentences(address, "en") if each.endswith((".", "?", "!"))]
    words = [word for each in said for word in re.findall(r"[A-Za-z’]+", each)]
    grade = 0.39 * len(words) / len(said) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    assert grade <= 8, grade
