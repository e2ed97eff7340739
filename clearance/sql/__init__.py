"""The SQL of the access context and of clearance's own policies, as migrations run it."""

from pathlib import Path

from ..operations import readable


def load(name: str) -> str:
    """The text of `<name>.sql`, with the one policy text in its place."""
    return (Path(__file__).parent / f"{name}.sql").read_text("utf-8").replace("@READABLE@", readable())
