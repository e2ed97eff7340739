"""Starts every process of `make run` in order, watches them, and stops all when one dies or the operator says so."""

import contextlib
import http
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from portal.embedded import translations
from portal.embedded.console import Trouble, complain, say, step
from portal.embedded.folder import Record, disk_full, full, sparing
from portal.embedded.instance import ROOT, Instance, processors
from portal.embedded.ports import readiness, reserve
from portal.embedded.processes import Identity, die_with_parent, kill_session, spawn, wait_for
from portal.embedded.roles import OWNER

LOG_BYTES = 5 * 1024**2
READY_SECONDS = 90
STOP_SECONDS = 20
# As in docs/operations.md and deploy/. The settings say which proxies are believed, not gunicorn.
GUNICORN = (
    "-m", "gunicorn", "portal.wsgi", "--config", "python:portal.serving", "--preload",
    "--worker-class", "portal.serving.Worker", "--threads", "8", "--graceful-timeout", "5",
    "--forwarded-allow-ips", "", "--no-control-socket",
)  # fmt: skip


INTAKE_GUNICORN = (
    "-m", "gunicorn", "portal.intake_wsgi", "--config", "python:portal.intake_serving", "--preload",
    "--worker-class", "portal.intake_serving.Worker", "--workers", "2", "--threads", "128", "--graceful-timeout", "5",
    "--forwarded-allow-ips", "", "--no-control-socket",
)  # fmt: skip


class Stopped(BaseException):
    """The operator asked for an end: Ctrl-C, SIGTERM, a closed terminal, or the death of `make`."""


@dataclass
class Child:
    name: str
    japanese: str
    process: subprocess.Popen[bytes]
    log: Path
    stop: signal.Signals = signal.SIGTERM
    server: bool = False  # the others work on it: stopped last

    def last_lines(self, count: int = 10) -> list[str]:
        with contextlib.suppress(OSError):
            return self.log.read_text(errors="replace").splitlines()[-count:]
        return []


class Supervisor:
    def __init__(self, instance: Instance) -> None:
        self.instance, self.folder = instance, instance.folder
        self.children: list[Child] = []
        self.launcher: Identity | None = None
        self.stopping = self.hurry = False

    # --- the whole run ------------------------------------------------------------------------------------

    def run(self) -> None:
        """Until the operator stops it (returns) or something dies (raises Trouble)."""
        self._listen_for_the_end()
        self.folder.make()
        about: dict[str, str | int] = {
            "url": self.instance.url,
            "port": self.instance.port,
            "ceiling": self.instance.ceiling,
        }
        self.folder.lock(launcher=self.launcher, about=about)
        self.folder.end_orphans()
        listeners = reserve(self.instance.port)
        intake = reserve(self.instance.intake_port, "INTAKE_PORT")
        try:
            with sparing(self.folder.root), self._ending():
                self._start(listeners, intake)
                say(f"Entaku is ready: {self.instance.url}")
                step("止めるには Ctrl-C を押してください", "press Ctrl-C to stop")
                self._watch()
        except Stopped:
            step(
                f"止まりました。データは {self.folder.root} に残っています",
                f"stopped; the data stays in {self.folder.root}",
            )

    def _start(self, listeners: Sequence[socket.socket], intake: Sequence[socket.socket]) -> None:
        instance = self.instance
        instance.make_keys()
        instance.make_cluster()
        step("データベースとキューを起動しています", "starting the database and the queue")
        for name, japanese, launch, stop in (
            ("postgres", "データベース", instance.cluster.launch, signal.SIGINT),
            ("valkey", "キュー", instance.valkey.launch, signal.SIGTERM),
        ):
            log = self._log(name)
            self._adopt(Child(name, japanese, launch(log), log, stop, server=True))
        translations.compile_changed()
        try:
            instance.await_database()
        except Trouble:
            self._check()  # a server that died says why better than we can
            raise
        self._prepare()
        step("ウェブとワーカーを起動しています", "starting the web server and the worker")
        self._worker()
        self._web(listeners)
        self._intake(intake)
        self._await_ready()

    def _listen_for_the_end(self) -> None:
        def end(number: int, frame: FrameType | None) -> None:
            if self.stopping:
                self.hurry = True  # a second Ctrl-C: no more patience
                return
            self.stopping = True
            raise Stopped(signal.Signals(number).name)

        signal.signal(signal.SIGINT, end)
        signal.signal(signal.SIGTERM, end)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks to outlive the terminal
            signal.signal(signal.SIGHUP, end)
        if "MAKELEVEL" in os.environ:  # `make` killed outright takes us, and so the children, with it
            self.launcher = Identity.of(os.getppid())
            die_with_parent(signal.SIGTERM, os.getppid())

    # --- children -----------------------------------------------------------------------------------------

    def _log(self, name: str) -> Path:
        """The child's log; a long one makes room once a start."""
        path = self.folder.logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_BYTES:
            path.replace(path.with_suffix(".old.log"))
        path.touch(mode=0o600)
        return path

    def _adopt(self, child: Child) -> None:
        self.children.append(child)
        known = [(child, Identity.of(child.process.pid)) for child in self.children]
        self.folder.record([Record(child.name, identity, child.stop) for child, identity in known if identity])

    def _python(
        self,
        name: str,
        japanese: str,
        command: Sequence[str],
        environment: dict[str, str],
        pass_fds: Sequence[int] = (),
    ) -> Child:
        path = self._log(name)
        with path.open("ab") as log:
            process = spawn([sys.executable, *command], log=log, environment=environment, pass_fds=pass_fds, cwd=ROOT)
        child = Child(name, japanese, process, path)
        self._adopt(child)
        return child

    def _prepare(self) -> None:
        """Migrations, static files and the demo world, as the owner, in a process that ends before the web starts."""
        environment = self.instance.environment(OWNER, owner=True)
        child = self._python("prepare", "準備", ["-m", "portal.embedded.prepare"], environment)
        shown = child.log.stat().st_size
        with child.log.open(errors="replace") as log:
            log.seek(shown)
            while child.process.poll() is None:
                self._check(expected=child)
                self._relay(log.readlines())
                time.sleep(0.05)
            self._relay(log.readlines())
        self.children.remove(child)
        if child.process.returncode:
            raise self._died(child)

    @staticmethod
    def _relay(lines: list[str]) -> None:
        for line in lines:
            if line.startswith("* "):
                ja, en = line[2:].rstrip("\n").split(" / ", 1)
                step(ja, en)

    def _web(self, listeners: Sequence[socket.socket]) -> None:
        command = [*GUNICORN, "--workers", str(min(2, processors()))]
        self._serving("web", "ウェブ", command, self.instance.environment("portal_app"), listeners)

    def _intake(self, listeners: Sequence[socket.socket]) -> None:
        """The anonymous side and its courier, as a role of their own and without the root key."""
        environment = self.instance.intake_environment()
        self._python("courier", "匿名相談の受渡し", ["-m", "intake.courier"], environment)
        self._serving("intake", "匿名相談の受付", [*INTAKE_GUNICORN], environment, listeners)

    def _serving(
        self,
        name: str,
        japanese: str,
        command: Sequence[str],
        environment: dict[str, str],
        listeners: Sequence[socket.socket],
    ) -> None:
        descriptors = [listener.fileno() for listener in listeners]
        bound = [argument for number in descriptors for argument in ("--bind", f"fd://{number}")]
        self._python(name, japanese, [*command, *bound], environment, descriptors)
        for listener in listeners:
            listener.close()

    def _worker(self) -> None:
        # Two at a time, so that a long document does not hold up the heartbeat and the seals.
        # Without gossip and mingle a worker alone is ready two seconds sooner.
        command = [
            "-m", "celery", "--app", "portal.celery", "--quiet", "worker", "--beat", "--concurrency", "2",
            "--loglevel", "WARNING", "--schedule", str(self.folder.run / "beat"),
            "--without-gossip", "--without-mingle", "--without-heartbeat",
        ]  # fmt: skip
        self._python("worker", "ワーカー", command, self.instance.environment("portal_worker"))

    def _await_ready(self) -> None:
        deadline, answer = time.monotonic() + READY_SECONDS, ""
        while time.monotonic() < deadline:
            self._check()
            status, answer = readiness(self.instance.port)
            taking_in, _ = readiness(self.instance.intake_port, "/healthz")
            if status == taking_in == http.HTTPStatus.OK:
                return
            time.sleep(0.1)
        raise Trouble(
            f"{READY_SECONDS} 秒たっても準備が整いません。",
            f"not ready after {READY_SECONDS} seconds.",
            answer.splitlines(),
        )

    def _watch(self) -> NoReturn:
        """Until a child dies or the operator stops us. A disk that fills up is said once: much still works."""
        said = False
        while True:
            self._check()
            if (now_full := full(self.folder.root)) and not said:
                complain(disk_full(self.folder.root))
            said = now_full
            time.sleep(0.2)

    def _check(self, expected: Child | None = None) -> None:
        for child in self.children:
            if child is not expected and child.process.poll() is not None:
                raise self._died(child)

    def _died(self, child: Child) -> Trouble:
        lines = child.last_lines()
        if full(self.folder.root) or any("No space left on device" in line for line in lines):
            return disk_full(self.folder.root)
        code = child.process.returncode
        how = signal.Signals(-code).name if code < 0 else str(code)
        return Trouble(
            f"{child.japanese}({child.name})が止まりました({how})。記録は {child.log} にあります。",
            f"the {child.name} process stopped ({how}); its log is {child.log}.",
            lines,
        )

    @contextlib.contextmanager
    def _ending(self) -> Iterator[None]:
        """Whatever ends the block, every child is stopped: what works on the servers first, then the servers."""
        try:
            yield
        except Stopped as told:
            step(f"止めています({told})", f"stopping ({told})")
            raise
        finally:
            self.stopping = True
            for servers in (False, True):
                self._stop([child for child in self.children if child.server == servers])
            with contextlib.suppress(OSError):
                self.folder.record([])

    def _stop(self, children: Sequence[Child]) -> None:
        for child in children:
            if child.process.poll() is None:
                child.process.send_signal(child.stop)
        wait_for(lambda: self.hurry or all(child.process.poll() is not None for child in children), STOP_SECONDS)
        for child in children:
            kill_session(child.process.pid)
            child.process.wait()
