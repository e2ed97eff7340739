"""Restarts what dies, after the pause its unit in deploy/ says: as much of systemd as the product counts on."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from portal.embedded.instance import ROOT, Instance
from portal.embedded.processes import kill_session, spawn

TICK = 0.05
INTAKE = (("courier", ""), ("intake", ""))
SERVER_PAUSE = 1.0  # seconds; the units of database and broker are those of their packages


@dataclass
class Unit:
    """What a unit of deploy/ says about how its process starts, and starts again."""

    command: list[str]
    pause: float
    always: bool
    unless: int

    @staticmethod
    def of(name: str) -> Unit:
        text = (ROOT / "deploy" / f"entaku-{name}.service").read_text()

        def said(key: str) -> str:
            found = re.search(rf"^{key}=(.*)$", text, re.MULTILINE)
            assert found, f"entaku-{name}.service says no {key}"
            return found[1]

        assert said("StartLimitIntervalSec") == "0"  # else systemd gives up where we would not
        program, *arguments = shlex.split(said("ExecStart"))
        module = [] if Path(program).name == "python" else ["-m", Path(program).name]
        return Unit(
            [sys.executable, *module, *arguments], float(said("RestartSec")), said("Restart") == "always",
            int(said("RestartPreventExitStatus")),
        )  # fmt: skip


@dataclass
class Service:
    """A process that is to run. `launch` is called from the main thread: the kernel ends it with that one."""

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    pause: float
    unless: int | None = None
    process: subprocess.Popen[bytes] | None = None
    died: float | None = None
    starts: int = 0
    stop: signal.Signals = signal.SIGTERM

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        self.process, self.died = self.launch(), None
        self.starts += 1

    def kill(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.kill()

    def signal_all(self, number: signal.Signals) -> None:
        """To every process of its session, the leader last when it stops them and first when they go on."""
        for pid in session(self.pid):
            with _gone():
                os.kill(pid, number)

    def look(self, now: float) -> None:
        """Notice its death, clear what is left of it as systemd does, and start it again once the pause is over."""
        if self.process is None or self.process.poll() is None:
            return
        if self.died is None:
            self.died = now
            kill_session(self.process.pid)
        if self.process.returncode == self.unless:
            raise RuntimeError(f"{self.name} ended with {self.unless}: no supervisor starts it again")
        if now - self.died >= self.pause:
            self.start()


@dataclass
class Supervisor:
    """All of them, watched for as long as somebody waits here."""

    services: dict[str, Service] = field(default_factory=dict)

    def add(self, service: Service) -> None:
        self.services[service.name] = service
        service.start()

    def watch(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Wait, restarting what dies; True as soon as `until` holds."""
        deadline = time.monotonic() + seconds
        while not until():
            if time.monotonic() > deadline:
                return False
            for service in self.services.values():
                service.look(time.monotonic())
            time.sleep(TICK)
        return True

    def stop(self) -> None:
        """The product first, then the servers it works on."""
        for service in reversed(self.services.values()):
            if service.process and service.process.poll() is None:
                service.signal_all(signal.SIGCONT)
                service.process.send_signal(service.stop)
                try:
                    service.process.wait(5)
                except subprocess.TimeoutExpired:
                    service.process.kill()
                    service.process.wait()
            if service.process:
                kill_session(service.process.pid)


def product(instance: Instance, more: dict[str, str], *, small: bool) -> Iterator[Service]:
    """Everything of Entaku, started as its units in deploy/ start it; `small` with one process each."""
    places = {
        "127.0.0.1:8000": f"127.0.0.1:{instance.port}",
        "127.0.0.1:8001": f"127.0.0.1:{instance.intake_port}",
        "/var/lib/entaku/beat": str(instance.folder.run / "beat"),
    }
    for name, role in (("worker", "portal_worker"), ("beat", "portal_worker"), ("web", "portal_app"), *INTAKE):
        unit = Unit.of(name)
        assert unit.always
        command = [places.get(word, word) for word in unit.command]
        if small:
            before = {"--workers", "--concurrency"}
            command = ["1" if command[n - 1] in before else word for n, word in enumerate(command)]
        told = instance.environment(role) | more if role else instance.intake_environment()

        def launch(
            name: str = name, command: list[str] = command, environment: dict[str, str] = told
        ) -> subprocess.Popen[bytes]:
            with (instance.folder.logs / f"{name}.log").open("ab") as log:
                return spawn(command, log=log, environment=environment, cwd=ROOT)

        yield Service(name, launch, unit.pause, unit.unless)


def session(leader: int) -> list[int]:
    """Its processes that are alive, the leader last."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with _gone():
                state, *numbers = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if state not in "ZX" and int(numbers[2]) == leader:
                    found.append(int(entry.name))
    return sorted(found, key=lambda pid: pid == leader)


@contextmanager
def _gone() -> Iterator[None]:
    """A process may end while it is looked at."""
    with suppress(ProcessLookupError, FileNotFoundError):
        yield
