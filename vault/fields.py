"""Encrypted model fields: sealed as a row is written, opened when the attribute is first read."""

from __future__ import annotations

import json
import os
from abc import abstractmethod
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django import forms
from django.core import checks
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from vault import Unreadable
from vault.binding import bind, part
from vault.cells import Sealed, SealedAttribute, move_cells_on_refresh
from vault.columns import SealedCol, SealedIsNull, refuse
from vault.providers import NONCE_SIZE

VERSION = b"\x01"
ONE_LINE = 255  # longer texts are typed into a text area

# What an attribute takes and gives, for the type checker: django-stubs fills them from the `_pyi_` names below.
Set = TypeVar("Set", contravariant=True)
Get = TypeVar("Get", covariant=True)

if TYPE_CHECKING:

    class _Field(models.Field[Set, Get]): ...

else:

    class _Field(models.Field):
        def __class_getitem__(cls, _types):
            return cls


class _Blob(bytes):
    """A column's content as `pre_save` made it: the only thing these fields write."""


class SealedField(_Field[Set, Get]):
    """
    Base of the sealed fields.

    The value is sealed under the row's item key (`vault.models.SealedModel`) or, with `via`, under that of the row at
    that attribute path (`via="document"`, `via="version.document"`), bound to table ‖ row id ‖ column. Only whole rows
    carry it: `filter()`, ordering, `F()` and `update()` are refused, `values()` gives what cannot be shown.
    `max_plain_length` counts characters of a text, else bytes.
    """

    empty_strings_allowed = False
    too_long: Any = _("内容が大きすぎます（%(length)dバイト）。%(limit)dバイト以内にしてください。")
    mutable = False  # whether a value can change without being assigned

    def __init__(self, *args: Any, max_plain_length: int | None = None, via: str = "", **more: Any) -> None:
        self.max_plain_length, self.via = max_plain_length, via
        super().__init__(*args, **more)

    @abstractmethod
    def encode(self, value: Any) -> bytes:
        """The bytes to seal."""

    @abstractmethod
    def decode(self, plain: bytes) -> Any:
        """The value that `encode` was given."""

    def plain_length(self, value: Any) -> int:
        return len(self.encode(value))

    # --- sealing and opening ---

    def open(self, blob: bytes, row: models.Model) -> Any:
        """The value; raises `Unreadable`."""
        return self.decode(self._decrypt(blob, row))

    def pre_save(self, model_instance: models.Model, add: bool) -> _Blob | None:
        cell: Sealed | None = model_instance.__dict__[self.attname]
        if cell is None:
            return None
        # A row being added may be a copy of another: what was sealed for that one is opened, or found unreadable, now.
        if add or cell.blob is None or self._was_mutated(cell, cell.blob, model_instance):
            value = cell.plain(self, model_instance)
            self._check_length(value)
            cell = Sealed(self._encrypt(self.encode(value), model_instance), value)
            model_instance.__dict__[self.attname] = cell
        return _Blob(cell.blob or b"")

    def seal_anew(self, row: models.Model) -> None:
        """Open the value and mark it to be sealed again, before the item key is exchanged."""
        setattr(row, self.attname, getattr(row, self.attname))

    def _was_mutated(self, cell: Sealed, blob: bytes, row: models.Model) -> bool:
        if not (self.mutable and cell.is_open):
            return False
        return self.encode(cell.plain(self, row)) != self._decrypt(blob, row)

    def _encrypt(self, plain: bytes, row: models.Model) -> bytes:
        nonce = os.urandom(NONCE_SIZE)
        return VERSION + nonce + self._cipher(row).encrypt(nonce, plain, self._aad(row))

    def _decrypt(self, blob: bytes, row: models.Model) -> bytes:
        if blob[:1] != VERSION or len(blob) <= NONCE_SIZE:
            raise Unreadable
        try:
            return self._cipher(row).decrypt(blob[1 : 1 + NONCE_SIZE], blob[1 + NONCE_SIZE :], self._aad(row))
        except InvalidTag:
            raise Unreadable from None

    def key_holder(self, row: models.Model) -> Any:
        """The row whose item key this field is sealed under."""
        return attrgetter(self.via)(row) if self.via else row

    def _cipher(self, row: models.Model) -> AESGCM:
        cipher: AESGCM = self.key_holder(row).item_cipher()
        return cipher

    def _aad(self, row: models.Model) -> bytes:
        return self._aad_of_column + row_part(row)

    @cached_property
    def _aad_of_column(self) -> bytes:
        return bind("field", self.model._meta.db_table, self.column or self.attname)

    # --- the attribute ---

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        self.__dict__.pop("_aad_of_column", None)
        setattr(cls, self.attname, SealedAttribute(self))
        move_cells_on_refresh(cls)

    def from_db_value(self, value: Any, *_args: Any) -> Sealed | None:
        return None if value is None else Sealed(bytes(value))

    def value_to_string(self, obj: models.Model) -> str:
        refuse(self, "serialised")

    # --- what the database is asked ---

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> bytes | None:
        if value is None:
            return None
        if not isinstance(value, _Blob):
            refuse(self, "written by update() or bulk_update()")
        return bytes(value)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        if not isinstance(value, bytes | None):
            refuse(self, "written from an expression")
        return "%s"

    def get_lookup(self, lookup_name: str) -> type[SealedIsNull]:
        if lookup_name != "isnull":
            refuse(self, "filtered by")
        return SealedIsNull

    def get_transform(self, lookup_name: str) -> Any:
        refuse(self, "transformed")

    def get_col(self, alias: str, output_field: models.Field[Any, Any] | None = None) -> SealedCol:
        return SealedCol(alias, self, output_field)

    # --- declaration and validation ---

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.max_plain_length is not None:
            kwargs["max_plain_length"] = self.max_plain_length
        if self.via:
            kwargs["via"] = self.via
        return name, path, args, kwargs

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_key_holder(), *self._check_options()]

    def _check_key_holder(self) -> list[checks.CheckMessage]:
        holder = self.via.split(".")[0] or "item_cipher"
        if hasattr(self.model, holder):
            return []
        hint = "Inherit vault.models.SealedModel, or name the row whose key to use with via=."
        return [checks.Error(f"{self.model.__name__} has no '{holder}'.", hint=hint, obj=self, id="vault.E001")]

    def _check_options(self) -> list[checks.CheckMessage]:
        if not (self.unique or getattr(self, "db_index", False)):
            return []
        return [checks.Error("A sealed field cannot be unique or indexed.", obj=self, id="vault.E002")]

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value is not None:
            self._check_length(value, by_field=False)

    def _check_length(self, value: Any, *, by_field: bool = True) -> None:
        limit, length = self.max_plain_length, self.plain_length(value)
        if limit is None or length <= limit:
            return
        error = ValidationError(
            self.too_long,
            code="max_length",
            params={"length": length, "limit": limit},
        )
        raise ValidationError({self.name: error}) if by_field else error


class SealedTextField(SealedField[Set, Get]):
    """Text. On a form: one line up to 255 characters, a text area beyond."""

    _pyi_private_set_type: str
    _pyi_private_get_type: str

    description = _("暗号化された文字列")
    too_long = _("%(limit)d文字以内で入力してください（現在%(length)d文字）。")
    empty_strings_allowed = True

    def encode(self, value: Any) -> bytes:
        raw: bytes = value.encode()
        return raw

    def decode(self, plain: bytes) -> str:
        return plain.decode()

    def plain_length(self, value: Any) -> int:
        return len(value)

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else str(value)

    def formfield(self, **kwargs: Any) -> Any:
        options: dict[str, Any] = {"max_length": self.max_plain_length, "form_class": forms.CharField}
        if self.max_plain_length is None or self.max_plain_length > ONE_LINE:
            options["widget"] = forms.Textarea
        return super().formfield(**{**options, **kwargs})


class SealedJSONField(SealedField[Set, Get]):
    """JSON. A list or dictionary changed in place is noticed when the row is saved."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    description = _("暗号化されたJSON")
    mutable = True

    def encode(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()

    def decode(self, plain: bytes) -> Any:
        return json.loads(plain)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": forms.JSONField, **kwargs})


class SealedBytesField(SealedField[Set, Get]):
    """Bytes, such as the key of a file. Not on forms."""

    _pyi_private_set_type: bytes
    _pyi_private_get_type: bytes

    description = _("暗号化されたデータ")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{"editable": False, **more})

    def encode(self, value: Any) -> bytes:
        return memoryview(value).tobytes()  # bytes(5) would be five zeros

    def decode(self, plain: bytes) -> bytes:
        return plain


def sealed_fields(row: models.Model) -> list[SealedField[Any, Any]]:
    return [field for field in row._meta.concrete_fields if isinstance(field, SealedField)]


def row_part(row: models.Model) -> bytes:
    """The row's id as a part of what a ciphertext is bound to, the same however the id was written."""
    return key_part(row.pk if isinstance(row.pk, UUID) else row._meta.pk.to_python(row.pk))


def key_part(key: object) -> bytes:
    """The same for a row's id alone."""
    return part(key.bytes if isinstance(key, UUID) else str(key))
