"""The benchmarks' world at a thousand rows: it opens, it rotates, its log holds; and the drawing says what it shows."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import call_command

from bench import audit, curves, prepare
from clearance.access import newest
from clearance.context import acting
from documents.models import Document


@pytest.mark.django_db(transaction=True)
def test_the_world_opens_and_rotates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in (("PEOPLE", 60), ("CIRCLES", 40), ("ORGANISATIONS", 5)):
        monkeypatch.setattr(prepare, name, number)
    prepare.cast.cache_clear()
    cast = prepare.cast()
    prepare.fill(100)
    prepare.fill(1_000)
    titles = []
    for _ in range(2):
        with acting(person=cast.official, assurance=prepare.assurance()) as actor:
            page = newest(actor, Document.objects.all(), limit=50)
            titles.append([document.title for document in page])
        call_command("rotate_keys", "marking", stdout=StringIO())
    assert len(titles[0]) == 50
    assert titles[0] == titles[1]
    assert set(Document.objects.using("owner").values_list("key_version", flat=True)) == {3}
    prepare.cast.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_the_log_is_sealed_as_the_sealer_does_and_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "A_SEAL", 300)
    audit.write(1_000)
    assert audit.checked(1_000) > 0


def test_the_drawing_says_in_words_what_it_shows(tmp_path: Path) -> None:
    drawn = curves.Curves()
    for panel in curves.PANELS:
        for number, size in enumerate((10_000, 1_000_000)):
            drawn.add(panel, size, 4.25 + number)
            drawn.add(panel, size, 30.5 * (1 + 40 * number), ours=False)
    curves.drawing(drawn, tmp_path / "growth.svg")
    root = ElementTree.parse(tmp_path / "growth.svg").getroot()
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert {"title", "desc", "polyline"} <= names
    assert not names & {"script", "style", "foreignObject", "image"}
    described = next(element.text or "" for element in root.iter() if element.tag.endswith("desc"))
    assert "1M documents: Entaku 5.2 ms, guardian 1250.5 ms" in described
    box = [float(value) for value in root.attrib["viewBox"].split()]
    for element in root.iter():
        for name, most in (("x", box[2]), ("cx", box[2]), ("y", box[3]), ("cy", box[3])):
            assert 0 <= float(element.attrib.get(name, 0)) <= most, element.attrib
