"""Named grants on a document: need-to-know by name, and from level 3 up the handler register."""

from django.db import models

from clearance.models import ItemGrant

from .documents import Document


class DocumentGrant(ItemGrant):
    """One person's grant on one document."""

    content_object = models.ForeignKey(Document, models.CASCADE, related_name="grants")

    class Meta(ItemGrant.Meta):
        pass
