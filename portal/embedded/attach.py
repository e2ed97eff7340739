"""Lets `manage.py` work on the data of `make run`: the same settings, the owner's connection beside the web role's."""

import os
from collections.abc import Sequence
from pathlib import Path

from portal.embedded.console import Trouble, complain, speak_utf8
from portal.embedded.instance import ROOT, Instance

# What asks neither database nor queue.
ALONE = {
    "make_root_key", "verify_backup", "compile_translations", "help", "version", "makemigrations", "check",
    "diffsettings",
}  # fmt: skip


def attach(arguments: Sequence[str]) -> None:
    """Name in the environment what the settings read, for the command on the data of VAR (else `var/`).

    Ends the process where nothing runs there and the command needs that.
    """
    var = Path(os.environ.get("VAR") or ROOT / "var").absolute()
    instance = Instance(var)
    if not (alone(arguments) or instance.folder.running()):
        speak_utf8()
        complain(
            Trouble(
                f"{var} では何も動いていません。別の端末の make run で起動してから、もう一度実行してください。",
                f"nothing runs on the data in {var}; start it with `make run` in another terminal, then try again.",
            )
        )
        raise SystemExit(1)
    if not (instance.folder.secrets / "credentials.json").exists():
        return
    last = instance.folder.last_run()
    instance.port = int(str(last.get("port", instance.port)))
    instance.ceiling = int(str(last.get("ceiling", instance.ceiling)))
    instance.make_keys()
    for name, value in instance.environment("portal_app", owner=True).items():
        os.environ.setdefault(name, value)


def alone(arguments: Sequence[str]) -> bool:
    """Whether the command does its work with nothing running."""
    return not arguments or arguments[0] in ALONE or bool({"-h", "--help", "--version"} & set(arguments))
