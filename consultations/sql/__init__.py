"""The SQL of the officers' side, as migrations run it."""

from pathlib import Path


def load(name: str) -> str:
    return (Path(__file__).parent / f"{name}.sql").read_text("utf-8")
