"""A service's refusal, told on the form: beside its field, or at the top."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseForm


class ToldOn:
    """`with ToldOn(form):` a refusal becomes the form's errors, and what the service had begun is undone.

    `fields` gives the form's names for those the service uses.
    """

    def __init__(self, form: BaseForm, **fields: str) -> None:
        self.form, self.fields, self.work = form, fields, transaction.atomic()

    def __enter__(self) -> None:
        self.work.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.work.__exit__(kind, raised, trace)
        if not isinstance(raised, ValidationError):
            return False
        errors: Mapping[str, Any] = getattr(raised, "error_dict", {"": raised})
        for name, error in errors.items():
            field = self.fields.get(name, name)
            self.form.add_error(field if field in self.form.fields else None, error)
        return True
