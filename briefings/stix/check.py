"""Own checks of a group of objects, besides the validator's: what they refer to is there, and markings are markings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Object = dict[str, Any]


def faults(objects: Iterable[Object]) -> list[str]:
    """What is wrong; empty where each marking reference points at a marking definition of the group, each other
    reference at an object of it, and everything but the definitions themselves is marked."""
    group = {each["id"]: each for each in objects}
    return [fault for each in group.values() for fault in _faults(each, group)]


def _faults(each: Object, group: dict[str, Object]) -> Iterator[str]:
    marks = [
        *each.get("object_marking_refs", ()),
        *(granular.get("marking_ref", "") for granular in each.get("granular_markings", ())),
    ]
    for ref in marks:
        if group.get(ref, {}).get("type") != "marking-definition":
            yield f"{each['id']}: {ref} is no marking definition"
    if each["type"] != "marking-definition" and not each.get("object_marking_refs"):
        yield f"{each['id']} is not marked"
    for ref in (each.get("created_by_ref"), *each.get("object_refs", ())):
        if ref and ref not in group:
            yield f"{each['id']}: {ref} is not there"
