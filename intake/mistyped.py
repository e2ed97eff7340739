"""Says what is wrong with receipt words that were typed: how many, which one, what it may have been meant to be.

Whoever types them has the slip in hand, so a word the check symbols give away is proposed, never put in for them.
The message is made when it is shown, in the reader's language, and is not part of what a log would write of the error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext as _

from .field import SYMBOLS
from .lexicon import JAPANESE, Lexicon, large, unmarked

MOST_NAMED = 3
LONGEST_SHOWN = 16


@dataclass(frozen=True)
class Doubt:
    """A place (from 1) whose word is not of the list or does not fit, and the words it may have been meant to be."""

    place: int
    text: str
    meant: tuple[str, ...] = ()
    listed: bool = True


@dataclass(frozen=True)
class Findings:
    """What was found wrong; `read` are the words in the order they were read."""

    words: Lexicon
    read: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    swapped: tuple[tuple[int, int], ...] = ()
    missing: int | None = None
    extra: int | None = None
    two_ways: bool = False

    def sentences(self) -> Iterator[str]:
        if not self.read:
            yield _("合言葉が入力されていません。紙に書いた11個の言葉を、順番どおりに入力してください。")
            return
        if self.two_ways:
            yield _("言葉の区切りを決められません。言葉と言葉のあいだに空白を入れてください。")
            return
        number = len(self.read)
        if number < SYMBOLS:
            yield _(
                "言葉が足りません。合言葉は11個ですが、読み取れたのは%(number)d個です。紙を見て、足りない言葉を書き足してください。"
            ) % {"number": number}
        if number > SYMBOLS:
            yield _(
                "言葉が多すぎます。合言葉は11個ですが、%(number)d個ありました。紙を見て、余分な言葉を消してください。"
            ) % {"number": number}
        yield from self._places()
        if number == SYMBOLS and not self.doubts and not self.swapped:
            yield _("どれも合言葉に使う言葉ですが、組み合わせが合いません。2か所以上違っているようです。")
            yield _("1つずつ、紙に書いたものと見くらべてください。")

    def _places(self) -> Iterator[str]:
        if self.missing:
            yield _("%(place)d番目の言葉が抜けているようです。") % {"place": self.missing}
        if self.extra:
            word = _quoted(self.read[self.extra - 1])
            yield _("%(place)d番目の%(word)sは、余分のようです。") % {"place": self.extra, "word": word}
        for first, second in self.swapped[:MOST_NAMED]:
            yield _("%(first)d番目の%(one)sと%(second)d番目の%(other)sは、順番が逆のようです。") % {
                "first": first,
                "second": second,
                "one": _quoted(self.read[first - 1]),
                "other": _quoted(self.read[second - 1]),
            }
        if self.swapped:
            yield _("入れかえて、もう一度「開く」を押してください。")
        for doubt in self.doubts[:MOST_NAMED]:
            yield from _about(doubt, self.words)
        if len(self.doubts) > MOST_NAMED:
            yield _("ほかにも、読み取れない言葉が%(number)d個あります。") % {"number": len(self.doubts) - MOST_NAMED}
        if any(not doubt.meant for doubt in self.doubts):
            yield _("紙を見て、書き直してください。")


def _about(doubt: Doubt, words: Lexicon) -> Iterator[str]:
    told = {"place": doubt.place, "word": _quoted(doubt.text)}
    if doubt.listed:
        yield _("%(place)d番目の%(word)sが違っているようです。") % told
    else:
        yield _("%(place)d番目の%(word)sは、合言葉に使わない言葉です。") % told
    if words.language == JAPANESE and not _kana(doubt.text):
        yield _("漢字やローマ字は使わず、ひらがなかカタカナで入力してください。")
    if doubt.meant:
        yield _("%(words)sではありませんか。") % {"words": _("、").join(_quoted(word) for word in doubt.meant)}
        yield from _difference(doubt.text, doubt.meant[0])


def _difference(typed: str, meant: str) -> Iterator[str]:
    if typed != meant and large(typed) == large(meant):
        yield _("小さい字（「ゃ」「っ」など）と大きい字を確かめてください。")
    elif typed != meant and unmarked(typed) == unmarked(meant):
        yield _("「゛」と「゜」を確かめてください。")


def _kana(text: str) -> bool:
    return all("ぁ" <= letter <= "ゖ" or letter == "ー" for letter in text)


def _quoted(word: str) -> str:
    return _("「%(word)s」") % {"word": word if len(word) <= LONGEST_SHOWN else word[:LONGEST_SHOWN] + "…"}


class Mistyped(ValueError):
    """These are not the words of a receipt. `message` says why, in the language it is read in."""

    def __init__(self, findings: Findings) -> None:
        super().__init__()
        self.args = ()  # what a log would write
        self.findings = findings

    def __str__(self) -> str:
        return "receipt words mistyped"

    @property
    def message(self) -> Promise:
        return lazystr(_Said(self.findings))

    @property
    def positions(self) -> tuple[int, ...]:
        """The places (from 1) of what is named."""
        found = self.findings
        named = [doubt.place for doubt in found.doubts] + [place for pair in found.swapped for place in pair]
        return tuple(sorted({*named, *filter(None, (found.missing, found.extra))}))

    @property
    def read(self) -> tuple[str, ...]:
        return self.findings.read


class _Said:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings

    def __str__(self) -> str:
        sentences = list(self.findings.sentences())
        return ("" if sentences[0].endswith("。") else " ").join(sentences)
