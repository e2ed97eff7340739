"""`make bench`: runs `python -m bench` against a database of its own, thrown away afterwards."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from portal.embedded import translations
from portal.embedded.console import Trouble, complain, speak_utf8, step
from portal.embedded.instance import ROOT, Instance


def main() -> int:
    """The exit code of the benchmarks."""
    with tempfile.TemporaryDirectory(prefix="entaku-bench-") as place:
        Path(place).chmod(0o711)  # `nobody` passes through to the database's folder
        instance = Instance(Path(place) / "var")
        instance.folder.make()
        instance.make_keys()
        instance.cluster.settings = [*instance.cluster.settings, "shared_buffers=512MB"]
        instance.make_cluster()
        step("計測用のデータベースを起動しています", "starting a database for the benchmarks")
        valkey = instance.valkey.launch(instance.folder.logs / "valkey.log")
        try:
            instance.cluster.start()
            instance.await_database()
            translations.compile_changed()
            environment = {**os.environ, **instance.environment("portal_app", owner=True)}
            only = os.environ.get("ONLY", "").split()
            return subprocess.run(
                [sys.executable, "-m", "bench", *only], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False
            ).returncode
        finally:
            instance.cluster.stop()
            valkey.terminate()
            valkey.wait()


if __name__ == "__main__":
    speak_utf8()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the throw-away gigabytes go with us
    try:
        sys.exit(main())
    except Trouble as trouble:
        complain(trouble)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
