"""`make run`: reads PORT, INTAKE_PORT, VAR, CEILING and METRICS, and starts the supervisor."""

import os
from pathlib import Path

from portal.embedded.console import Trouble, complain, speak_utf8
from portal.embedded.instance import ROOT, Instance
from portal.embedded.supervisor import Stopped, Supervisor


def main() -> int:
    speak_utf8()
    try:
        port = number("PORT", 8000, range(1, 65536))
        instance = Instance(
            Path(os.environ.get("VAR") or ROOT / "var").absolute(),
            port=port,
            intake_port=number("INTAKE_PORT", port % 65535 + 1, range(1, 65536)),
            ceiling=number("CEILING", 2, range(4)),
            metrics=number("METRICS", 0, range(65536)),
        )
        Supervisor(instance).run()
    except Trouble as trouble:
        complain(trouble)
        return 1
    except Stopped:
        return 130
    return 0


def number(name: str, default: int, allowed: range) -> int:
    """The variable as a number of the range. Raises Trouble."""
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and int(text) in allowed):
        low, high = allowed[0], allowed[-1]
        raise Trouble(
            f"{name} には {low} から {high} までの数を指定してください({text} は使えません)。",
            f"{name} must be a number from {low} to {high}, not {text}.",
        )
    return int(text)
