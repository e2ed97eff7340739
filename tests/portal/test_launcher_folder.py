"""The data folder: private, complete, refused in one sentence where it cannot serve, and one launcher's at a time."""

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from portal.embedded.console import Trouble
from portal.embedded.credentials import credentials, root_key, write_private
from portal.embedded.folder import Folder
from portal.embedded.instance import ROOT, Instance
from portal.embedded.ports import reserve
from portal.embedded.postgres import Cluster
from tests.portal.launching import complaint


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


@pytest.mark.parametrize("arguments", [["readiness"], ["migrate", "--database", "owner"]])
def test_a_command_on_data_where_nothing_runs_says_how_to_start_it(folder: Folder, arguments: list[str]) -> None:
    done = command(folder.root, *arguments)
    assert done.returncode == 1
    ja, en = done.stderr.splitlines()
    assert "make run" in ja
    assert "make run" in en


@pytest.mark.parametrize("arguments", [[], ["help"], ["readiness", "--help"], ["make_root_key", "there"]])
def test_what_asks_no_database_needs_nothing_running(folder: Folder, arguments: list[str]) -> None:
    done = command(folder.root, *(str(folder.root / "new.key") if word == "there" else word for word in arguments))
    assert done.returncode == 0, done.stderr


def test_a_folder_runs_from_the_lock_until_the_death_of_its_launcher(folder: Folder) -> None:
    assert not folder.running()
    folder.lock(launcher=None, about={})
    assert folder.running()
    (folder.run / "lock").write_text('{"pid": 1, "started": -1}')
    assert not folder.running()
    folder.release()


def command(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "VAR": str(var), "LANG": "C.UTF-8"},
    )  # fmt: skip
