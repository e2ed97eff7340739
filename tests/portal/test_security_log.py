"""The security log: who, from which session, browser and address; in files of its own, and on to a SIEM."""

from __future__ import annotations

import gc
import json
import os
import re
import socket
import ssl
import stat
import struct
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import time_machine
from django.conf import settings as configured
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Session
from audit.acts import Act
from audit.models import Event
from audit.services import SYSTEM, record
from portal.embedded.processes import wait_for
from portal.metrics import figures
from portal.security_log import entries, files, sending
from portal.security_log.entries import Entry
from portal.security_log.syslog import Wire, message
from portal.tasks import forget_old_security_log
from tests.world import World, as_owner

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
PASSWORD = "水面に映る円い月 1592"
CLIENT, PROXY = "203.0.113.77", "198.51.100.23"
Commits = Callable[..., Any]

ENTRY = Entry(
    datetime(2026, 11, 22, 3, 4, 5, 678901, tzinfo=UTC), "session.failed", "refused",
    target="0198", device="Firefox · Linux", source="2001:db8::7",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.SECURITY_LOG_DIR = tmp_path / "security"
    return tmp_path / "security"


def read(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for path in sorted(folder.glob("*")) for line in path.read_text().splitlines()]


def dropped(to: str) -> float:
    return float(figures.REGISTRY.get_sample_value("entaku_security_log_drops_total", {"to": to}) or 0)


def browser() -> Client:
    return Client(REMOTE_ADDR=PROXY, headers={"user-agent": FIREFOX, "x-forwarded-for": f"192.0.2.1, {CLIENT}"})


# --- what is written ------------------------------------------------------------------------------------------------


def test_a_sign_in_tells_person_session_browser_and_the_address_before_the_known_proxies(
    world: World, folder: Path, settings: Settings, django_capture_on_commit_callbacks: Commits
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    with as_owner():
        world.engineer.set_password(PASSWORD)
        world.engineer.save()
    with django_capture_on_commit_callbacks(execute=True):
        client = browser()
        wrong = client.post("/account/login/", {"login": world.engineer.email, "password": "wrong, and long enough"})
        right = client.post("/account/login/", {"login": world.engineer.email, "password": PASSWORD})
    assert (wrong.status_code, right.status_code) == (200, 302)
    refused, done = read(folder)
    engineer, session = str(world.engineer.pk), Session.objects.get(person_id=world.engineer.pk).session_key
    assert refused.pop("at") <= done.pop("at")
    common = {"device": "Firefox · Linux", "source": CLIENT, "view": "account_login", "process": "command"}
    assert refused == common | {"act": "session.failed", "outcome": "refused", "target": engineer, "by": "password"}
    assert done == common | {
        "act": "session.sign_in", "outcome": "done", "person": engineer, "target": engineer, "by": "password",
        "session": session[:12],
    }  # fmt: skip
    with as_owner():
        for event in Event.objects.values("target_id", "target_type", "label", "detail"):
            assert CLIENT not in str(event)  # the audit log stays without addresses
            assert "Firefox" not in str(event)


def test_a_denial_tells_who_and_from_where_but_not_what(
    world: World, folder: Path, client_for: Any, django_capture_on_commit_callbacks: Commits
) -> None:
    client = client_for(world.engineer)
    missing = "01980000-0000-7000-8000-000000000000"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.get(reverse("documents:document", args=[missing]), REMOTE_ADDR="2001:db8::7").status_code == 404
    (entry,) = read(folder)
    assert entry["act"] == "access.denied"
    assert entry["outcome"] == "denied"
    assert entry["view"] == "documents:document"
    assert entry["source"] == "2001:db8::7"
    assert entry["person"] == str(world.engineer.pk)
    assert len(entry["session"]) == 12
    assert missing not in json.dumps(entry)


def test_what_is_written_is_about_security_and_the_daily_work_is_not() -> None:
    written = {act.value for act in Act if entries.about_security(act)}
    assert {
        "session.sign_in", "session.failed", "session.locked", "session.step_up", "session.factor_add",
        "session.factor_remove", "session.recovery", "session.end", "access.denied", "person.revoke_factors",
        "person.appoint", "authorisation.grant", "authorisation.revoke", "certification.suspend", "grant.give",
        "handler.strike", "document.relabel", "document.download", "audit.export", "audit.verify", "export.download",
    } <= written  # fmt: skip
    assert (
        not {"document.list", "document.open", "document.receive", "message.post", "room.view", "thread.open"} & written
    )


def test_what_was_rolled_back_has_not_happened(folder: Path, django_capture_on_commit_callbacks: Commits) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            record(actor=SYSTEM, act=Act.PERSON_APPOINT)
            transaction.set_rollback(True)
        record(actor=SYSTEM, act=Act.AUDIT_EXPORT, detail={"by": "operator", "filters": "花子", "reason": "花子 "})
    (entry,) = read(folder)
    entry.pop("at")
    assert entry == {"act": "audit.export", "outcome": "done", "process": "command", "by": "operator"}


# --- where it lies, and for how long --------------------------------------------------------------------------------


def test_folder_and_files_are_this_users_alone_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        files.append(ENTRY.line(), ENTRY.at)
        folder.chmod(0o755)
        files.append(ENTRY.line(), ENTRY.at + timedelta(days=1))
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {
        "security-2026-11-22.jsonl": 0o600,
        "security-2026-11-23.jsonl": 0o600,
    }


def test_each_day_has_its_file_and_what_is_older_than_a_year_goes_with_the_first_line_of_a_day(folder: Path) -> None:
    assert configured.SECURITY_LOG_DAYS == 366
    with time_machine.travel(ENTRY.at, tick=False) as clock:
        for days in (0, 1, 366, 367, 368):
            clock.move_to(ENTRY.at + timedelta(days=days))
            files.append(ENTRY.line(), ENTRY.at + timedelta(days=days))
            if days == 366:
                assert (folder / "security-2026-11-22.jsonl").exists()
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["security-2027-11-23.jsonl", "security-2027-11-24.jsonl", "security-2027-11-25.jsonl"]


def test_where_nobody_signs_in_any_more_the_daily_task_removes_what_is_over(folder: Path, settings: Settings) -> None:
    files.append(ENTRY.line(), ENTRY.at)
    (folder / "security-notes.jsonl").touch()
    settings.SECURITY_LOG_DAYS = 30
    with time_machine.travel(ENTRY.at + timedelta(days=30), tick=False):
        forget_old_security_log()
        assert len(list(folder.iterdir())) == 2
    with time_machine.travel(ENTRY.at + timedelta(days=31), tick=False):
        forget_old_security_log()
    assert [path.name for path in folder.iterdir()] == ["security-notes.jsonl"]
    beaten = {each["task"] for each in configured.CELERY_BEAT_SCHEDULE.values()}
    assert "portal.tasks.forget_old_security_log" in beaten


def test_a_folder_that_cannot_be_written_fails_nobody_and_is_counted(
    tmp_path: Path, settings: Settings, django_capture_on_commit_callbacks: Commits
) -> None:
    (tmp_path / "taken").touch()
    settings.SECURITY_LOG_DIR = tmp_path / "taken"
    before = dropped("file")
    with django_capture_on_commit_callbacks(execute=True):
        record(actor=SYSTEM, act=Act.PERSON_APPOINT)
    assert dropped("file") == before + 1


# --- on to a SIEM ---------------------------------------------------------------------------------------------------


def test_the_message_is_that_of_rfc_5424() -> None:
    hostile = Entry(ENTRY.at, "session.failed", "refused", device='a"b\\c]d\nLF', source="192.0.2.1")
    text = message(hostile, host="host name", enterprise=32473).decode()
    match = re.fullmatch(
        r"<84>1 (?P<at>\S+) host_name entaku \d+ session\.failed \[entaku@32473 (?P<data>.+)\] session\.failed refused",
        text,
    )
    assert match
    assert match["at"] == "2026-11-22T03:04:05.678Z"
    assert 'device="a\\"b\\\\c\\]d LF" source="192.0.2.1"' in match["data"]
    assert text.isprintable()
    assert message(Entry(ENTRY.at, "audit.export", "done"), host="h", enterprise=1).startswith(b"<85>1 ")


def certificate(folder: Path) -> Path:
    """A key and a certificate of localhost that vouches for itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "siem.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + made.public_bytes(serialization.Encoding.PEM)
    )  # fmt: skip
    return path


class Siem:
    """Takes messages framed by their length, over TCP or TLS, on a port of its own."""

    def __init__(self, port: int = 0, pem: Path | None = None) -> None:
        self.listener = socket.create_server(("127.0.0.1", port))
        self.port = self.listener.getsockname()[1]
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if pem else None
        if self.context and pem:
            self.context.load_cert_chain(pem)
        self.taken: list[str] = []
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self.listener.accept()
                if self.context:
                    connection = self.context.wrap_socket(connection, server_side=True)
            except ssl.SSLError:
                continue
            except OSError:
                return
            self.open.append(connection)
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        with closing(connection), connection.makefile("rb") as stream:
            try:
                while length := _up_to_blank(stream):
                    self.taken.append(stream.read(int(length)).decode())
            except (OSError, ValueError):
                return

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def _up_to_blank(stream: BinaryIO) -> bytes:
    """The octets before the next blank (RFC 6587 §3.4.1); none once the other side has gone."""
    found = b""
    while (octet := stream.read(1)) not in (b" ", b""):
        found += octet
    return found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(sending, "LONGEST_PAUSE", 0.05)


@pytest.fixture
def sender() -> Iterator[Callable[..., sending.Sender]]:
    made: list[sending.Sender] = []

    def make(*arguments: Any, **more: Any) -> sending.Sender:
        made.append(sending.Sender(*arguments, **more))
        return made[-1]

    yield make
    for each in made:
        each.close(0.1)


@pytest.mark.parametrize("scheme", ["udp", "tcp", "tls"])
def test_entries_arrive_over(
    scheme: str, tmp_path: Path, folder: Path, settings: Settings, sender: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path) if scheme == "tls" else None
    taken: list[str]
    if scheme == "udp":
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10)
        port = listener.getsockname()[1]
    else:
        siem = Siem(pem=pem)
        port = siem.port
    host = "localhost" if scheme == "tls" else "127.0.0.1"
    ours = sender(f"{scheme}://{host}:{port}", str(pem or ""))
    monkeypatch.setattr(sending, "sender_of", lambda *given: ours)
    settings.SIEM = f"{scheme}://{host}:{port}"
    for _ in range(3):
        sending.send(ENTRY)
    if scheme == "udp":
        taken = [listener.recv(4096).decode() for _ in range(3)]
        listener.close()
    else:
        assert wait_for(lambda: len(siem.taken) == 3, 10)
        taken = siem.taken
        siem.close()
    assert all('source="2001:db8::7"' in text and text.startswith("<84>1 2026-11-22T03:04:05.678Z ") for text in taken)


def test_over_tls_a_siem_that_cannot_prove_itself_gets_nothing(tmp_path: Path) -> None:
    siem = Siem(pem=certificate(tmp_path))
    with pytest.raises(ssl.SSLCertVerificationError):
        Wire(f"tls://localhost:{siem.port}")
    siem.close()
    assert siem.taken == []


@pytest.mark.usefixtures("quick")
def test_a_siem_that_is_away_holds_up_nobody_and_gets_what_waited_when_it_is_back(sender: Any) -> None:
    first = Siem()
    ours = sender(f"tcp://127.0.0.1:{first.port}")
    ours.put(b"one")
    assert wait_for(lambda: first.taken == ["one"], 10)
    first.close()
    time.sleep(0.05)
    begun = time.perf_counter()
    for number in range(200):
        ours.put(b"%d" % number)
    assert time.perf_counter() - begun < 0.2
    time.sleep(0.2)
    again = Siem(first.port)
    assert wait_for(lambda: len(again.taken) == 200, 10)
    assert again.taken == [str(number) for number in range(200)]  # in order, none lost
    again.close()


def test_a_siem_that_takes_nothing_makes_no_queue_without_end_and_what_is_dropped_is_counted(sender: Any) -> None:
    silent = socket.create_server(("127.0.0.1", 0), backlog=0)  # accepts nothing, refuses nothing
    ours = sender(f"tls://127.0.0.1:{silent.getsockname()[1]}", waiting=10)
    before, begun = dropped("siem"), time.perf_counter()
    for _ in range(100):
        ours.put(b"x" * 400)
    assert time.perf_counter() - begun < 0.2
    assert ours.queue.qsize() <= 10
    assert dropped("siem") - before >= 89
    silent.close()


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_a_siem_that_cuts_connections_off_while_they_are_made_leaves_no_socket_open(scheme: str) -> None:
    """A connection that is gone before TLS is begun, while it is being made, and of which nothing more is said."""
    with socket.create_server(("127.0.0.1", 0)) as listener, warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        done = threading.Event()
        listener.settimeout(0.05)

        def cut() -> None:
            while not done.is_set():
                with suppress(TimeoutError), listener.accept()[0] as taken:
                    taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # as a reset

        cutting = threading.Thread(target=cut)
        cutting.start()
        before = set(Path("/proc/self/fd").iterdir())
        for _ in range(40):
            with suppress(OSError), closing(Wire(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}")) as wire:
                wire.send(b"x")
        gc.collect()
        done.set()
        cutting.join()
        assert set(Path("/proc/self/fd").iterdir()) <= before


def test_with_a_siem_that_is_away_people_sign_in_as_quickly(
    world: World, folder: Path, settings: Settings, django_capture_on_commit_callbacks: Commits
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        settings.SIEM = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    begun = time.perf_counter()
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(50):
            record(actor=SYSTEM, act=Act.PERSON_APPOINT)
    assert time.perf_counter() - begun < 2
    assert len(read(folder)) == 50


# --- where there is none ------------------------------------------------------------------------------------------

INTAKE = """
import logging, sys, django
django.setup()
from django.conf import settings
from django.test import Client
answer = Client().get("/healthz", REMOTE_ADDR="203.0.113.77", headers={"user-agent": "PlantedBrowser"})
assert answer.status_code == 200, answer.status_code
assert Client().get("/kagero", REMOTE_ADDR="203.0.113.77").status_code == 404
loaded = [name for name in sys.modules if name.startswith(("portal.security_log", "portal.metrics", "portal.requests"))]
known = [name for name in dir(settings) if name.startswith(("SECURITY_LOG", "SIEM", "METRICS", "AUDIT_WATCHER"))]
print(loaded, known)
"""


def test_the_anonymous_side_knows_neither_security_log_nor_figures_nor_lines_of_requests(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTAKE], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "portal.settings.intake",
             "ENTAKU_VAR": str(tmp_path), "ENTAKU_SECRET_KEY": "x" * 50, "ENTAKU_INTAKE_HOSTS": "testserver"},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "[] []\n"), done.stderr
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
