"""Children and orphans: they die with their parent, are told only what is theirs, and strangers are left alone."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.embedded.folder import Folder, Record
from portal.embedded.instance import ROOT, Instance
from portal.embedded.processes import Identity, kill_session, spawn, surroundings
from portal.embedded.valkey import Valkey


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = spawn(["sleep", "60"], log=None)
    yield process
    process.kill()
    process.wait()


def test_a_zombie_does_not_live(sleeper: subprocess.Popen[bytes]) -> None:
    identity = Identity.of(sleeper.pid)
    assert identity is not None
    assert identity.alive()
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert not identity.alive()


def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, sys; from portal.embedded.processes import spawn;"
        "print(spawn(['sleep', '60'], log=None).pid, flush=True); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = Identity.of(int(parent.stdout.readline()))
    assert child is not None
    parent.kill()
    parent.communicate()
    assert gone(child)


def gone(identity: Identity) -> bool:
    deadline = time.monotonic() + 5
    while identity.alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not identity.alive()


def test_orphans_of_a_killed_launcher_are_ended(folder: Folder, sleeper: subprocess.Popen[bytes]) -> None:
    identity = Identity.of(sleeper.pid)
    assert identity is not None
    folder.record([Record("web", identity, signal.SIGTERM)])
    folder.end_orphans()
    assert sleeper.wait(5) == -signal.SIGTERM
    assert not (folder.run / "children.json").exists()


def test_a_stranger_with_an_orphans_pid_is_left_alone(folder: Folder, sleeper: subprocess.Popen[bytes]) -> None:
    folder.record([Record("web", Identity(sleeper.pid, 1), signal.SIGTERM)])
    folder.end_orphans()
    assert sleeper.poll() is None


def test_orphans_of_before_a_reboot_are_strangers(folder: Folder, sleeper: subprocess.Popen[bytes]) -> None:
    identity = Identity.of(sleeper.pid)
    assert identity is not None
    folder.record([Record("web", identity, signal.SIGTERM)])
    path = folder.run / "children.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "boot": "another"}))
    folder.end_orphans()
    assert sleeper.poll() is None


def test_what_a_dead_orphan_left_in_its_session_is_ended_too(folder: Folder) -> None:
    leader = spawn(["sh", "-c", "sleep 60 & echo $!; exec sleep 60"], log=subprocess.PIPE)
    assert leader.stdout is not None
    member, identity = Identity.of(int(leader.stdout.readline())), Identity.of(leader.pid)
    assert member is not None
    assert identity is not None
    folder.record([Record("web", identity, signal.SIGTERM)])
    leader.kill()
    leader.wait()
    leader.stdout.close()
    assert member.alive()
    folder.end_orphans()
    assert gone(member)


def test_children_get_no_setting_that_changes_what_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "GUNICORN_CMD_ARGS", "PYTHONSTARTUP", "ENTAKU_DB_OWNER_PASSWORD", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, "x")
    assert not {name for name, value in surroundings().items() if value == "x"}


def test_a_process_is_told_its_own_password_only(folder: Folder) -> None:
    instance = Instance(folder.root)
    instance.make_keys()
    known = instance.environment("portal_app").values()
    others = ("postgres", "portal_owner", "portal_worker", "portal_intake")
    assert instance.credentials["portal_app"] in known
    assert not [name for name in others if instance.credentials[name] in known]


def test_valkey_asks_for_a_password_that_its_command_line_does_not_show(folder: Folder) -> None:
    valkey = Valkey(folder.run, 'pass"word\\')
    process = valkey.launch(folder.logs / "valkey.log")
    try:
        deadline = time.monotonic() + 5
        while not valkey.socket.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        with redis.Redis(unix_socket_path=str(valkey.socket), password=valkey.password) as client:
            assert client.ping()
        once = Retry(NoBackoff(), 0)
        anybody = redis.Redis(unix_socket_path=str(valkey.socket), retry=once)
        with anybody as client, pytest.raises(redis.AuthenticationError):
            client.ping()
        assert valkey.password.encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
        assert valkey.socket.stat().st_mode & 0o777 == 0o700
    finally:
        kill_session(process.pid)
        process.wait()
