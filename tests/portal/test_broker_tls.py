"""The broker's certificate is verified before its password is sent, by whatever asks it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError
from pytest_django import Settings

from portal import readiness
from portal.metrics import probes
from tests.authority import Authority


class Impostor(threading.Thread):
    """Speaks TLS with a certificate of its own making, and keeps what it is told."""

    def __init__(self, certificate: Path, key: Path) -> None:
        super().__init__(daemon=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.told = b""

    def run(self) -> None:
        while True:
            try:
                taken, _ = self.listener.accept()
            except OSError:
                return
            with suppress(OSError), closing(self.context.wrap_socket(taken, server_side=True)) as connection:
                connection.settimeout(1)
                self.told += connection.recv(1000)


@pytest.fixture
def impostor(tmp_path: Path, settings: Settings) -> Iterator[Impostor]:
    made = Impostor(*Authority(tmp_path).issue("broker", "localhost"))
    made.start()
    port = made.listener.getsockname()[1]
    settings.BROKER_URL = f"rediss://:himitsu@localhost:{port}/0"
    settings.CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED}  # as the production settings have it
    yield made
    made.listener.shutdown(socket.SHUT_RDWR)
    made.listener.close()
    made.join()


@pytest.mark.parametrize("ask", [readiness.broker, lambda: list(probes.Probes._queue())], ids=["readiness", "figures"])
def test_no_password_goes_to_an_unknown_broker(impostor: Impostor, ask: Callable[[], object]) -> None:
    with suppress(OperationalError):  # whoever asks for figures goes on without
        ask()
    assert impostor.told == b""
