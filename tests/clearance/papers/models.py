from typing import ClassVar

from django.db import models
from uuid_utils.compat import uuid7

from clearance.models import ItemGrant, Marked


class Paper(Marked):
    """A marked row with nothing sealed in it."""

    class Meta(Marked.Meta):
        permissions: ClassVar = [("handle_paper", "may handle the paper")]


class Note(models.Model):
    """Hangs on a paper."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    paper = models.ForeignKey(Paper, models.CASCADE)

    def __str__(self) -> str:
        return str(self.id)


class PaperGrant(ItemGrant):
    content_object = models.ForeignKey(Paper, models.CASCADE)
