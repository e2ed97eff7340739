"""What goes wrong: each begins, lasts, and ends; its recovery is counted from its end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import redis

from chaos.supervision import session
from chaos.world import World

JUMP = 3600.0  # seconds
DRIPPERS = 10
IDLE = 1000


@dataclass(frozen=True)
class Fault:
    """`during` is entered and left again after `seconds`."""

    name: str
    during: Callable[[World], AbstractContextManager[object]]
    seconds: float = 0.0
    short: bool = False
    early: bool = False


def killed(*names: str) -> Callable[[World], AbstractContextManager[None]]:
    """kill -9, and no more: what restarts it is the supervisor's business."""

    @contextmanager
    def kill(world: World) -> Iterator[None]:
        for name in names:
            world.supervisor.services[name].kill()
        yield

    return kill


def child_killed(name: str) -> Callable[[World], AbstractContextManager[None]]:
    @contextmanager
    def kill(world: World) -> Iterator[None]:
        leader = world.supervisor.services[name].pid
        children = [pid for pid in session(leader) if pid != leader]
        with contextlib.suppress(ProcessLookupError):
            os.kill(world.pick.choice(children), signal.SIGKILL)
        yield

    return kill


def stopped(name: str) -> Callable[[World], AbstractContextManager[None]]:
    @contextmanager
    def stop(world: World) -> Iterator[None]:
        service = world.supervisor.services[name]
        service.signal_all(signal.SIGSTOP)
        yield
        service.signal_all(signal.SIGCONT)

    return stop


@contextmanager
def emptied(world: World) -> Iterator[None]:
    with contextlib.closing(redis.Redis.from_url(world.instance.valkey.url("unix", 0))) as broker:
        broker.flushall()
    yield


@contextmanager
def away(world: World) -> Iterator[None]:
    """The broker dies again and again, so that nobody gets through to it for a while."""
    service, pause = world.supervisor.services["broker"], world.supervisor.services["broker"].pause
    service.pause = 1e9
    service.kill()
    yield
    service.pause = pause


def asked(what: str, value: str = "") -> Callable[[World], AbstractContextManager[None]]:
    """What storage and clock are told through a file."""

    @contextmanager
    def ask(world: World) -> Iterator[None]:
        path = world.asked / what
        path.write_text(value)
        yield
        path.unlink()

    return ask


@contextmanager
def filled(world: World) -> Iterator[None]:
    """The disk of everything – database, blobs, logs – to its last byte, where there is one of our own to fill."""
    if not world.own_disk:
        with asked("full")(world):
            yield
        return
    ballast = world.instance.folder.root / "ballast"
    over = threading.Event()

    def fill() -> None:  # what others free is taken, too
        with ballast.open("wb", buffering=0) as file:
            while not over.wait(0.02):
                piece = shutil.disk_usage(ballast.parent).free  # all of it or, where that is refused, as much as goes
                while piece >= 4096:
                    try:
                        os.posix_fallocate(file.fileno(), file.tell(), piece)
                        file.seek(piece, os.SEEK_CUR)
                    except OSError:
                        piece //= 2

    filling = threading.Thread(target=fill, daemon=True)
    filling.start()
    full = world.supervisor.watch(10, lambda: shutil.disk_usage(ballast.parent).free < 1 << 16)
    world.note("not a byte was free" if full else "it could not be filled")
    yield
    over.set()
    filling.join()
    ballast.unlink()


@contextmanager
def slow_clients(world: World) -> Iterator[None]:
    """Requests that come a byte at a time."""
    over = threading.Event()

    def drip(port: int) -> None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as connection:
            for byte in b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\n" + b"X-Slow: 1\r\n" * 1000:
                if over.wait(0.1):
                    return
                connection.send(bytes([byte]))

    threads = [threading.Thread(target=drip, args=[world.instance.port], daemon=True) for _ in range(DRIPPERS)]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join()


@contextmanager
def idle_connections(world: World) -> Iterator[None]:
    """A thousand who connect and say nothing."""
    with contextlib.ExitStack() as held:
        for _ in range(IDLE):
            with contextlib.suppress(OSError):
                held.enter_context(socket.create_connection(("127.0.0.1", world.instance.port), 5))
        world.note(f"held {len(held._exit_callbacks)} connections")  # type: ignore[attr-defined]
        began = time.monotonic()
        status = world.answers("/healthz")
        world.note(f"beside them /healthz answered {status} in {time.monotonic() - began:.2f} s")
        yield


FAULTS = (
    Fault("web killed", killed("web"), short=True),
    Fault("a process of web killed", child_killed("web")),
    Fault("worker killed", killed("worker"), short=True),
    Fault("a process of worker killed", child_killed("worker")),
    Fault("beat killed", killed("beat")),
    Fault("broker killed", killed("broker")),
    Fault("broker away for 6 s", away, 6),
    Fault("intake killed", killed("intake"), short=True),
    Fault("a process of intake killed", child_killed("intake")),
    Fault("courier killed", killed("courier")),
    Fault("intake, courier, database killed", killed("intake", "courier", "database")),
    Fault("broker emptied", emptied, short=True),
    Fault("database killed", killed("database")),
    Fault("web and database killed", killed("web", "database")),
    Fault("disk full", filled, 4),
    Fault("every tenth write fails", asked("tenth"), 3, short=True),
    Fault("clock an hour ahead", asked("clock", str(JUMP)), 3),
    Fault("clock an hour behind", asked("clock", str(-JUMP)), 3, early=True),
    Fault("worker hung", stopped("worker"), 4),
    Fault(f"{DRIPPERS} slow clients", slow_clients, 3),
    Fault(f"{IDLE:,} idle connections", idle_connections, 3),
)
