"""`make lock`: renews the pinned, hashed requirements from what requirements*.in ask for."""

import subprocess
import sys

from portal.embedded.instance import ROOT

COMPILE = [
    "-m",
    "uv",
    "pip",
    "compile",
    "--quiet",
    "--upgrade",
    "--generate-hashes",
    "--no-header",
    "--python-version=3.11",
]


def main() -> int:
    for name in ("requirements", "requirements-dev"):
        command = [sys.executable, *COMPILE, f"{name}.in", "-o", f"{name}.txt"]
        code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
