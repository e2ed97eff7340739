"""Installs a bundle, starts it and opens pages where there is no network; prints how it was cut off and what it saw.

Run by tests/portal/test_bundle_offline.py as a process of its own, which leaves the network for good.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
NOWHERE = "http://127.0.0.1:9"  # the discard port: refused at once
PATIENCE = 300  # seconds; on two busy cores


def cut() -> str:
    """A network namespace with nothing but loopback; where this may not be made, proxies that lead nowhere."""
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) == 0:
        _raise_loopback()
        return "network namespace"
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
        _raise_loopback()
        return "network namespace of one's own user namespace"
    os.environ.update(dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), NOWHERE))
    return "proxies that lead nowhere (no namespace may be made here)"


def _raise_loopback() -> None:
    with socket.socket() as anything:
        fcntl.ioctl(anything, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def reachable() -> bool:
    """Whether a packet would find a way out; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # TEST-NET-1 of RFC 5737
        except OSError:
            return False
        return True


def main(installer: str, bundle: str, key: str, folder: str) -> None:
    found: dict[str, object] = {"cut": cut(), "reachable": reachable()}
    to, var, port = Path(folder) / "entaku", Path(folder) / "var", free_port()
    subprocess.run([sys.executable, installer, bundle, "--key", key, "--to", str(to)], check=True, stdout=sys.stderr)
    var.mkdir(mode=0o711)
    (var / "demo-world").write_text("4")  # as if it were there: the pages of sign-in do not need it
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DJANGO", "ENTAKU_"))}
    process = subprocess.Popen(
        [to / ".venv" / "bin" / "python", "-m", "portal.embedded"], cwd=to, stdout=sys.stderr,
        env={**kept, "VAR": str(var), "PORT": str(port)},
    )  # fmt: skip
    try:
        base = f"http://localhost:{port}"
        found["ready"] = get(base + "/readyz", process)
        found["japanese"] = page = get(base + "/account/login/", process)
        found["english"] = get(base + "/account/login/", process, "en")
        (sheet,) = re.findall(r'href="(/static/css/base\.[0-9a-f]+\.css)"', page)
        found["style"] = len(get(base + sheet, process))
    finally:
        process.send_signal(signal.SIGTERM)
        found["ended"] = process.wait(60)
    sys.stdout.write(json.dumps(found))


def get(url: str, process: subprocess.Popen[bytes], language: str = "ja") -> str:
    asked = urllib.request.Request(url, headers={"Accept-Language": language})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with direct.open(asked, timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
