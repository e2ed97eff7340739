"""An S3 server of the suite's own (SeaweedFS), over TLS, on one folder and a few ports of this machine."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import sys
import time
from pathlib import Path

from portal.embedded.processes import spawn
from tests.authority import Authority
from vault.s3 import S3Blobs

WEED = Path(sys.executable).parent / "weed"
PORTS = ("master", "volume", "filer", "admin", "s3")


class Objects:
    """Ready once made; `environment` is what a client needs, as the AWS tools take it."""

    bucket = "blobs"

    def __init__(self, folder: Path, authority: Authority) -> None:
        folder.mkdir(mode=0o700)
        self.folder, self.log = folder, folder / "weed.log"
        certificate, key = authority.issue("s3", "127.0.0.1")
        self.key_id, self.secret = "entaku", secrets.token_urlsafe(24)
        self.environment = {
            "AWS_ACCESS_KEY_ID": self.key_id, "AWS_SECRET_ACCESS_KEY": self.secret, "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CA_BUNDLE": str(authority.root), "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip
        credentials = [{"accessKey": self.key_id, "secretKey": self.secret}]
        identity = {"name": "entaku", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List"]}
        (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        (folder / "data").mkdir()
        self.ports = ports = dict(zip(PORTS, _free_ports(), strict=True))
        with self.log.open("ab") as log:
            self.process = spawn(
                [
                    WEED, "-logtostderr", "mini", f"-dir={folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
                    *(f"-{name}.port={port}" for name, port in ports.items()),
                    f"-s3.config={folder / 's3.json'}", f"-s3.cert.file={certificate}", f"-s3.key.file={key}",
                    f"-bucket={self.bucket}", "-webdav=false", "-admin.ui=false", "-master.telemetry=false",
                    "-s3.iam=false", "-s3.port.iceberg=0", "-s3.port.lance=0",
                    f"-s3.localSocket={folder / 's3.sock'}", f"-filer.localSocket={folder / 'filer.sock'}",
                ],
                log=log, cwd=folder,
            )  # fmt: skip
        self.endpoint = f"https://127.0.0.1:{ports['s3']}"

    def storage(self) -> S3Blobs:
        """For a client in this process, whose environment has what `environment` says."""
        return S3Blobs(bucket=self.bucket, endpoint=self.endpoint)

    def wait(self) -> None:
        """Until it takes and gives an object. The environment has what `environment` says."""
        storage, deadline = self.storage(), time.monotonic() + 30
        while True:
            try:
                storage.listdir("")
            except OSError:
                assert time.monotonic() < deadline, self.log.read_text()[-2000:]
                assert self.process.poll() is None, self.log.read_text()[-2000:]
                time.sleep(0.1)
            else:
                return

    def kill(self) -> None:
        """At once: asked to stop, it takes two seconds to say goodbye to itself."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for port in self.ports.values():  # sockets it makes there, wherever its folder is
            for left in Path("/tmp").glob(f"seaweedfs-*-{port + 10000}.sock"):
                left.unlink(missing_ok=True)


def _free_ports() -> list[int]:
    """As many free ports; the server takes each one's ten thousandth successor too."""
    with contextlib.ExitStack() as held:
        found: list[int] = []
        candidate = 20000 + secrets.randbelow(20000)
        while len(found) < len(PORTS):
            candidate += 1
            with contextlib.suppress(OSError):
                for port in (candidate, candidate + 10000):
                    held.enter_context(contextlib.closing(socket.create_server(("127.0.0.1", port))))
                found.append(candidate)
    return found
