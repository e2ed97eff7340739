"""What the tests of the launcher and of the settings share."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """A data folder, made and not locked."""
    folder = Folder(tmp_path / "var")
    folder.make()
    yield folder
    folder.release()


@pytest.fixture
def fresh_settings() -> Iterator[None]:
    """Settings modules read the environment once: a test gets its own copies, the suite keeps its own."""
    kept = {name: module for name, module in sys.modules.items() if name.startswith("portal.settings.")}
    for name in kept:
        del sys.modules[name]
    yield
    for name in [name for name in sys.modules if name.startswith("portal.settings.")]:
        del sys.modules[name]
    sys.modules.update(kept)
