"""What a start does as the database's owner, in a process of its own: tables, static files, demo world.

Lines that start with `* ` are progress, shown by the launcher; the rest goes to its log.
"""

import hashlib
import shutil
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command

COLLECTED = (
    Path(__file__).resolve().parent.parent.parent / "collected"
)  # what a bundle brings (portal/embedded/bundle.py)


def main() -> None:
    django.setup()
    tell("データベースの表を整えています", "bringing the tables up to date")
    call_command("migrate", database="owner", interactive=False, verbosity=0)
    collect()
    populate()


def tell(ja: str, en: str) -> None:
    print(f"* {ja} / {en}", flush=True)


def collect() -> None:
    """Gather and compress the static files when one of them changed."""
    stamp = Path(settings.STATIC_ROOT) / ".stamp"
    state = static_state()
    if stamp.exists() and stamp.read_text() == state:
        return
    tell("画面の部品を集めています", "collecting the static files")
    if COLLECTED.is_dir():
        shutil.rmtree(settings.STATIC_ROOT)
        shutil.copytree(COLLECTED, settings.STATIC_ROOT)
    else:
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(state)


def static_state() -> str:
    """A digest of every static file's name, size and time."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def populate() -> None:
    """Build the demo world once, and once more when the ceiling was raised: level 3 then has made-up data too."""
    stamp = settings.VAR_DIR / "demo-world"
    if stamp.exists() and int(stamp.read_text()) >= settings.CEILING:
        return
    tell("見本のデータを作っています", "making the demo world")
    call_command("demo_world")
    stamp.write_text(str(settings.CEILING))


if __name__ == "__main__":
    main()
