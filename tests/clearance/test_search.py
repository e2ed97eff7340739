"""Search over sealed text: it finds what a plain search over readable rows would find, and tells of nothing else."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearance.access import visible_to
from clearance.limits import LimitReached, tallied
from clearance.markings import marking
from clearance.search import facets_of, finding, folded, search, tokens_of
from clearance.search.laying import index, waiting
from documents.models import Document
from documents.services.relabelling import relabel
from tests import world as build
from tests.thorough import FEW_CASES
from tests.world import World, as_owner, as_role, being
from vault import grams, keys, rotation
from vault.key_rows import MarkingKey

from .finding import finds, found, newest_first, titled, tokens, worker_lays

pytestmark = pytest.mark.django_db

TITLES = (
    "重要鉱物の在庫の見通し", "ﾘﾁｳﾑ蓄電池の調達先", "リチウム蓄電池　第２報", "ＬＮＧタンカーの迂回",
    "LNG tanker rerouting", "ガリウム・ゲルマニウムの輸出管理", "銅", "Straße und Schiene", "STRASSE",
    "半導体製造装置（ＥＵＶ）", "EUV 露光", "重要 鉱物", "鉱物重要", "a",
)  # fmt: skip


@pytest.fixture
def shelf(world: World) -> list[Document]:
    """Titles under several markings, in and out of the world's circle; some laid, some not yet, some past."""
    with as_owner():
        low, battery = marking(1), marking(2, ["BATTERY"])
        wide = build.circle(marking(2, ["SEMICON", "BATTERY"]), world.official, world.engineer)
    made = [titled(world, title) for title in TITLES]
    made += [titled(world, title, marking=low) for title in TITLES[:6]]
    made += [titled(world, title, marking=battery, circle=wide) for title in TITLES[4:]]
    made += [titled(world, title, circle=world.other_circle) for title in TITLES]
    titled(world, TITLES[0], withdrawn=True)
    titled(world, TITLES[1], expires_at=timezone.now() - timedelta(days=1))
    worker_lays()
    return [*made, titled(world, "重要鉱物（まだ索引にない）"), titled(world, "LNG", circle=world.other_circle)]


def variants(text: str) -> st.SearchStrategy[str]:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    return st.sampled_from([text, wide, text.upper(), text.lower(), folded(text), f"　{text} "])


parts = st.builds(
    lambda title, start, size: title[start % len(title) :][:size], st.sampled_from(TITLES), st.integers(0, 20),
    st.integers(1, 6),
).flatmap(variants)  # fmt: skip
questions = st.lists(parts | st.text(max_size=3).filter(str.isprintable), min_size=1, max_size=2).map(" ".join)


def test_it_finds_what_a_plain_search_over_readable_rows_finds(shelf: list[Document], world: World) -> None:
    shown: list[int] = []

    @settings(FEW_CASES, suppress_health_check=list(HealthCheck))
    @given(words=questions, who=st.sampled_from(["official", "engineer", "foreign", "outsider"]), few=st.booleans())
    def check(words: str, who: str, few: bool) -> None:
        with being(world.people[who]) as actor:
            readable = newest_first(visible_to(actor, Document.objects.select_related("marking").order_by("pk")))
            wanted = folded(words).split()
            plain = [row.title for row in readable if all(word in folded(row.title) for word in wanted)]
            assert found(actor, words, limit=3 if few else 50) == plain
        shown.append(len(plain))

    check()
    assert sum(map(bool, shown)) > len(shown) / 4  # or it would compare nothing with nothing


def test_what_one_may_not_read_changes_nothing(shelf: list[Document], world: World) -> None:
    def asked() -> list[Any]:
        with being(world.engineer) as actor:
            pages = [search(actor, Document.objects.all(), words) for words in ("鉱物", "銅", "lng")]
            return [([row.pk for row in page], page.next, page.examined) for page in pages]

    worker_lays()
    before = asked()
    for title in TITLES:
        titled(world, title, circle=world.other_circle)
        titled(world, title, withdrawn=True)
    assert asked() == before
    worker_lays()
    assert asked() == before
    assert finds(world.outsider, "鉱物") == []


def test_it_opens_so_many_at_a_time_and_goes_on_where_it_stopped(
    shelf: list[Document], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "CANDIDATES", 3)
    monkeypatch.setattr(finding, "SLICE", 2)
    with being(world.official) as actor:
        page = search(actor, Document.objects.all(), "銅")
        assert page.next
        assert page.examined == 3
        in_small_steps = found(actor, "銅"), found(actor, "重要鉱物", limit=1)
        monkeypatch.undo()
        assert in_small_steps == (found(actor, "銅"), found(actor, "重要鉱物"))


def test_a_cursor_is_of_no_use_to_another_reader(shelf: list[Document], world: World) -> None:
    with being(world.official) as actor:
        first = search(actor, Document.objects.all(), "鉱物", limit=1)
        assert search(actor, Document.objects.all(), "鉱物", limit=1, after=first.next).rows != first.rows
    with being(world.second_official) as actor:
        fresh = search(actor, Document.objects.all(), "鉱物", limit=1)
        assert search(actor, Document.objects.all(), "鉱物", limit=1, after=first.next).rows == fresh.rows


def test_only_what_is_shown_counts_against_the_daily_limit(shelf: list[Document], world: World) -> None:
    with being(world.engineer) as actor, tallied(actor) as tally:
        shown = search(actor, Document.objects.all(), "銅")
        assert tally.opened == len(shown) < shown.examined
        tally.left = tally.opened
        with pytest.raises(LimitReached):
            search(actor, Document.objects.all(), "lng")


def test_tokens_follow_the_marking_and_go_with_the_row(world: World) -> None:
    document = titled(world, "重要鉱物の在庫")
    assert worker_lays() == 1
    first = tokens(document) or set()
    assert first == set(tokens_of("重要鉱物の在庫", world.hi_semicon))
    with being(world.official) as actor:
        target = marking(2, ["SEMICON"], tlp="AMBER")
        relabel(actor=actor, document=Document.objects.select_related("marking").get(), marking=target)
    assert tokens(document) is None
    assert finds(world.engineer, "鉱物の在庫") == ["重要鉱物の在庫"]
    worker_lays()
    assert tokens(document) == set(tokens_of("重要鉱物の在庫", target))
    assert not (tokens(document) or set()) & first
    assert finds(world.engineer, "鉱物の在庫") == ["重要鉱物の在庫"]
    with as_owner():
        Document.objects.filter(pk=document.pk).update(withdrawn=True)
    assert tokens(document) is None
    assert finds(world.engineer, "鉱物の在庫") == []


def test_the_same_gram_under_two_markings_has_two_tokens_and_neither_shows_it(world: World) -> None:
    with as_owner():
        other = marking(2, ["BATTERY"])
    titled(world, "鉱物")
    titled(world, "鉱物", marking=other, circle=wide(world, other))
    worker_lays()
    (one,), (two,) = tokens_of("鉱物", world.hi_semicon), tokens_of("鉱物", other)
    assert one != two
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT tokens FROM documents_document ORDER BY created")
        assert cursor.fetchall() == [([one],), ([two],)]
    for token in (one, two):
        lying = token.to_bytes(8, "little", signed=True), token.to_bytes(8, "big", signed=True)
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "shift_jis", "euc-jp"):
            for char in "鉱物":
                raw = char.encode(encoding)
                assert not any(raw in held for held in lying)
                assert raw.hex() not in str(token)
                assert base64.b64encode(raw).decode().rstrip("=") not in str(token)


def wide(world: World, ceiling: Any) -> Any:
    with as_owner():
        return build.circle(ceiling, world.official)


def test_from_level_3_up_no_row_has_tokens_whoever_lays_them(world: World) -> None:
    document = titled(world, "重要鉱物")
    worker_lays()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE documents_document DROP CONSTRAINT documents_document_marking_columns")
        cursor.execute("ALTER TABLE documents_document DISABLE TRIGGER USER")
        with pytest.raises(DatabaseError, match="no_tokens_from_3"), transaction.atomic():
            cursor.execute("UPDATE documents_document SET level = 3 WHERE id = %s", [document.pk])
        cursor.execute("UPDATE documents_document SET level = 3, tokens = NULL WHERE id = %s", [document.pk])
    worker_lays()
    assert tokens(document) is None


def test_nobody_lays_tokens_where_they_do_not_write(world: World) -> None:
    document = titled(world, "重要鉱物")
    with being(world.outsider), pytest.raises(Document.DoesNotExist):
        Document.objects.get(pk=document.pk)
    for reader, may in ((world.outsider, False), (world.engineer, True)):
        with being(reader), connection.cursor() as cursor:
            asked = "documents_document", document.pk, document.marking_id, document.key_version, [1]
            cursor.execute("SELECT clearance_index(%s, %s, %s, %s, %s::bigint[])", asked)
            assert cursor.fetchone() == (may,)
    assert tokens(document) == {1}


@pytest.mark.parametrize("table", ["accounts_person", "dialogues_room", "documents_document; SELECT 1"])
def test_only_what_is_searched_is_asked(world: World, table: str) -> None:
    with being(world.official), connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
        cursor.execute("SELECT * FROM clearance_search(%s, '[]', NULL, NULL, NULL, 10)", [table])


def test_a_row_is_laid_at_once_where_its_writer_asks(world: World) -> None:
    document = titled(world, "重要鉱物")
    with being(world.engineer):
        assert index(Document.objects.select_related("marking").get(pk=document.pk))
    assert tokens(document) == set(tokens_of("重要鉱物", world.hi_semicon))


def test_facets_narrow_as_words_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Document, "searched_facets", lambda row: ["C28"] if "半導体" in row.title else ["C24"])
    documents = [titled(world, title) for title in ("半導体の鉱物", "鉄の鉱物", "鉱物の半導体")]
    for laid in (False, True):
        assert finds(world.engineer, "", facets=["C28"]) == ["鉱物の半導体", "半導体の鉱物"], laid
        assert finds(world.engineer, "半導体の", facets=["c28"]) == ["半導体の鉱物"], laid
        worker_lays()
    assert set(facets_of(["C28"], world.hi_semicon)) < (tokens(documents[0]) or set())


def test_a_new_root_key_leaves_the_tokens_as_they_are(world: World) -> None:
    before = tokens_of("重要鉱物", world.hi_semicon) if titled(world, "x") else []
    with as_owner():
        (row,) = MarkingKey.objects.filter(marking=world.hi_semicon.text)
        row.wrapped = keys.rewrapped_marking_key(row)
        row.save()
    keys.forget()
    assert tokens_of("重要鉱物", world.hi_semicon) == before


def test_a_new_key_of_the_marking_loses_nothing_at_any_moment(world: World) -> None:
    document, text = titled(world, "重要鉱物の在庫"), world.hi_semicon.text
    worker_lays()
    first = tokens(document)
    with as_owner():
        version = rotation.begin(text, using="default")
    assert finds(world.engineer, "鉱物") == ["重要鉱物の在庫"]
    with as_owner():
        rotation.rewrap(text, version, using="default", advance=lambda _count: None)
    assert tokens(document) is None
    assert finds(world.engineer, "鉱物") == ["重要鉱物の在庫"]
    worker_lays()
    with as_owner():
        assert rotation.empty(text, 1, using="default")
    assert finds(world.engineer, "鉱物") == ["重要鉱物の在庫"]
    assert grams.versions([text]) == [(text, version)]
    assert first != tokens(document) is not None


def test_an_unreadable_row_stops_nobody_and_is_not_found(world: World) -> None:
    broken, _whole = titled(world, "重要鉱物 壊"), titled(world, "重要鉱物 無事")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("UPDATE documents_document SET title = '\\x01'::bytea WHERE id = %s", [broken.pk])
    assert worker_lays() == 1
    assert finds(world.engineer, "鉱物") == ["重要鉱物 無事"]
    with as_role("portal_worker"):
        assert waiting(Document) == 1
