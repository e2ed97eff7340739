"""The product in a folder thrown away afterwards, under its supervisor, and what is asked of it from outside."""

from __future__ import annotations

import contextlib
import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

from chaos import desk
from chaos.ledger import Ledger
from chaos.pages import Client
from chaos.supervision import Service, Supervisor, product
from portal.embedded import translations
from portal.embedded.console import Trouble
from portal.embedded.instance import ROOT, Instance
from portal.embedded.processes import spawn
from portal.embedded.roles import DATABASE, OWNER

SETTINGS = "chaos.settings"
TOOLS = ROOT / "chaos" / "clock"
UP_SECONDS = 90


@dataclass
class World:
    """What the faults and the checks have in hand."""

    instance: Instance
    own_disk: bool
    small: bool
    pick: random.Random
    supervisor: Supervisor = field(default_factory=Supervisor)
    ledger: Ledger = field(default_factory=Ledger)
    notes: list[str] = field(default_factory=list)

    @property
    def asked(self) -> Path:
        """Where storage and clock look for what they are to do."""
        return self.instance.folder.root / "chaos"

    def note(self, text: str) -> None:
        self.notes.append(f"{self.ledger.fault}: {text}")

    def start(self) -> None:
        """Servers, tables and demo world where they are missing, then the product."""
        instance = self.instance
        instance.folder.make()
        self.asked.mkdir(exist_ok=True)
        instance.make_keys()
        instance.make_cluster()
        logs = instance.folder.logs
        self.supervisor.add(Service("database", lambda: instance.cluster.launch(logs / "postgres.log"), 1.0))
        self.supervisor.add(Service("broker", lambda: instance.valkey.launch(logs / "valkey.log"), 1.0))
        instance.await_database()
        if not (instance.folder.root / "demo-world").exists():
            self._prepare()
        with self.database() as connection:
            desk.ensure(connection)
        more = {
            "DJANGO_SETTINGS_MODULE": SETTINGS, "ENTAKU_CHAOS": str(self.asked), "PYTHONPATH": f"{TOOLS}:{ROOT}",
        }  # fmt: skip
        for service in product(instance, more, small=self.small):
            self.supervisor.add(service)
        if not self.supervisor.watch(UP_SECONDS, self.ready):
            raise Trouble("準備が整いません。", f"not ready after {UP_SECONDS} seconds.")

    def _prepare(self) -> None:
        translations.compile_changed()
        environment = self.instance.environment(OWNER, owner=True)
        with (self.instance.folder.logs / "prepare.log").open("ab") as log:
            process = spawn(
                self.instance.python("-m", "portal.embedded.prepare"), log=log, environment=environment, cwd=ROOT
            )
        if process.wait():
            raise Trouble("準備できませんでした。", "the preparation failed; see logs/prepare.log.")

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """manage.py, as the owner."""
        environment = self.instance.environment(OWNER, owner=True)
        return subprocess.run(
            self.instance.python("manage.py", *arguments), cwd=ROOT, env={**environment, "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def answers(self, path: str) -> int:
        return Client(self.instance.port).get(path).status

    def ready(self) -> bool:
        taking_in = Client(self.instance.intake_port).get("/healthz").status
        return taking_in == self.answers("/readyz") == 200

    def forget_heartbeat(self) -> None:
        """Readiness has to wait for one that beat, broker and worker bring about from now on."""
        with (
            contextlib.suppress(redis.RedisError),
            contextlib.closing(redis.Redis.from_url(self.instance.valkey.url("unix", 1))) as cache,
        ):
            cache.delete("entaku:1:worker-heartbeat")

    @contextlib.contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.instance.cluster.dsn(DATABASE), autocommit=True) as connection:
            yield connection

    def waiting_since(self, moment: float) -> int:
        """Work asked for before `moment` (monotonic) that is not done yet; -1 where nobody tells."""
        age = time.monotonic() - moment
        try:
            with self.database() as connection:
                row = connection.execute(
                    "SELECT count(*) FROM documents_processing "
                    "WHERE done_at IS NULL AND uuid_extract_timestamp(id) < now() - make_interval(secs => %s)",
                    [age],
                ).fetchone()
        except psycopg.Error:
            return -1
        return int(row[0]) if row else -1
