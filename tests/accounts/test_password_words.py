"""Passwords that are nothing but what everybody would try here."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from accounts.password_words import WORDS, PortalWordsValidator
from tests.accounts.conftest import PASSWORD, People
from tests.docs.pages import DOCS, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "weak",
    [
        "Entaku-2026-11!",
        "円卓円卓円卓円卓2026",
        "ＥＮＴＡＫＵ　ｐａｓｓｗｏｒｄ",
        "dragon20261122",
        "{organisation}2026",
        "{domain}{domain}{domain}",
    ],
)
def test_what_is_only_the_portals_words_is_refused(people: People, weak: str) -> None:
    given = weak.format(
        organisation=people.engineer.organisation.name, domain=people.engineer.email.partition("@")[2].split(".")[0]
    )
    with pytest.raises(ValidationError, match="推測"):
        PortalWordsValidator().validate(given, people.engineer)


@pytest.mark.parametrize(
    "good", [PASSWORD, "entaku で飲む朝のほうじ茶は熱い", "correct horse battery", "x" * 64, "ＡＢＣ def 川 ~ 9 水"]
)
def test_words_among_others_are_taken_whatever_their_letters(people: People, good: str) -> None:
    PortalWordsValidator().validate(good, people.engineer)
    PortalWordsValidator().validate(good)


def test_the_list_is_told() -> None:
    told = text(DOCS / "limits.md")
    assert [word for word in WORDS if f"`{word}`" not in told] == []
