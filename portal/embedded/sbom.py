"""The list of components of a bundle: CycloneDX 1.6 JSON, from the lock and the metadata in the wheels."""

import json
import re
import uuid
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

from portal.embedded.wheels import Wheel, normal

PURL = "pkg:py" + "pi/{name}@{version}"  # the type that the purl specification gives to Python's packages
SHORT = 80  # a longer "licence" is the whole text of one


def describe(version: str, commit: str, when: int, wheels: Sequence[Wheel]) -> str:
    """The same input gives the same text, serial number and time included."""
    product = f"entaku@{version}+{commit[:12]}"
    metadata = {wheel.name: _metadata(wheel.path) for wheel in wheels}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_OID, f"{commit} {[w.sha256 for w in wheels]}").urn,
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(when, UTC).isoformat().replace("+00:00", "Z"),
            "component": {"type": "application", "name": "entaku", "version": version, "bom-ref": product},
        },
        "components": [_component(wheel, metadata[wheel.name]) for wheel in wheels],
        "dependencies": [
            {"ref": product, "dependsOn": [_purl(wheel) for wheel in wheels]},
            *({"ref": _purl(wheel), "dependsOn": _needs(metadata[wheel.name], wheels)} for wheel in wheels),
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _purl(wheel: Wheel) -> str:
    return PURL.format(name=wheel.name, version=wheel.version)


def _component(wheel: Wheel, metadata: Message) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": _purl(wheel),
        "name": wheel.name,
        "version": wheel.version,
        "purl": _purl(wheel),
        "hashes": [{"alg": "SHA-256", "content": wheel.sha256}],
        "licenses": licences(metadata),
        "properties": [{"name": "entaku:file", "value": f"wheels/{wheel.path.name}"}],
    }


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        return Parser().parsestr(archive.read(name).decode())


def licences(metadata: Message) -> list[dict[str, Any]]:
    """The expression the package states, else its classifiers, else what it wrote in a line of its own."""
    if stated := metadata["License-Expression"]:
        return [{"expression": stated}]
    classifiers = [text.split(" :: ") for text in metadata.get_all("Classifier", []) if text.startswith("License ::")]
    if names := [parts[-1] for parts in classifiers if parts[-1] != "OSI Approved"]:
        return [{"license": {"name": name}} for name in names]
    line = (metadata["License"] or "").strip()
    return [{"license": {"name": line}}] if line and len(line) <= SHORT and "\n" not in line else []


def _needs(metadata: Message, wheels: Sequence[Wheel]) -> list[str]:
    """What of the bundle the package asks for, extras and other platforms left aside."""
    asked = {
        normal(stated[0])
        for line in metadata.get_all("Requires-Dist", [])
        if "extra ==" not in line and (stated := re.match(r"[\w.-]+", line))
    }
    return [_purl(wheel) for wheel in wheels if wheel.name in asked]
