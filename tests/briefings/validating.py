"""stix2-validator's judgement of what is published, its warnings counted as errors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from stix2validator import ValidationOptions, validate_instance

from briefings.stix.places import COUNTRIES, REGIONS

STRICT = ValidationOptions(version="2.1", strict=True, strict_types=True, strict_properties=True)
# A place must have a country, a region or coordinates. Of one that is in no list the name is all that is known, and it
# stands as its region: an open vocabulary, from which one should rather than must choose (STIX 2.1, section 10.24).
OF_ANY_PLACE = {"111", "223"}


def wrong(objects: Iterable[dict[str, Any]]) -> list[str]:
    """What the validator says against them, in strict mode; no more than is listed above goes by."""
    said: list[str] = []
    for each in objects:
        known = each["type"] != "location" or each["name"] in {*COUNTRIES, *REGIONS}
        for error in validate_instance(each, STRICT).errors:
            code = re.search(r"\{(\d+)\}", str(error))
            if known or code is None or code[1] not in OF_ANY_PLACE:
                said.append(str(error))
    return said
