"""A bundle of HEAD, built as `make bundle` builds it, installs and starts with the network cut."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded import bundle, wheels
from portal.embedded.instance import ROOT
from tests.portal import cut_off

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where the database's own user gets through as well; pytest's folders are this user's alone."""
    with tempfile.TemporaryDirectory(prefix="entaku-bundle-") as path:
        Path(path).chmod(0o711)
        yield Path(path)


@pytest.fixture(scope="module")
def built(folder: Path) -> Path:
    (folder / "release.pub.pem").write_text(bundle.release_key(folder / "release.key"))
    return bundle.build(folder / "release.key", folder)


def test_it_lists_what_is_in_it(built: Path) -> None:
    with tarfile.open(built) as tar:
        names = set(tar.getnames())
        listed = tar.extractfile("sbom.cdx.json")
        assert listed is not None
        components = json.load(listed)["components"]
    pinned = wheels.lock((ROOT / "requirements.txt").read_text())
    assert {(each["name"], each["version"]) for each in components} == pinned.keys()
    for each in components:
        assert each["hashes"][0]["content"] in pinned[each["name"], each["version"]]
        assert each["properties"][0]["value"] in names
        assert each["purl"].endswith(f"/{each['name']}@{each['version']}")
        assert each["licenses"], each["name"]
    installed = importlib.metadata.metadata("django")
    (django,) = [each for each in components if each["name"] == "django"]
    assert django["licenses"] == [{"expression": installed["License-Expression"]}]
    assert {"SHA256SUMS", "SHA256SUMS.sig", "manage.py", "locale/accounts/en/LC_MESSAGES/django.mo"} <= names
    assert "collected/staticfiles.json" in names
    assert not [name for name in names if re.search(r"\.key$|(^|/)(var|\.git|\.venv)/", name)]


def test_it_installs_and_starts_with_the_network_cut(
    built: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = subprocess.run(
        [sys.executable, cut_off.__file__, ROOT / "deploy" / "install.py", built, folder / "release.pub.pem", folder],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        env={**os.environ, "PIP_NO_COMPILE": "1"},  # what is then used is compiled; the rest is half the work
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout)
    if not found["cut"].startswith("network namespace"):
        with capsys.disabled():
            sys.stdout.write(f"\nthe bundle was started with {found['cut']}\n")
    else:
        assert not found["reachable"]
    assert found["ready"] == "ready\n" or "database: ok" in found["ready"]
    assert "メールアドレス" in found["japanese"]
    assert "Sign in" in found["english"]
    assert found["style"] > 0
    assert found["ended"] == 0
