"""Rooms opened on circles, what is said in them, and what each reader has seen of it."""

from .rooms import Room, RoomGrant
from .threads import Message, MessageDocument, ReadMark, Thread

__all__ = ["Message", "MessageDocument", "ReadMark", "Room", "RoomGrant", "Thread"]
