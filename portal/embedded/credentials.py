"""The passwords and keys of one data folder: made on the first run, readable by their owner alone."""

import json
import os
import secrets
from pathlib import Path

from portal.embedded.console import Trouble
from portal.embedded.folder import Folder

NAMES = (
    "secret_key", "intake_secret_key", "postgres", "portal_owner", "portal_app", "portal_worker", "portal_intake",
    "valkey",
)  # fmt: skip


def credentials(folder: Folder) -> dict[str, str]:
    """One secret a name of NAMES. Raises Trouble when data is there but its secrets are not."""
    path = folder.secrets / "credentials.json"
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    if not folder.first_start and not (found and root_key(folder).exists()):
        raise Trouble(
            f"データを開く鍵が {folder.secrets} にありません。控えから戻すか、VAR= で別の場所を指定してください。",
            f"{folder.secrets} lacks the keys to the data in {folder.root}; restore them or name another VAR=.",
        )
    missing = {name: secrets.token_urlsafe(48) for name in NAMES if name not in found}
    if missing:
        found |= missing
        write_private(path, json.dumps(found, indent=1).encode())
    path.chmod(0o600)
    return found


def root_key(folder: Folder) -> Path:
    return folder.secrets / "root.key"


def write_private(path: Path, content: bytes) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
