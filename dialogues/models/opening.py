"""What a list shows of a sealed text: one row that was altered in the database must not close the whole page."""

import logging

from django.db import models
from django.utils.translation import gettext as _

from vault import Unreadable

logger = logging.getLogger(__name__)


def opened(row: models.Model, name: str) -> str:
    """The text, or what is said in its place where it does not open."""
    try:
        return str(getattr(row, name))
    except Unreadable:
        logger.warning("%s %s does not open", row._meta.label_lower, row.pk)
        return _("（保存されている内容を開けません）")
