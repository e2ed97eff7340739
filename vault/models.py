"""The base of every row that carries its own item key, and the keys that lie in the database."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core import checks
from django.db import models
from django.db.models import Q

from vault import Unreadable, keys
from vault.binding import bind
from vault.fields import key_part, row_part, sealed_fields
from vault.key_rows import MarkingKey, SigningKey
from vault.keys import Label

__all__ = ["MarkingKey", "SealedModel", "SigningKey"]

KEY_COLUMNS = ("wrapped_key", "key_version")
LABEL_COLUMNS = ("level", "comp_mask", "release_mask")  # what a label is made of, besides the marking's text


class _OpenKey:
    """A row's item key in memory, and the label and row its wrap was made for (`None`: not wrapped yet)."""

    def __init__(self, key: bytes, wrapped_for: tuple[Label, bytes] | None = None) -> None:
        self.key, self.cipher, self.wrapped_for = key, AESGCM(key), wrapped_for

    def __reduce__(self) -> NoReturn:
        raise TypeError("an open key stays in this process")


class WrappedKeyField(models.BinaryField):  # type: ignore[type-arg]
    """The wrapped item key. Whichever column of a row is written first makes the key; this one or the next wraps it."""

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        model_instance.wrap_before_saving(add)
        return super().pre_save(model_instance, add)


class KeyVersionField(models.PositiveIntegerField):  # type: ignore[type-arg]
    """The version of the marking key that the item key is wrapped under."""

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        model_instance.wrap_before_saving(add)
        return super().pre_save(model_instance, add)


class SealedModel(models.Model):
    """
    A row with its own item key, wrapped under the key of its marking and bound to its label and id.

    The model that inherits this gives `seal_label`. Whoever changes what the label is made of in the database makes
    the row unreadable; the program calls `rewrap` (or `new_key`) first.
    """

    wrapped_key = WrappedKeyField(default=b"", editable=False)
    key_version = KeyVersionField(default=0, editable=False)

    _open_key: _OpenKey | None = None
    _unsaved_columns: frozenset[str] = frozenset()  # what a change of key obliges the next save() to write

    class Meta:
        abstract = True

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled or copied: never the open key."""
        state = super().__getstate__()
        state.pop("_open_key", None)
        return state

    def save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = {*kwargs["update_fields"], *self._unsaved_columns}
        super().save(*args, **kwargs)
        self._unsaved_columns = frozenset()

    if TYPE_CHECKING:

        @property
        def seal_label(self) -> Label: ...

        @classmethod
        def sealed_under(cls, marking: str) -> Q:
            """Picks the rows under a marking, by its text."""

    def item_key(self) -> bytes:
        """The item key, 32 bytes, kept while this object lives; raises `Unreadable`."""
        return self._key().key

    def item_cipher(self) -> AESGCM:
        """AES-256-GCM under the item key."""
        return self._key().cipher

    def new_key(self, children: Iterable[models.Model] = ()) -> None:
        """
        Take a fresh item key, for a marking that fewer may read: whoever kept the old key reads nothing written since.

        What this row and `children` (the rows sealed `via` this very object) hold is opened, to be sealed anew; save
        all of them in one transaction. The marking may be changed after this call, without `rewrap`.
        """
        for row in (self, *children):
            for sealed in sealed_fields(row):
                if sealed.key_holder(row) is not self:
                    raise ValueError(f"{row!r} has its key from another object: it would keep the old one")
                sealed.seal_anew(row)
        self._open_key, self.wrapped_key = _OpenKey(keys.new_item_key()), b""
        self._unsaved_columns = frozenset(KEY_COLUMNS).union(sealed.attname for sealed in sealed_fields(self))

    def rewrap(self, label: Label) -> None:
        """Wrap the same key for `label` and under the newest key of its marking; then set the marking, and save."""
        self._wrap(self._key(), (label, self._binding()))
        self._unsaved_columns |= frozenset(KEY_COLUMNS)

    def wrap_before_saving(self, add: bool) -> None:
        """Called for the key's columns on the way to the database: there is a key, and it fits this label and row."""
        if self._open_key is None and self.wrapped_key and not add:
            return  # nothing was opened, nothing sealed: it is written back as it is
        opened, place = self._key(), (self.seal_label, self._binding())
        if opened.wrapped_for == place:
            return
        if opened.wrapped_for is not None and not self._state.adding:
            raise ValueError("the marking was changed without rewrap(): nobody could ever open this row again")
        self._wrap(opened, place)

    def refresh_from_db(self, using: Any = None, fields: Any = None, from_queryset: Any = None) -> None:
        super().refresh_from_db(using, fields, from_queryset)
        if fields is None or not set(KEY_COLUMNS).isdisjoint(fields):
            self._open_key, self._unsaved_columns = None, frozenset()

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        missing = [name for name in ("seal_label", "sealed_under", *LABEL_COLUMNS) if not hasattr(cls, name)]
        errors = [checks.Error(f"needs {', '.join(missing)}", obj=cls, id="vault.E003")] if missing else []
        return [*super().check(**kwargs), *errors]

    @classmethod
    def binding_of(cls, key: object) -> bytes:
        """What the item key of the row with that id is bound to besides its label."""
        return _table_part(cls._meta.db_table) + key_part(key)

    def _binding(self) -> bytes:
        return _table_part(self._meta.db_table) + row_part(self)

    def _key(self) -> _OpenKey:
        if self._open_key is None:
            self._open_key = self._unwrap() if self.wrapped_key else self._first_key()
        return self._open_key

    def vouch(self) -> None:
        """Asked before the item key is opened. Raises `Unreadable` where the row is known not to be the present one."""

    def _unwrap(self) -> _OpenKey:
        self.vouch()
        label, binding = self.seal_label, self._binding()
        wrapped = bytes(self.wrapped_key)
        return _OpenKey(keys.unwrap_item_key(wrapped, self.key_version, label=label, binding=binding), (label, binding))

    def _first_key(self) -> _OpenKey:
        if not self._state.adding:
            raise Unreadable
        return _OpenKey(keys.new_item_key())

    def _wrap(self, opened: _OpenKey, place: tuple[Label, bytes]) -> None:
        label, binding = place
        self.wrapped_key, self.key_version = keys.wrap_item_key(opened.key, label=label, binding=binding)
        opened.wrapped_for = place


@cache
def _table_part(table: str) -> bytes:
    return bind("row", table)
