"""What the launcher's tests share."""

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
