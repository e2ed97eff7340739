"""Shuts a working process in: no file but those named, no network, bounded memory and time, an end with its parent.

Called by the process about itself. What it reads comes from anywhere, and a fault in what reads it must find nothing
to take and nobody to tell. Landlock (Linux 5.13, landlock(7)) holds through exec; without it the limits hold alone.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import stat
import struct
from collections.abc import Iterable

MEMORY = 1536 * 1024 * 1024
DIES_WITH_PARENT, DUMPABLE, NO_NEW_PRIVILEGES = 1, 4, 38  # prctl(2)
CREATE, ADD, RESTRICT = 444, 445, 446  # system calls, alike on every architecture
EXECUTE, WRITE, READ, LIST = 1, 2, 4, 8
EVERYTHING = (1 << 13) - 1
CUT = 1 << 14
REMOVE_FILE, MAKE_FILE = 1 << 5, 1 << 8
BIND_AND_CONNECT = 3
TO_READ = EXECUTE | READ | LIST
TO_USE = READ | WRITE | CUT | MAKE_FILE | REMOVE_FILE
TO_WORK_IN = (EVERYTHING | CUT) & ~(1 << 6 | 1 << 11)  # but for making character and block devices
OF_A_FILE = EXECUTE | WRITE | READ | CUT
NETWORK, TRUNCATE = 4, 3  # since which version of Landlock


def confine(
    *, parent: int, seconds: int, writes: int = 0, descriptors: int = 32, children: bool = False,
    readable: Iterable[str] = (), writable: Iterable[str] = (), unlisted: Iterable[str] = (),
    farewell: signal.Signals = signal.SIGKILL,
) -> None:  # fmt: skip
    """`parent`: its process id; `farewell`: the signal that says it is gone. `seconds` of processor time.

    `writes`: bytes of the largest file. In `unlisted` folders files may be made and used by whoever knows their names.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((DIES_WITH_PARENT, farewell), (DUMPABLE, 0), (NO_NEW_PRIVILEGES, 1)):
        libc.prctl(option, int(value), 0, 0, 0)
    if os.getppid() != parent:  # it went before the kernel was told
        os._exit(1)
    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_FSIZE: writes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: descriptors,
    }
    if not children:
        limits[resource.RLIMIT_NPROC] = 0
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
    rights = ((readable, TO_READ), (unlisted, TO_USE), (writable, TO_WORK_IN))
    _keep_to([(place, right) for places, right in rights for place in places], libc)


def _keep_to(places: list[tuple[str, int]], libc: ctypes.CDLL) -> None:
    version = libc.syscall(CREATE, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return
    files = EVERYTHING | (CUT if version >= TRUNCATE else 0)
    asked = struct.pack("=QQ", files, BIND_AND_CONNECT) if version >= NETWORK else struct.pack("=Q", files)
    ruleset = libc.syscall(CREATE, asked, ctypes.c_size_t(len(asked)), 0)
    for place, rights in places:
        try:
            below = os.open(place, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        if not stat.S_ISDIR(os.fstat(below).st_mode):
            rights &= OF_A_FILE
        libc.syscall(ADD, ruleset, 1, struct.pack("=Qi", rights & files, below), 0)
        os.close(below)
    if libc.syscall(RESTRICT, ruleset, 0):
        raise OSError(ctypes.get_errno(), "cannot be shut in")
    os.close(ruleset)
