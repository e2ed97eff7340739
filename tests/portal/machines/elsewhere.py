"""Another network namespace, joined to ours by one cable; where none may be made, our own loopback."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress

from portal.embedded.processes import Ordinary


class Elsewhere:
    """`address` is where its servers listen; `why_not` says why it is not elsewhere, or nothing."""

    def __init__(self) -> None:
        number = os.getpid()
        self.name, self.cable = f"entaku-{number}", f"en{number}"
        network = f"10.213.{number >> 6 & 255}."
        ours, theirs = (f"{network}{(number & 63) * 4 + host}" for host in (1, 2))
        self.address, self.why_not = theirs, ""
        try:
            self._ip("netns", "add", self.name)
            self._ip("link", "add", self.cable, "type", "veth", "peer", "name", "cable", "netns", self.name)
            self._ip("addr", "add", f"{ours}/30", "dev", self.cable)
            self._ip("link", "set", self.cable, "up")
            self._ip("-n", self.name, "addr", "add", f"{theirs}/30", "dev", "cable")
            self._ip("-n", self.name, "link", "set", "cable", "up")
        except (OSError, subprocess.CalledProcessError) as error:
            self.close()
            said = (getattr(error, "stderr", "") or str(error)).strip()
            self.address, self.why_not = "127.0.0.1", said or "ip netns refused"

    def within(self, ordinary: Ordinary) -> Ordinary:
        """How to start a server there as the same user: the namespace first, for only root may enter it."""
        if self.why_not:
            return ordinary
        user = ordinary.user
        return Ordinary(
            [
                *ordinary.prefix, "nsenter", f"--net=/run/netns/{self.name}", "setpriv", "--pdeathsig=keep",
                *([f"--reuid={user['user']}", f"--regid={user['group']}", "--clear-groups"] if user else []),
            ],
            {},
            ordinary.owner,
        )  # fmt: skip

    def close(self) -> None:
        with suppress(OSError, subprocess.CalledProcessError):
            self._ip("netns", "delete", self.name)  # and the cable with it

    @staticmethod
    def _ip(*arguments: str) -> None:
        subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
