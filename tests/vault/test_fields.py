"""Sealed fields on rows: every way to write them, and every way to read them."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from django.db import DataError, connection, models, transaction
from pytest_django import DjangoAssertNumQueries

from tests.vault.letters.models import Enclosure, Letter, Page
from vault import Unreadable

pytestmark = pytest.mark.django_db


def letter(**fields: Any) -> Letter:
    return Letter.objects.create(**{"title": "調達計画", "body": "本文", "early": "先", **fields})


def stored(row: models.Model) -> dict[str, Any]:
    """The row's columns as they lie in the database."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {row._meta.db_table} WHERE id = %s", [row.pk])
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def tamper(row: models.Model, column: str, value: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s", [value, row.pk])


# --- writing --------------------------------------------------------------------------------------------------


def made_by_create() -> Letter:
    return letter()


def made_by_save() -> Letter:
    row = Letter(title="調達計画", body="本文", early="先")
    row.save()
    return row


def made_by_bulk_create() -> Letter:
    return Letter.objects.bulk_create(
        [Letter(title=title, body="本文", early="先") for title in ("別の計画", "調達計画")]
    )[1]


def made_field_by_field() -> Letter:
    row = Letter()
    row.title = "仮"
    row.early, row.body = "先", "本文"
    row.title = "調達計画"
    row.save()
    return row


@pytest.mark.parametrize("make", [made_by_create, made_by_save, made_by_bulk_create, made_field_by_field])
def test_a_row_is_sealed_however_it_is_made(make: Any) -> None:
    row = make()
    columns = stored(row)
    for name, plain in (("title", "調達計画"), ("body", "本文"), ("early", "先")):
        assert plain.encode() not in bytes(columns[name])
        assert getattr(row, name) == plain
        assert getattr(Letter.objects.get(pk=row.pk), name) == plain
    assert len(columns["wrapped_key"]) == 61
    assert columns["key_version"] == 1


def test_sealed_fields_are_written_before_and_after_the_key() -> None:
    names = [field.attname for field in Letter._meta.local_concrete_fields]
    assert names.index("early") < names.index("wrapped_key") < names.index("title")


def test_each_row_has_a_key_of_its_own() -> None:
    rows = Letter.objects.bulk_create([Letter(title="同じ") for _ in range(3)])
    assert len({row.item_key() for row in rows}) == 3
    assert len({bytes(stored(row)["title"]) for row in rows}) == 3


def test_every_kind_of_value_comes_back() -> None:
    row = letter(title="", body="改行\nと絵文字🗾", facts={"国": ["JP", None], "割合": 0.5}, file_key=bytes(range(32)))
    again = Letter.objects.get(pk=row.pk)
    assert (again.title, again.body) == ("", "改行\nと絵文字🗾")
    assert (again.facts, again.file_key) == ({"国": ["JP", None], "割合": 0.5}, bytes(range(32)))
    empty = Letter.objects.get(pk=letter().pk)
    assert (empty.facts, empty.file_key, empty.body) == (None, None, "本文")


def test_a_write_of_an_unchanged_value_is_sealed_anew() -> None:
    row = letter()
    before = stored(row)
    row.title = "調達計画"
    row.save()
    after = stored(row)
    assert after["title"] != before["title"]
    assert (after["body"], after["wrapped_key"]) == (before["body"], before["wrapped_key"])
    assert Letter.objects.get(pk=row.pk).title == "調達計画"


def test_an_unopened_value_is_written_back_byte_for_byte_without_opening() -> None:
    row = letter()
    tamper(row, "body", b"\x01 not a ciphertext at all ....................")
    before = stored(row)
    again = Letter.objects.get(pk=row.pk)
    again.note = "控え"
    again.save()
    assert stored(row) == before | {"note": "控え"}


def test_an_opened_value_that_was_not_assigned_is_not_sealed_anew() -> None:
    row = letter(facts=[1, 2])
    before = stored(row)
    again = Letter.objects.get(pk=row.pk)
    assert (again.title, again.facts) == ("調達計画", [1, 2])
    again.save()
    assert stored(row) == before


def test_json_changed_in_place_is_saved() -> None:
    row = Letter.objects.get(pk=letter(facts={"国": ["JP"]}).pk)
    assert row.facts
    row.facts["国"].append("NL")
    row.save()
    assert Letter.objects.get(pk=row.pk).facts == {"国": ["JP", "NL"]}


def test_update_fields_writes_what_it_names() -> None:
    row = letter()
    again = Letter.objects.get(pk=row.pk)
    again.title, again.body = "新しい件名", "書かれない"
    again.save(update_fields=["title"])
    read = Letter.objects.get(pk=row.pk)
    assert (read.title, read.body) == ("新しい件名", "本文")


def test_update_or_create_works_by_id() -> None:
    row = letter()
    Letter.objects.update_or_create(pk=row.pk, defaults={"title": "改訂"})
    assert Letter.objects.get(pk=row.pk).title == "改訂"


def test_a_failed_save_can_be_tried_again_under_another_marking() -> None:
    row = Letter(title="件名", note="長" * 101)
    with pytest.raises(DataError, match="too long"), transaction.atomic():
        row.save()
    row.note, row.marking, row.level = "短", "PUBLIC", 0
    row.save()
    assert Letter.objects.get(pk=row.pk).title == "件名"


# --- reading --------------------------------------------------------------------------------------------------


def test_reading_a_list_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    Letter.objects.bulk_create([Letter(title=f"件名{n}") for n in range(20)])
    with django_assert_num_queries(1):
        assert {row.title for row in Letter.objects.all()} == {f"件名{n}" for n in range(20)}


def test_deferred_fields_are_fetched_when_read(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    pk = letter().pk
    row = Letter.objects.defer("title").get(pk=pk)
    with django_assert_num_queries(1):
        assert row.title == "調達計画"
        assert row.title == "調達計画"
    bare = Letter.objects.only("title").get(pk=pk)
    assert bare.title == "調達計画"
    bare.title = "改訂"
    bare.save()
    assert Letter.objects.get(pk=pk).title == "改訂"


def test_refresh_reads_anew_without_opening_or_marking(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    row = letter()
    other = Letter.objects.get(pk=row.pk)
    other.title = "改訂"
    other.save()
    row.title, before = "捨てられる", stored(row)
    row.refresh_from_db()
    assert not row.__dict__["title"].is_open
    row.save()
    assert stored(row) == before
    assert row.title == "改訂"
    row.title = "捨てられる"
    row.refresh_from_db(fields=["title"])
    assert (row.title, row.body) == ("改訂", "本文")


def test_refresh_of_an_ordinary_deferred_field_keeps_a_new_key() -> None:
    row = Letter.objects.defer("note").get(pk=letter(note="控え").pk)
    row.new_key()
    assert row.note == "控え"
    row.save()
    assert Letter.objects.get(pk=row.pk).title == "調達計画"


def test_a_pickled_row_carries_neither_plain_text_nor_key() -> None:
    row = Letter.objects.get(pk=letter(body="秘密の本文").pk)
    assert row.body == "秘密の本文"
    key, pickled = row.item_key(), pickle.dumps(row)
    assert "秘密の本文".encode() not in pickled
    assert key not in pickled
    assert pickle.loads(pickled).body == "秘密の本文"


def test_a_value_not_saved_yet_and_an_open_key_are_not_pickled() -> None:
    with pytest.raises(TypeError, match="not saved yet"):
        pickle.dumps(Letter(title="件名"))
    row = letter()
    with pytest.raises(TypeError, match="stays in this process"):
        pickle.dumps(row._open_key)


def test_copies_in_memory_keep_what_was_typed() -> None:
    row = letter()
    row.title = "未保存"
    for copied in (copy.copy(row), copy.deepcopy(row)):
        copied.body = "写しだけ"
        assert (copied.title, copied.body, row.body) == ("未保存", "写しだけ", "本文")


def test_nothing_shows_a_value_or_key_in_a_traceback() -> None:
    row = letter()
    shown = f"{row.__dict__!r} {row._open_key!r}"
    assert "調達計画" not in shown
    assert repr(row.item_key()) not in shown


# --- what each ciphertext is bound to ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [("level", 0), ("level", 3), ("comp_mask", 0), ("release_mask", 1), ("marking", "PUBLIC"), ("key_version", 2)],
)
def test_an_edited_label_makes_the_row_unreadable(column: str, value: object) -> None:
    letter(marking="PUBLIC", level=0, comp_mask=0)
    row = letter()
    tamper(row, column, value)
    again = Letter.objects.get(pk=row.pk)
    for name in ("title", "body", "early"):
        with pytest.raises(Unreadable):
            getattr(again, name)


@pytest.mark.parametrize("column", ["title", "wrapped_key"])
def test_every_altered_byte_is_noticed(column: str) -> None:
    row = letter()
    whole = bytes(stored(row)[column])
    for place in range(len(whole)):
        altered = bytearray(whole)
        altered[place] ^= 0x10
        tamper(row, column, bytes(altered))
        with pytest.raises(Unreadable):
            _ = Letter.objects.get(pk=row.pk).title
    for length in (0, 1, 12, 13, 28, len(whole) - 1):
        tamper(row, column, whole[:length])
        with pytest.raises(Unreadable):
            _ = Letter.objects.get(pk=row.pk).title
    tamper(row, column, whole)
    assert Letter.objects.get(pk=row.pk).title == "調達計画"


def test_ciphertext_moved_to_another_field_or_row_is_unreadable() -> None:
    row, other = letter(), letter(title="公開", marking="PUBLIC", level=0)
    tamper(row, "title", stored(row)["body"])
    with pytest.raises(Unreadable):
        _ = Letter.objects.get(pk=row.pk).title
    tamper(other, "title", stored(row)["early"])
    tamper(other, "wrapped_key", stored(row)["wrapped_key"])
    with pytest.raises(Unreadable):
        _ = Letter.objects.get(pk=other.pk).title


def test_a_row_copied_under_another_id_is_refused_at_once() -> None:
    row = Letter.objects.get(pk=letter().pk)
    row.pk = Letter().pk
    row._state.adding = True
    with pytest.raises(Unreadable):
        row.save()


def test_a_row_without_a_key_is_unreadable() -> None:
    row = letter()
    tamper(row, "wrapped_key", b"")
    with pytest.raises(Unreadable, match="運用担当者"):
        _ = Letter.objects.get(pk=row.pk).title


# --- another marking ------------------------------------------------------------------------------------------


def test_rewrap_keeps_the_key_and_the_ciphertext() -> None:
    row = Letter.objects.get(pk=letter().pk)
    before, key = stored(row), row.item_key()
    row.rewrap(Letter(marking="PUBLIC", level=0, comp_mask=0, release_mask=-1).seal_label)
    row.marking, row.level, row.comp_mask = "PUBLIC", 0, 0
    row.save(update_fields=["marking", "level", "comp_mask"])
    after = stored(row)
    assert after["title"] == before["title"]
    assert after["wrapped_key"] != before["wrapped_key"]
    again = Letter.objects.get(pk=row.pk)
    assert (again.title, again.item_key()) == ("調達計画", key)


def test_a_marking_changed_without_rewrap_is_refused() -> None:
    row = letter()
    row.level = 0
    with pytest.raises(ValueError, match="rewrap"), transaction.atomic():
        row.save()
    again = Letter.objects.get(pk=row.pk)
    again.rewrap(Letter(level=1).seal_label)
    with pytest.raises(ValueError, match="rewrap"):
        again.save()


def test_a_new_key_seals_the_row_and_its_children_anew() -> None:
    row = letter()
    Enclosure.objects.create(letter=row, name="別紙")
    row = Letter.objects.get(pk=row.pk)
    before, old = stored(row), row.item_key()
    children = list(row.enclosures.all())
    row.new_key(children)
    row.marking, row.level = "CESI", 3
    row.save(update_fields=["marking", "level"])
    for child in children:
        child.save()
    after, again = stored(row), Letter.objects.get(pk=row.pk)
    assert not {bytes(before[name]) for name in ("title", "body", "early")} & {
        bytes(v) for v in after.values() if isinstance(v, bytes)
    }
    assert again.item_key() != old
    assert (again.title, again.body, again.early) == ("調達計画", "本文", "先")
    assert again.enclosures.get().name == "別紙"


def test_a_new_key_is_refused_for_children_that_hold_another_copy_of_the_row() -> None:
    row = letter()
    child = Enclosure.objects.create(letter=row, name="別紙")
    apart = Enclosure.objects.get(pk=child.pk)
    with pytest.raises(ValueError, match="another object"):
        row.new_key([apart])
    assert (row.title, apart.name) == ("調達計画", "別紙")


# --- children -------------------------------------------------------------------------------------------------


def test_children_are_sealed_under_their_parents_key(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    row = letter()
    Enclosure.objects.bulk_create([Enclosure(letter=row, name=f"別紙{n}") for n in range(3)])
    with django_assert_num_queries(1):
        names = {child.name for child in Enclosure.objects.select_related("letter")}
    assert names == {"別紙0", "別紙1", "別紙2"}
    page = Page.objects.create(enclosure=row.enclosures.all()[0], text="1頁")
    assert Page.objects.get(pk=page.pk).text == "1頁"


def test_a_child_may_be_sealed_before_its_parent_is_saved() -> None:
    row = Letter(title="件名")
    child = Enclosure(letter=row, name="別紙")
    row.save()
    child.save()
    assert Enclosure.objects.get(pk=child.pk).name == "別紙"


def test_a_child_moved_to_another_parent_or_row_is_unreadable() -> None:
    first, second = letter(), letter()
    child = Enclosure.objects.create(letter=first, name="別紙")
    sibling = Enclosure.objects.create(letter=first, name="別紙2")
    tamper(sibling, "name", stored(child)["name"])
    tamper(child, "letter_id", second.pk)
    for moved in (child, sibling):
        with pytest.raises(Unreadable):
            _ = Enclosure.objects.get(pk=moved.pk).name


def test_refreshing_a_child_opens_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    child = Enclosure.objects.create(letter=letter(), name="別紙")
    with django_assert_num_queries(1):
        child.refresh_from_db()
    assert not child.__dict__["name"].is_open
