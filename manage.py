#!/usr/bin/env python
"""Runs the management commands; without DJANGO_SETTINGS_MODULE on the data of `make run`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    if "DJANGO_SETTINGS_MODULE" not in os.environ:
        from portal.embedded.attach import attach

        attach()
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.embedded")
    execute_from_command_line(sys.argv)
