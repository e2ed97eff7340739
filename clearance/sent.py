"""What somebody sent that cannot be taken yet: its texts, to be read and copied; all of it, to be sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from django.forms import BaseForm, Field, FileField, Textarea
from django.http import HttpRequest

View = TypeVar("View", bound=Callable[..., Any])

# By the type of their input: what people type, not what they choose.
TYPED = {"text", "email", "url", "tel", "search", "number", "date"}


def takes(*forms: type[BaseForm]) -> Callable[[View], View]:
    """Mark a view with the forms it takes: they name what was typed into it, and alone say what is text."""

    def mark(view: View) -> View:
        view.takes = forms  # type: ignore[attr-defined]
        return view

    return mark


@dataclass(frozen=True)
class Text:
    """What was typed into one field, under the field's label; `long` where it has several lines."""

    label: str
    text: str
    long: bool


@dataclass(frozen=True)
class Sent:
    """`again` holds every field to be sent once more. A file is never among them: `file` tells that there was one."""

    texts: tuple[Text, ...]
    again: tuple[tuple[str, str], ...]
    file: bool

    def __bool__(self) -> bool:
        """Whether there is anything of somebody's own to lose."""
        return bool(self.texts) or self.file


def sent(request: HttpRequest) -> Sent:
    """What a request brought. It follows from the request and its address alone, never from what there is."""
    view = request.resolver_match.func if request.resolver_match else None
    fields = {name: field for form in getattr(view, "takes", ()) for name, field in _fields(form).items()}
    again = tuple(_worth_keeping(request))
    texts = tuple(
        Text(str(field.label or ""), value, isinstance(field.widget, Textarea))
        for name, field in fields.items()
        for value in request.POST.getlist(name)
        if is_typed(field) and (name, value) in again and value.strip()
    )
    return Sent(texts, again, any(isinstance(field, FileField) for field in fields.values()))


def is_typed(field: Field) -> bool:
    """Whether people type into the field; never a password."""
    return isinstance(field.widget, Textarea) or getattr(field.widget, "input_type", "") in TYPED


def _fields(form: type[BaseForm]) -> dict[str, Field]:
    """A form's fields in the order the page has them."""
    fields: dict[str, Field] = form.base_fields  # type: ignore[attr-defined]
    order = [name for name in form.field_order or () if name in fields]
    return {name: fields[name] for name in dict.fromkeys([*order, *fields])}


def _worth_keeping(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.POST.lists():
        if name != "csrfmiddlewaretoken" and "password" not in name.lower():
            yield from ((name, str(value)) for value in values)
