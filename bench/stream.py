"""placeholder"""

from pathlib import Path

SIZE = 0
PLAIN = Path("/")


def run() -> None: ...
