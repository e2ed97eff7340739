"""Starts it all with the production settings, and ends it: what several machines would run, each server by itself.

The database and its pooler listen in another network namespace, so that nothing reaches them but over the network;
the pooler works in transaction mode on two connections a role, so that whoever left anything behind would be seen.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from portal.embedded import roles
from portal.embedded.instance import ROOT
from portal.embedded.postgres import Cluster
from portal.embedded.processes import kill_session, spawn, surroundings, wait_for
from portal.embedded.supervisor import GUNICORN
from portal.embedded.valkey import Valkey
from tests.authority import Authority
from tests.objects import Objects
from vault.providers import FileProvider

from .elsewhere import Elsewhere
from .visitor import Visitor

POOLER = Path("/usr/sbin/pgbouncer")
NGINX = Path("/usr/sbin/nginx")
PATIENCE = 60.0
POOL = 2


class Server(Cluster):
    """PostgreSQL in the other namespace. Nothing of it is on the network but its pooler, beside it."""

    def __init__(self, folder: Path, elsewhere: Elsewhere) -> None:
        super().__init__(folder / "data", folder / "socket", ["fsync=off", "max_connections=60"])
        self.elsewhere = elsewhere

    def launch(self, log: Path | None = None) -> subprocess.Popen[bytes]:
        self._folder(self.data)
        self._folder(self.socket)
        usual, self._folder = self._folder, lambda path: None  # type: ignore[method-assign]
        self.ordinary = self.elsewhere.within(self.ordinary)
        try:
            return super().launch(log)
        finally:
            self._folder = usual  # type: ignore[method-assign]


class Stage:
    """`webs` and `workers` by their number; `front` is nginx's port. Everything is over after `close`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="entaku-machines-"))
        self.folder.chmod(0o755)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.elsewhere = Elsewhere()
        self.password = secrets.token_urlsafe(24)
        self.passwords = {role: secrets.token_urlsafe(24) for role in (roles.OWNER, *roles.CONFINED)}
        self.secret_key = secrets.token_urlsafe(64)

    def open(self) -> None:
        self.front, *self.webs = (_free_port() for _ in range(3))
        self.authority = Authority(self.folder)
        self.objects = Objects(self.folder / "objects", self.authority)
        self.processes["objects"] = self.objects.process
        self.server = Server(self.folder / "pg", self.elsewhere)
        self.server.init()
        self.processes["postgres"] = self.server.launch(self.folder / "postgres.log")
        self.valkey = Valkey(self.folder, secrets.token_urlsafe(24))
        self.processes["valkey"] = self.valkey.launch(self.folder / "valkey.log")
        FileProvider.create(self.folder / "keys" / "root.key")
        self.server.wait()
        roles.ensure(self.server, self.passwords)
        self._pooler()
        self.world: dict[str, Any] = json.loads(self.command("-m", "tests.portal.machines.build", said=self.password))
        for number, port in enumerate(self.webs, 1):
            self._python(f"web{number}", *GUNICORN, "--workers", "1", "--bind", f"127.0.0.1:{port}", role="portal_app")
            self._python(
                f"worker{number}", "-m", "celery", "--app", "portal.celery", "--quiet", "worker", "--concurrency", "1",
                "--loglevel", "WARNING", "--hostname", f"worker{number}@%h", role="portal_worker",
            )  # fmt: skip
        self._nginx()
        for port in self.webs:
            assert wait_for(lambda port=port: self._ready(port), PATIENCE), self.logs()  # type: ignore[misc]

    def close(self) -> None:
        for process in reversed(self.processes.values()):
            kill_session(process.pid)
            process.wait(10)
        if "objects" in self.processes:
            self.objects.kill()  # and what it leaves elsewhere
        self.elsewhere.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- who is there ---------------------------------------------------------------------------------------------

    def visitor(self) -> Visitor:
        return Visitor(self.front, self.authority.root)

    def signed_in(self, name: str, *, at: int = 0) -> Visitor:
        visitor = self.visitor()
        visitor.sign_in(self.world["emails"][name], self.password, at=at)
        return visitor

    def kill(self, name: str) -> None:
        kill_session(self.processes[name].pid)
        self.processes[name].wait(10)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def logs(self) -> str:
        return "\n".join(f"== {path.name}\n{path.read_text()[-3000:]}" for path in self.folder.glob("*.log"))

    def asked(self, web: str) -> int:
        """How many requests a web server has answered."""
        return sum('"event": "request"' in line for line in self.log(web).splitlines())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.server.dsn(roles.DATABASE)) as connection:
            return connection.execute(query).fetchall()

    def command(self, *arguments: str, said: str = "") -> str:
        """Run as an operator does: with the owner's password, and past the pooler."""
        environment = self.environment(roles.OWNER) | {
            "ENTAKU_DB_HOST": str(self.server.socket), "ENTAKU_DB_PORT": "",
            "ENTAKU_DB_OWNER_PASSWORD": self.passwords[roles.OWNER],
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env={**surroundings(), **environment}, input=said + "\n",
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def environment(self, role: str) -> dict[str, str]:
        values = {
            "SECRET_KEY": self.secret_key,
            "ORIGIN": f"https://localhost:{self.front}",
            "HOSTS": "localhost",
            "TRUSTED_PROXIES": "1",
            "DB_HOST": self.elsewhere.address,
            "DB_PORT": "6432",
            "DB_USER": role,
            "DB_PASSWORD": self.passwords[role],
            "DB_ROOT_CERT": str(self.authority.root),
            "DB_PREPARED": "no",  # Debian 12's PgBouncer is older than 1.21
            "BROKER_URL": self.valkey.url("redis+socket", 0),
            "CACHE_URL": self.valkey.url("unix", 1),
            "KEY_PROVIDER": "vault.providers.FileProvider",
            "ROOT_KEY_FILE": str(self.folder / "keys" / "root.key"),
            "BLOBS": f"s3://{self.objects.bucket}",
            "S3_ENDPOINT": self.objects.endpoint,
            "MAIL": "none",
            "VAR": str(self.folder / "var"),
        }
        settings = {"DJANGO_SETTINGS_MODULE": "portal.settings.production", "PYTHONPATH": str(ROOT)}
        return {f"ENTAKU_{name}": value for name, value in values.items()} | settings | self.objects.environment

    # --- servers --------------------------------------------------------------------------------------------------

    def _python(self, name: str, *arguments: str, role: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            environment = self.environment(role)
            self.processes[name] = spawn([sys.executable, *arguments], log=log, environment=environment, cwd=ROOT)

    def _pooler(self) -> None:
        folder = self.folder / "pooler"
        folder.mkdir(mode=0o700)
        certificate, key = self.authority.issue("pooler", self.elsewhere.address)
        users = "".join(f'"{role}" "{self.passwords[role]}"\n' for role in roles.CONFINED)
        _write(folder / "users.txt", users)
        _write(folder / "server.crt", certificate.read_text())
        _write(folder / "server.key", key.read_text())
        configuration = {
            "listen_addr": self.elsewhere.address, "listen_port": "6432", "unix_socket_dir": "",
            "auth_type": "scram-sha-256", "auth_file": str(folder / "users.txt"),
            "pool_mode": "transaction", "default_pool_size": str(POOL), "max_client_conn": "200",
            "client_tls_sslmode": "require", "client_tls_cert_file": str(folder / "server.crt"),
            "client_tls_key_file": str(folder / "server.key"),
        }  # fmt: skip
        lines = [
            "[databases]", f"{roles.DATABASE} = host={self.server.socket} dbname={roles.DATABASE}", "[pgbouncer]",
            *(f"{name} = {value}" for name, value in configuration.items()),
        ]  # fmt: skip
        _write(folder / "pgbouncer.ini", "\n".join(lines) + "\n")
        if self.server.ordinary.owner:
            for path in (folder, *folder.iterdir()):
                os.chown(path, *self.server.ordinary.owner)
        with (self.folder / "pooler.log").open("ab") as log:
            self.processes["pooler"] = spawn([POOLER, folder / "pgbouncer.ini"], log=log, ordinary=self.server.ordinary)

    def _nginx(self) -> None:
        """The example of deploy/, with this machine's ports and paths in the places of its own."""
        folder = self.folder / "nginx"
        folder.mkdir()
        certificate, key = self.authority.issue("nginx", "localhost")
        servers = [f"server 127.0.0.1:{port} max_fails=1 fail_timeout=5s;" for port in self.webs]
        text = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text()
        for theirs, ours in {
            "/tmp/": f"{folder}/",
            "listen 8443 ": f"listen 127.0.0.1:{self.front} ",
            "server_name entaku.example;": "server_name localhost;",
            "/run/secrets/nginx.crt": str(certificate),
            "/run/secrets/nginx.key": str(key),
            "server web:8000 max_fails=1 fail_timeout=5s;": "\n".join(servers),
        }.items():
            assert theirs in text, theirs
            text = text.replace(theirs, ours)
        (folder / "nginx.conf").write_text(text)
        with (self.folder / "nginx.log").open("ab") as log:
            self.processes["nginx"] = spawn(
                [NGINX, "-c", folder / "nginx.conf", "-p", folder, "-g", "daemon off;"], log=log
            )
        assert wait_for((folder / "scgi").exists, 10), self.log("nginx")
        # From here on nginx could write nothing on the disk if it wanted to: a request it tried it for would fail.
        for name in ("client", "proxy"):
            shutil.rmtree(folder / name)
            (folder / name).touch()

    def _ready(self, port: int) -> bool:
        for name, process in self.processes.items():
            assert process.poll() is None, f"{name} ended\n{self.logs()}"
        try:
            return self.visitor().get("/readyz", at=port).status == 200
        except OSError:
            return False


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])
