"""What a deployment decides comes from the environment: variables named `ENTAKU_…`."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str = "") -> str:
    """The variable `ENTAKU_<name>`, or the default."""
    return os.environ.get(f"ENTAKU_{name}", default)


def number(name: str, default: int, *, most: int, least: int = 0) -> int:
    """The variable `ENTAKU_<name>` as a whole number, or the default."""
    value = env(name) or str(default)
    if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
        raise ImproperlyConfigured(
            f"ENTAKU_{name}: {least} から {most} までの整数を設定してください / "
            f"set it to a whole number from {least} to {most}."
        )
    return int(value)


BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env("VAR", str(BASE_DIR / "var"))).resolve()
