"""`make run`: reads PORT, VAR and CEILING, and starts the supervisor."""

import os
import sys
from pathlib import Path

from portal.embedded.console import Trouble, complain, speak_utf8
from portal.embedded.instance import ROOT, Instance
from portal.embedded.supervisor import Stopped, Supervisor


def main() -> int:
    try:
        instance = Instance(
            Path(os.environ.get("VAR") or ROOT / "var").absolute(),
            port=_number("PORT", 8000, range(1, 65536)),
            ceiling=_number("CEILING", 2, range(4)),
        )
        Supervisor(instance).run()
    except Trouble as trouble:
        complain(trouble)
        return 1
    except Stopped:
        return 130
    return 0


def _number(name: str, default: int, allowed: range) -> int:
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and int(text) in allowed):
        low, high = allowed[0], allowed[-1]
        raise Trouble(
            f"{name} には {low} から {high} までの数を指定してください({text} は使えません)。",
            f"{name} must be a number from {low} to {high}, not {text}.",
        )
    return int(text)


if __name__ == "__main__":
    speak_utf8()
    sys.exit(main())
