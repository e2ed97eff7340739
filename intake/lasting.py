"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from intake import drawers
from vault.blobs import sync_folder


def add(path: Path, content: bytes) -> bool:
    """Write a new file to last, its owner's alone and dated by the day; False where there is one by that name already.

    Of several at once one wins, and nothing of the others is left. Raises `OSError`.
    """
    fresh = path.with_name(f"new-{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        drawers.date(fresh)
        os.link(fresh, path)  # unlike a rename, it takes no other's place
    except FileExistsError:
        return False
    finally:
        with suppress(OSError):
            fresh.unlink()
        drawers.date(path.parent)
    sync_folder(path.parent)
    return True
