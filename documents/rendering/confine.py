"""Takes from the present process everything it does not need to draw a page: files, network, memory, time, children.

Called by the drawing process about itself once all is loaded. PDFs come from anywhere; a fault in the library that
reads them must find neither a key file to read nor anybody to talk to.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from contextlib import suppress

MEMORY = 1536 * 1024 * 1024
DESCRIPTORS = 32
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
SIGKILL = 9

# Landlock (Linux 5.13, landlock(7)): rights by their bits, system calls by their numbers, alike on every architecture.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, RULE_PATH_BENEATH = 1, 1
EVERY_FILE_RIGHT = (1 << 13) - 1
READ_FILE, READ_FOLDER = 1 << 2, 1 << 3
EVERY_TCP_RIGHT = (1 << 2) - 1
NETWORK_SINCE = 4
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")  # for a PDF that does not bring its own


def confine(seconds: int) -> None:
    """Limits that hold until the process ends. Where the kernel has no Landlock, the others hold alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for limit, value in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
    ):
        resource.setrlimit(limit, (value, value))
    _keep_to_fonts(libc)


def _keep_to_fonts(libc: ctypes.CDLL) -> None:
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_FLAG)
    if version < 1:
        return
    handled = struct.pack("=Q", EVERY_FILE_RIGHT)
    if version >= NETWORK_SINCE:
        handled += struct.pack("=Q", EVERY_TCP_RIGHT)
    rules = libc.syscall(CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    for folder in FONTS:
        with suppress(FileNotFoundError):
            opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            libc.syscall(ADD_RULE, rules, RULE_PATH_BENEATH, struct.pack("=Qi", READ_FILE | READ_FOLDER, opened), 0)
            os.close(opened)
    if libc.syscall(RESTRICT_SELF, rules, 0):
        raise OSError(ctypes.get_errno(), "cannot restrict this process")
    os.close(rules)
