"""Runs every benchmark, or those named: `make bench ONLY="access stream"`. Exit code 1 when a goal is missed."""

import os
import sys
from collections.abc import Callable

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"


def main(names: list[str]) -> int:
    django.setup()
    from bench import access, audit, pages, prepare, relabel, room, rotation, search, stream, taxii
    from bench.figures import missed

    # In this order, whatever is asked for: each builds on what those before it may have built.
    known: dict[str, Callable[[], None]] = {
        "audit": audit.run,
        "access": access.run,
        "rotation": rotation.run,
        "pages": pages.run,
        "relabel": relabel.run,
        "room": room.run,
        "search": search.run,
        "stream": stream.run,
        "taxii": taxii.run,
    }
    if unknown := [name for name in names if name not in known]:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    prepare.migrate()
    for name, run in known.items():
        if not names or name in names:
            run()
    return 1 if missed() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
