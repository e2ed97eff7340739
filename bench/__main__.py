"""Runs every benchmark, or those named: `make bench ONLY="access stream"`. Exit code 1 when a goal is missed."""

import os
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"


def main(names: list[str]) -> int:
    django.setup()
    from bench import access, prepare, room, stream
    from bench.figures import missed

    known = {"access": access.run, "room": room.run, "stream": stream.run}
    if unknown := [name for name in names if name not in known]:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    prepare.migrate()
    for name in names or known:
        known[name]()
    return 1 if missed() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
