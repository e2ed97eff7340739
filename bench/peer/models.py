from typing import ClassVar

from django.db import models
from guardian.models import UserObjectPermissionBase


class PeerDocument(models.Model):
    """As narrow as a document can be."""

    id = models.UUIDField(primary_key=True)
    circle_id = models.BigIntegerField()
    created = models.DateTimeField()
    title = models.BinaryField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-created", "-id"], name="peer_newest"),
            models.Index(fields=["circle_id", "-created", "-id"], name="peer_circle_newest"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PeerGrant(UserObjectPermissionBase):
    content_object = models.ForeignKey(PeerDocument, models.CASCADE)
