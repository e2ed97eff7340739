"""The whole product as `make run` starts it, once for the tests that need it running."""

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from portal.embedded.instance import ROOT
from portal.embedded.ports import free_port
from portal.embedded.processes import Identity, surroundings

# Tests of several files on one worker, in the order of their files: each leaves it running, but for the last.
ON_ONE_WORKER = pytest.mark.xdist_group("the whole product")
PATIENCE = 90  # seconds; on two busy cores


@dataclass
class Launched:
    """One run of the launcher; `lines` grows as it speaks."""

    var: Path
    port: int
    intake_port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] = field(init=False)
    lines: list[str] = field(default_factory=list)

    def start(self) -> "Launched":
        self.lines.clear()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.embedded"], cwd=ROOT, text=True,
            env={**surroundings(), "VAR": str(self.var), "PORT": str(self.port), "INTAKE_PORT": str(self.intake_port)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        return self

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self.lines.append(line.rstrip("\n"))

    def until_ready(self) -> "Launched":
        assert wait(lambda: f"Entaku is ready: http://localhost:{self.port}/" in self.lines, self.process), self.lines
        return self

    def until_ended(self) -> int:
        return self.process.wait(PATIENCE)

    def children(self) -> dict[str, Identity]:
        rows = json.loads((self.var / "run" / "children.json").read_text())["children"]
        return {name: Identity(pid, started) for name, pid, started, _stop in rows}

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("localhost", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.read().decode()

    def credentials(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.var / "secrets" / "credentials.json").read_text())
        return found

    def connect(self, role: str = "postgres", database: str = "entaku") -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.var / "run" / "pg"), dbname=database, user=role, password=self.credentials()[role],
            autocommit=True,
        )  # fmt: skip


def wait(condition: Callable[[], object], process: "subprocess.Popen[str] | None" = None) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline or (process and process.poll() is not None):
            time.sleep(0.2)
            return bool(condition())
        time.sleep(0.05)
    return True


@pytest.fixture(scope="session")
def entaku(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    """Running, for the tests in their order; each leaves it running."""
    var = tmp_path_factory.mktemp("launched") / "var"
    launched = Launched(var, free_port()).start().until_ready()
    yield launched
    launched.process.terminate()
    launched.until_ended()
