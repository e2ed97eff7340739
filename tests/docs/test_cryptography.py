"""The inventory of algorithms names what the code imports, and no place that is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa import app_settings
from argon2 import Type
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from fido2.cose import CoseKey

from accounts.passwords import BoundedArgon2Hasher

from .pages import DOCS, ROOT, text

PAGE = DOCS / "cryptography.md"
APPS = sorted(path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name not in {"tests", "bench", "chaos"})
PRODUCT = [*(path for app in APPS for path in sorted(app.rglob("*.py"))), *DOCS.glob("*.py"), *ROOT.glob("deploy/*.py")]
IMPORTED = re.compile(r"^\| `([\w/]+\.py)` \| ([\w, ]+) \|$", re.MULTILINE)
ERRORS = {"InvalidTag", "InvalidSignature"}
HASHING = {"sha256", "file_digest"}  # the second by the name of the first
COMPARING = {"compare_digest"}
KNOWN = {"sha256", "sha512"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def primitives(path: Path) -> set[str]:
    """What a file takes from `cryptography`, and which mechanisms of a token it asks for."""
    found = set[str]()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "cryptography":
            found |= {alias.name for alias in node.names} - ERRORS
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.partition(".")[0] == "cryptography"}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Mechanism":
            found.add(f"CKM_{node.attr}")
    return found


def test_each_primitive_that_is_imported_is_named_with_its_file() -> None:
    there = {str(path.relative_to(ROOT)): primitives(path) for path in PRODUCT}
    stated = {file: set(names.split(", ")) for file, names in IMPORTED.findall(text(PAGE))}
    assert stated == {file: names for file, names in there.items() if names}


def test_of_hashes_only_the_named_ones_are_used() -> None:
    for path in PRODUCT:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module in {"hashlib", "hmac"}:
                assert {alias.name for alias in node.names} <= HASHING | COMPARING, path
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                used = node.value.id, node.attr
                assert used[0] != "hashlib" or used[1] in HASHING, f"{path}: {used}"
                assert used[0] != "hmac" or used[1] in COMPARING | {"digest"}, f"{path}: {used}"
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in {"hmac.digest", "file_digest"}:
                assert isinstance(node.args[-1], ast.Constant), path
                assert node.args[-1].value in KNOWN, path


def names(body: list[ast.stmt], within: str = "") -> Iterator[str]:
    """Functions, classes and their methods, and module constants."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield within + node.name
            if isinstance(node, ast.ClassDef):
                yield from names(node.body, f"{node.name}.")


def test_each_place_named_is_there() -> None:
    places = re.findall(r"`([\w/]+\.(?:py|sql))(?:::([\w.]+))?`", text(PAGE))
    assert len(places) > 40
    for file, symbol in places:
        assert (ROOT / file).exists(), file
        assert not symbol or symbol in set(names(tree(ROOT / file).body)), f"{file}::{symbol}"


def test_passkeys_are_offered_the_algorithms_named_and_in_that_order() -> None:
    (row,) = re.findall(r"^\| passkeys .*$", text(PAGE), re.MULTILINE)
    offered = [CoseKey.for_alg(number).__name__ for number in CoseKey.supported_algorithms()]
    assert re.findall(r"`((?:ES|PS|RS|Ed|ML)\w+)`", row) == offered


def test_the_figures_are_those_of_the_code() -> None:
    hasher = get_hasher()
    assert isinstance(hasher, BoundedArgon2Hasher)
    assert hasher.params().type is Type.ID
    said = f"{hasher.memory_cost // 1024} MiB, {hasher.time_cost} passes, {hasher.parallelism} lane"
    assert said in text(PAGE)
    assert f"{app_settings.TOTP_DIGITS} digits, {app_settings.TOTP_PERIOD} seconds" in text(PAGE)
    assert settings.PASSWORD_HASHERS == ["accounts.passwords.BoundedArgon2Hasher"]


@pytest.mark.parametrize("word", ["推奨", "候補", "監視", "対象外"])
def test_each_word_of_the_tables_is_explained(word: str) -> None:
    assert re.search(rf"^\| {word} \| ", text(PAGE), re.MULTILINE)


def test_each_row_says_where_it_stands() -> None:
    sections = text(PAGE).split("\n## ")
    for section in sections[1:5]:
        for row in re.findall(r"^\| (?!what for|-).*$", section, re.MULTILINE):
            assert re.search(r"推奨|監視|対象外|as above", row.rsplit("|", 2)[1]), row
