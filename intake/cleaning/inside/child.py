"""The process that cleans one file. `running.py` starts it with the file on descriptor 0 and reads 1 (see `telling`).

Run by its path, not as a module of the product: it has no settings, no keys and no database to begin with.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from confine import confine  # type: ignore[import-not-found]
from telling import Refused, Teller  # type: ignore[import-not-found]

FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")  # for a PDF that does not bring its own


def main(kind: str, seconds: int, parent: int) -> None:
    if kind in ("text", "csv"):
        import writings as work  # type: ignore[import-not-found]
    elif kind == "pdf":
        import pages as work  # type: ignore[import-not-found]
    else:
        import pictures as work  # type: ignore[import-not-found]
    source, teller = os.fdopen(0, "rb", closefd=False), Teller(os.fdopen(1, "wb", closefd=False))
    work.rehearse(kind)
    confine(parent=parent, seconds=seconds, readable=FONTS if kind == "pdf" else ())
    try:
        work.clean(source, kind, teller)
        teller.end()
    except Refused as refused:
        teller.refusal(str(refused))
    except MemoryError:
        teller.refusal("pixels")
    except Exception:  # noqa: BLE001 - whatever a reader makes of a broken file
        teller.refusal("broken")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
