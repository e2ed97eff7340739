"""One embedded Entaku: a data folder, its credentials and servers, and the environment each process of it gets."""

import os
import sys
from pathlib import Path

import psycopg

from portal.embedded import roles
from portal.embedded.console import Trouble, step
from portal.embedded.credentials import credentials, root_key
from portal.embedded.folder import Folder, disk_full
from portal.embedded.postgres import Cluster, InitFailed
from portal.embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent.parent
INTAKE_ROUND = 5  # seconds: nobody waits a day to see what they wrote arrive; nobody here is to be protected either
POSTGRES_SETTINGS = ("max_connections=100", "shared_buffers=128MB", "log_timezone=UTC", "timezone=UTC")


class Instance:
    """Call `make`, then start the servers; `environment` names what the settings read (settings/base.py)."""

    def __init__(
        self, var: Path, *, port: int = 8000, ceiling: int = 2, metrics: int = 0, intake_port: int = 8001
    ) -> None:
        self.folder, self.port, self.ceiling, self.metrics = Folder(var), port, ceiling, metrics
        self.intake_port = intake_port

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/"

    @property
    def intake_url(self) -> str:
        return f"http://localhost:{self.intake_port}/"

    def make_keys(self) -> None:
        """Passwords and the root key, before there is any data that depends on them."""
        self.credentials = credentials(self.folder)
        key = root_key(self.folder)
        if not key.exists():
            from vault.providers import FileProvider

            FileProvider.create(key)
        self.valkey = Valkey(self.folder.run, self.credentials["valkey"])
        self.cluster = Cluster(
            self.folder.postgres, self.folder.socket, POSTGRES_SETTINGS, self.credentials["postgres"]
        )

    def make_cluster(self) -> None:
        """The database's data folder, when it is not there yet. Raises Trouble."""
        if not self.folder.first_start:
            self._refuse_another_version()
            return
        step("データベースを作っています", "creating the database")
        try:
            self.cluster.init()
        except InitFailed as failure:
            if "No space left on device" in str(failure):
                raise disk_full(self.folder.root) from failure
            raise Trouble(
                "データベースを作れませんでした。", "the database could not be created.", str(failure).splitlines()[-8:]
            ) from failure

    def _refuse_another_version(self) -> None:
        found, wanted = (self.folder.postgres / "PG_VERSION").read_text().strip(), "18"
        if found != wanted:
            raise Trouble(
                f"{self.folder.root} は PostgreSQL {found} のデータです。VAR= で別の場所を指定してください。",
                f"{self.folder.root} was written by PostgreSQL {found}; not {wanted}; name another VAR=.",
            )

    def await_database(self) -> None:
        """Until the server answers, however long it repairs itself after a crash; then the roles are put right."""
        try:
            self.cluster.wait(timeout=120)
        except psycopg.OperationalError as error:
            raise Trouble("データベースが応答しません。", "the database does not answer.") from error
        roles.ensure(self.cluster, self.credentials)

    def environment(self, role: str, *, owner: bool = False) -> dict[str, str]:
        """What a process running as `role` may know: its own password, and the owner's only where it migrates."""
        values = {
            "VAR": str(self.folder.root),
            "CEILING": str(self.ceiling),
            "METRICS_PORT": str(self.metrics),
            "ORIGIN": self.url.rstrip("/"),
            "INTAKE_URL": self.intake_url,
            "SECRET_KEY": self.credentials["secret_key"],
            "ROOT_KEY_FILE": str(root_key(self.folder)),
            "DB_HOST": str(self.folder.socket),
            "DB_NAME": roles.DATABASE,
            "DB_USER": role,
            "DB_PASSWORD": self.credentials[role],
            "BROKER_URL": self.valkey.url("redis+socket", 0),
            "CACHE_URL": self.valkey.url("unix", 1),
        }
        if owner:
            values["DB_OWNER_PASSWORD"] = self.credentials[roles.OWNER]
        settings = {"DJANGO_SETTINGS_MODULE": "portal.settings.embedded", "PYTHONPATH": str(ROOT)}
        return {f"ENTAKU_{name}": value for name, value in values.items()} | settings

    def intake_environment(self) -> dict[str, str]:
        """What the anonymous side may know: its own password and secret, no root key, no broker, no cache."""
        values = {
            "VAR": str(self.folder.root),
            "SECRET_KEY": self.credentials["intake_secret_key"],
            "DB_HOST": str(self.folder.socket),
            "DB_NAME": roles.DATABASE,
            "DB_PASSWORD": self.credentials["portal_intake"],
            "INTAKE_ROUND": str(INTAKE_ROUND),
            "INTAKE_SPARE": "16",
        }
        settings = {"DJANGO_SETTINGS_MODULE": "portal.settings.intake", "PYTHONPATH": str(ROOT)}
        return {f"ENTAKU_{name}": value for name, value in values.items()} | settings

    @staticmethod
    def python(*arguments: str) -> list[str]:
        return [sys.executable, *arguments]


def processors() -> int:
    return len(os.sched_getaffinity(0))
