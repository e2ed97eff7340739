"""The SQL of briefings, as migrations run it; the one policy text of marked things stands in for @READABLE@."""

from pathlib import Path

from clearance.operations import readable


def load(name: str) -> str:
    return (Path(__file__).parent / f"{name}.sql").read_text("utf-8").replace("@READABLE@", readable())
