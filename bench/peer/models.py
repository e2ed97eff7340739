"""Guardian's side: documents, grants to people and to groups on direct foreign keys, people with groups."""

from typing import ClassVar

from django.contrib.auth.models import Group
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.models import Person


class PeerDocument(models.Model):
    """As wide on disk as a document of ours; `rest` stands for the columns that no query names."""

    id = models.UUIDField(primary_key=True)
    circle_id = models.BigIntegerField(db_index=True)
    created = models.DateTimeField()
    title = models.BinaryField()
    rest = models.BinaryField()

    def __str__(self) -> str:
        return str(self.id)


class PeerGrant(UserObjectPermissionBase):
    content_object = models.ForeignKey(PeerDocument, models.CASCADE)


class PeerGroupGrant(GroupObjectPermissionBase):
    content_object = models.ForeignKey(PeerDocument, models.CASCADE)


class PeerMembership(models.Model):
    """Who is in which group: a group for each circle."""

    user = models.ForeignKey(Person, models.CASCADE, related_name="+")
    group = models.ForeignKey(Group, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "group"], name="peer_once")]

    def __str__(self) -> str:
        return str(self.pk)


class PeerReader(Person):
    """A person as guardian's `get_objects_for_user` expects one."""

    class Meta:
        proxy = True

    @property
    def groups(self) -> models.QuerySet[Group]:
        return Group.objects.filter(pk__in=PeerMembership._default_manager.filter(user=self).values("group"))
