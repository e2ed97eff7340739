"""The one style sheet of the anonymous pages, from its two files, and the hash by which the content policy lets it in.

It stands inside each page: a page is one request, so the line shows no pattern of parts by which it could be known.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from pathlib import Path

PARTS = ("page.css", "forms.css")
WHOLE = "".join(Path(__file__).with_name(name).read_text() for name in PARTS)
SHEET = re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", WHOLE, flags=re.DOTALL)).strip()
SOURCE = "'sha256-" + b64encode(hashlib.sha256(SHEET.encode()).digest()).decode() + "'"
