"""Marking definitions: TLP 2.0 as everybody knows it, and a statement of level, compartments and releasability."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from clearance.markings import parse
from clearance.models import Level

from .identifiers import new_id, source_of, stamp

Object = dict[str, Any]

# The definitions of FIRST's TLP 2.0 that OASIS published, and the extension they are written with.
TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP = {
    "CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
TLP_MADE = datetime(2022, 10, 1, tzinfo=UTC)
# What stands once and for all was made on a day of its own: when a marking was first used is nobody's business.
FIXED = datetime(2026, 1, 1, tzinfo=UTC)


def definitions(marking: str) -> list[Object]:
    """All that something under the marking refers to: its statement first."""
    parts = parse(marking)
    return [statement(marking), *([tlp(parts.tlp)] if parts.tlp else [])]


def tlp(color: str) -> Object:
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP[color],
        "created": stamp(TLP_MADE),
        "name": f"TLP:{color}",
        "extensions": {TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": color.lower()}},
    }


def statement(marking: str) -> Object:
    """The marking in its canonical form and in words. No machine is asked to understand it."""
    parts = parse(marking)
    said = [f"格付：{Level(parts.level).label}"]
    if parts.compartments:
        said.append(f"取扱分野：{'、'.join(parts.compartments)}")
    if parts.releasability:
        said.append(f"提供可能な国・地域：{'、'.join(parts.releasability)}")
    return {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": new_id("marking-definition", source_of("statement", marking)),
        "created": stamp(FIXED),
        "name": marking,
        "definition_type": "statement",
        "definition": {"statement": f"{marking}（{' ／ '.join(said)}）"},
    }
