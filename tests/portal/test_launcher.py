"""The launcher's parts: environment, data folder, orphans, ports, translations, and one sentence for each trouble."""

import gettext
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import polib
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.embedded import bootstrap, translations
from portal.embedded.console import Trouble
from portal.embedded.credentials import credentials, root_key, write_private
from portal.embedded.folder import Folder, Record
from portal.embedded.instance import ROOT, Instance
from portal.embedded.launch import number
from portal.embedded.ports import reserve
from portal.embedded.postgres import Cluster
from portal.embedded.processes import Identity, kill_session, spawn, surroundings
from portal.embedded.valkey import Valkey


def complaint(trouble: Trouble) -> str:
    """Both sentences, each one line, or the test fails."""
    assert "\n" not in trouble.ja + trouble.en
    return f"{trouble.ja}\n{trouble.en}"


# --- what runs before anything is installed ---------------------------------------------------------------


def test_uv_is_pinned_with_its_hashes() -> None:
    pin = bootstrap.pinned("uv", (ROOT / "requirements.txt").read_text())
    first, *hashes = [line for line in pin.splitlines() if line.strip()]
    assert first.startswith("uv==")
    assert hashes
    assert all(line.strip().startswith("--hash=sha256:") for line in hashes)


def test_every_requirement_is_pinned_with_a_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        entries = (ROOT / name).read_text().split("\n")
        pins = [number for number, line in enumerate(entries) if line and not line.startswith((" ", "#"))]
        assert all("==" in entries[number] and "--hash=sha256:" in entries[number + 1] for number in pins), name


def test_the_bootstrap_needs_nothing_but_the_standard_library() -> None:
    listing = "import sys, portal.embedded.bootstrap; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-S", "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) - sys.stdlib_module_names == {"__main__", "portal"}


def test_a_missing_venv_module_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / "bin" / "python")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    with pytest.raises(Trouble) as raised:
        bootstrap._create()
    assert "ensurepip" in complaint(raised.value)
    assert "python3.11-venv" in complaint(raised.value)


def test_make_names_what_to_install_where_there_is_no_python(tmp_path: Path) -> None:
    for tool in ("sh", "make"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    done = subprocess.run(
        ["make", "-C", ROOT, "run"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "apt-get install python3.11 python3.11-venv" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["x", "-1", "0", "65536", "8000.5", "８０００"])
def test_a_port_that_is_no_port_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(Trouble) as raised:
        number("PORT", 8000, range(1, 65536))
    assert text in complaint(raised.value)


# --- the data folder --------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    folder = Folder(tmp_path / "var")
    folder.make()
    yield folder
    folder.release()


def test_nothing_in_the_folder_is_open_to_others(folder: Folder) -> None:
    passable = {folder.root, folder.run} if os.geteuid() == 0 else {folder.run}  # `nobody` passes through, sees nothing
    for path in (folder.root, *folder.root.iterdir()):
        assert path.stat().st_mode & 0o077 == (0o011 if path in passable else 0), path


def test_secrets_are_made_once_and_are_their_owners_alone(folder: Folder) -> None:
    first = credentials(folder)
    assert credentials(folder) == first
    assert len(set(first.values())) == len(first)
    path = folder.secrets / "credentials.json"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    credentials(folder)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("lost", ["credentials.json", "root.key"])
def test_data_without_its_keys_is_refused_instead_of_given_new_ones(folder: Folder, lost: str) -> None:
    credentials(folder)
    write_private(root_key(folder), b"key")
    folder.postgres.mkdir()
    (folder.secrets / lost).unlink()
    with pytest.raises(Trouble) as raised:
        credentials(folder)
    assert str(folder.secrets) in complaint(raised.value)


@pytest.mark.parametrize("place", ["/proc/entaku", "/dev/null", "/dev/null/var"])
def test_an_unwritable_folder_gets_one_sentence(place: str) -> None:
    with pytest.raises(Trouble) as raised:
        Folder(Path(place)).make()
    assert place in complaint(raised.value)


def test_a_path_too_long_for_a_socket_gets_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as raised:
        Folder(tmp_path / ("x" * 100)).make()
    assert "VAR=" in complaint(raised.value)


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a\tb"])
def test_a_path_that_no_database_address_can_hold_gets_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(Trouble) as raised:
        Folder(tmp_path / name).make()
    assert name in complaint(raised.value)
    assert not (tmp_path / name).exists()


def test_the_folder_of_another_user_is_refused_by_name(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(Trouble) as raised:
        Folder(folder.root).make()
    assert str(folder.root) in complaint(raised.value)


def test_data_of_another_postgresql_is_refused(folder: Folder) -> None:
    folder.postgres.mkdir()
    (folder.postgres / "PG_VERSION").write_text("15\n")
    with pytest.raises(Trouble) as raised:
        Instance(folder.root).make_cluster()
    assert "15" in complaint(raised.value)


def on_a_small_disk(place: Path, size: str, code: str) -> subprocess.CompletedProcess[str]:
    """Run Python with a disk of that size mounted at `place`, visible to it alone."""
    script = 'mount -t tmpfs -o size=$1 none "$2" && exec "$3" -c "$4" "$2"'
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", size, place, sys.executable, code],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_disk_too_small_to_start_on_gets_one_sentence(tmp_path: Path) -> None:
    code = "import os, sys, runpy; os.environ['VAR'] = sys.argv[1]; "
    code += "runpy.run_module('portal.embedded', run_name='__main__')"
    done = on_a_small_disk(tmp_path, "8m", code)
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    assert "200 MB" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_a_disk_that_fills_up_later_gets_one_sentence(tmp_path: Path) -> None:
    code = """
import sys, pathlib
from portal.embedded.console import Trouble
from portal.embedded.folder import sparing
try:
    with sparing(pathlib.Path(sys.argv[1])):
        (pathlib.Path(sys.argv[1]) / "file").write_bytes(b"x" * 2**20)
except Trouble as trouble:
    print(trouble.en)
"""
    assert "is full" in on_a_small_disk(tmp_path, "64k", code).stdout


def test_an_interrupted_first_start_and_a_strangers_pid_are_no_obstacle(tmp_path: Path) -> None:
    half_made = tmp_path / "data.new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("1")
    cluster = Cluster(tmp_path / "data", tmp_path / "socket", ["fsync=off", "shared_buffers=1MB"])
    cluster.init()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")  # what a power failure leaves
    cluster.start()
    try:
        with psycopg.connect(cluster.dsn()) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("postgres",)
    finally:
        cluster.destroy()
    assert not half_made.exists()


# --- one launcher at a time -------------------------------------------------------------------------------


def test_a_second_start_names_the_first(folder: Folder) -> None:
    folder.lock(launcher=None, about={"url": "http://localhost:8000/"})
    with pytest.raises(Trouble) as raised:
        Folder(folder.root).lock(launcher=None, about={})
    assert "http://localhost:8000/" in complaint(raised.value)
    assert str(os.getpid()) in complaint(raised.value)


def test_the_lock_of_a_dead_launcher_holds_nobody_up(folder: Folder) -> None:
    code = "import os, sys, pathlib; from portal.embedded.folder import Folder; "
    code += "Folder(pathlib.Path(sys.argv[1])).lock(launcher=None, about={}); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code, str(folder.root)], cwd=ROOT, check=False)
    folder.lock(launcher=None, about={"url": "http://localhost:8000/"})


def test_a_port_in_use_gets_one_sentence() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        with pytest.raises(Trouble) as raised:
            reserve(port)
    assert str(port) in complaint(raised.value)


def test_a_free_port_is_held_on_each_loopback_address() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
    held = reserve(port)
    assert held[0].getsockname() == ("127.0.0.1", port)
    for listener in held:
        listener.close()


# --- processes --------------------------------------------------------------------------------------------


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


# --- translations -----------------------------------------------------------------------------------------


def test_only_changed_catalogues_are_compiled(tmp_path: Path) -> None:
    source = tmp_path / "demo" / "en" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8"}
    catalogue.append(polib.POEntry(msgid="文書", msgstr="Document"))
    catalogue.save(str(source))
    assert translations.compile_changed(tmp_path) == [source]
    assert translations.compile_changed(tmp_path) == []
    assert gettext.translation("django", tmp_path / "demo", ["en"]).gettext("文書") == "Document"
    older = source.stat().st_mtime - 3600
    os.utime(source, (older, older))  # an older version checked out
    assert translations.compile_changed(tmp_path) == [source]
    assert [path.name for path in source.parent.iterdir() if path != source] == ["django.mo"]
