"""What the launcher says, for its tests."""

from portal.embedded.console import Trouble


def complaint(trouble: Trouble) -> str:
    """Both sentences, each one line, or the test fails."""
    assert "\n" not in trouble.ja + trouble.en
    return f"{trouble.ja}\n{trouble.en}"
