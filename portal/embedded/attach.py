"""Lets `manage.py` work on the data of `make run`: the same settings, the owner's connection beside the web role's."""

import os
from pathlib import Path

from portal.embedded.instance import ROOT, Instance


def attach() -> None:
    """Name in the environment what the settings read, when there is a folder to work on (VAR, else `var/`)."""
    var = Path(os.environ.get("VAR") or ROOT / "var").absolute()
    instance = Instance(var)
    if not (instance.folder.secrets / "credentials.json").exists():
        return
    last = instance.folder.last_run()
    instance.port = int(str(last.get("port", instance.port)))
    instance.ceiling = int(str(last.get("ceiling", instance.ceiling)))
    instance.make_keys()
    for name, value in instance.environment("portal_app", owner=True).items():
        os.environ.setdefault(name, value)
