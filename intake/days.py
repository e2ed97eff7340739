"""Days as people read them; of time the anonymous side shows nothing finer."""

from __future__ import annotations

from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _


def shown(day: date) -> str:
    return formats.date_format(day, _("Y年n月j日(D)"))
