#!/usr/bin/env python
"""Runs the management commands; without DJANGO_SETTINGS_MODULE on the data of `make run`."""

import os
import sys
from itertools import pairwise

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from portal.checks import settings_in_one_sentence


def require_owner(arguments: list[str]) -> None:
    """Django says only that it knows no database `owner`, not what makes it known."""
    asked = "--database=owner" in arguments or ("--database", "owner") in pairwise(arguments)
    if asked and "owner" not in settings.DATABASES:
        raise ImproperlyConfigured(
            "ENTAKU_DB_OWNER_PASSWORD: 所有者のパスワードを設定してください / set the password of the database's owner."
        )


if __name__ == "__main__":
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        from portal.embedded.attach import attach

        attach(sys.argv[1:])
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.embedded")
    with settings_in_one_sentence(1):  # not 3, which is what audit_verify ends with where it found faults
        require_owner(sys.argv)
        execute_from_command_line(sys.argv)
