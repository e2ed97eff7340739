"""Words that everybody who attacks this portal tries first: a password may hold them, not consist of them.

The list is told in docs/limits.md; a person's own organisation belongs to it too.
"""

from __future__ import annotations

import re
import unicodedata
from string import digits

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Person

WORDS = (
    "entaku", "entac", "円卓", "えんたく", "エンタク", "portal", "ポータル", "password", "passw0rd", "passwort",
    "パスワード", "admin", "welcome", "keizai", "anzen", "hosho", "経済安全保障", "経済安保", "機密", "himitsu", "秘密",
    "qwerty", "asdf", "1234567890", "123456789", "12345678", "0123456789",
)  # fmt: skip
REMAINS = 8  # characters that have to be left when the words are taken out
SHORTEST_NAME = 3


class PortalWordsValidator:
    """Refuses what is only the portal's words, the organisation's name or a common password with digits around it."""

    def __init__(self) -> None:
        self._common = CommonPasswordValidator().passwords

    def validate(self, password: str, user: Person | None = None) -> None:
        left = plain = _plain(password)
        for word in sorted({*map(_plain, WORDS), *_names(user)}, key=len, reverse=True):
            left = left.replace(word, "")
        if (left != plain and len(left) < REMAINS) or plain.strip(digits) in self._common:
            raise ValidationError(
                _(
                    "推測されやすい言葉(このシステムや組織の名称、よくあるパスワード)がほとんどです。別の言葉を組み合わせてください。"
                ),
                code="password_words",
            )

    def get_help_text(self) -> str:
        return _("このシステムや組織の名称だけのパスワードは使えません。")


def _plain(text: str) -> str:
    """As a guesser reads it: whatever its width and case, without blanks and marks."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _names(user: Person | None) -> set[str]:
    if user is None:
        return set()
    given = (user.organisation.name, user.organisation.name_en, user.email.partition("@")[2].partition(".")[0])
    return {name for name in map(_plain, given) if len(name) >= SHORTEST_NAME}
