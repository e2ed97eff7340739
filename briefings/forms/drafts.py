"""A draft's page as one form: everything that was typed, the forms that judge it, and the content that it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID, uuid5

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clearance.access import Actor
from clearance.forms.markings import bracketed

from ..content import Content
from ..models import Draft
from .content import AboutForm, ActionForm, NamedForm, RowForm, SectionForm, SourceForm
from .offering import offered
from .typed import ROWS, Typed, TypedSection, Values

F = TypeVar("F", bound=forms.Form)
ROW_FORMS: dict[str, type[RowForm]] = {"a": ActionForm, "n": NamedForm, "r": SourceForm}

LISTS: dict[str, Any] = {
    "a": gettext_lazy("お願いしたいこと（何を・だれが・いつまでに）"),
    "n": gettext_lazy("名前の挙がるもの（行為者・一連の活動・設備・場所）"),
    "r": gettext_lazy("出典"),
}


@dataclass
class SectionForms:
    """The form of one section with those of its rows; `misfits` says why it cannot go out so marked."""

    number: int
    form: SectionForm
    rows: dict[str, list[RowForm]]
    last: bool
    misfits: list[str] = field(default_factory=list)

    @property
    def lists(self) -> list[tuple[str, Any, list[RowForm], bool]]:
        """Letter, name, rows, and whether there is anything in them."""
        return [(kind, LISTS[kind], rows, len(rows) > 1) for kind, rows in self.rows.items()]

    @property
    def documents(self) -> forms.BoundField | None:
        return self._bound("documents")

    @property
    def ask_again(self) -> forms.BoundField | None:
        return self._bound("ask_again")

    def _bound(self, name: str) -> forms.BoundField | None:
        return self.form[name] if name in self.form.fields else None

    @property
    def key(self) -> str:
        """As the buttons name it."""
        return str(self.number)

    @property
    def place(self) -> int:
        """As people count."""
        return self.number + 1

    @property
    def fixed(self) -> bool:
        """The first section is what every reader sees: it stays where it is."""
        return self.number == 0

    @property
    def can_go_up(self) -> bool:
        return self.number > 1

    @property
    def can_go_down(self) -> bool:
        return self.number > 0 and not self.last

    def every(self) -> Iterator[forms.Form]:
        yield self.form
        for rows in self.rows.values():
            yield from rows


class DraftForms:
    """All the forms of a draft. `judged`: whether what was typed is checked, or only shown as it is. `slots` are those
    of the content that is stored: a section is known by its slot, and no browser chooses a new one."""

    def __init__(
        self, typed: Typed, *, draft: Draft, actor: Actor, slots: Sequence[str],
        judged: bool,
    ) -> None:  # fmt: skip
        self.typed, self.draft, self.actor, self.judged = typed, draft, actor, judged
        self.slots = set(slots)
        self.made: list[UUID] = []
        self.refused = False
        self.choices = offered(actor, draft.circle, draft.audience)
        self.data: QueryDict = typed.data()
        self.about = self._made(AboutForm, typed.about, None)
        if typed.by_section:
            self.about.unmarked()
        else:
            self.about.offer(actor, draft.circle, self.choices, present=typed.one("marking"))
        last = len(typed.sections) - 1
        self.sections = [self._section(number, each, number == last) for number, each in enumerate(typed.sections)]

    def offer(self, documents: Mapping[str, str]) -> None:
        """What may be attached, by id and name: for a page that shows it. Publishing judges what was chosen."""
        for each in self.sections:
            pick: Any = each.form.fields["documents"]
            gone = [(key, _("（いまは添付できない文書）")) for key, _name in pick.choices if key not in documents]
            pick.choices = [*documents.items(), *gone]
            if not pick.choices:
                del each.form.fields["documents"]

    def every(self) -> list[forms.Form]:
        """Each form, in the order of the page."""
        return [self.about, *(form for section in self.sections for form in section.every())]

    def is_valid(self) -> bool:
        """Each form is asked, so that each tells what is wrong with it."""
        return not [form for form in self.every() if not form.is_valid()] and bool(self.sections)

    def refuse(self, refusal: ValidationError) -> None:
        """What the service refused, beside the section it is about (`services.checking.wrong`), or at the top."""
        self.refused = True
        by_slot = {str(slot): section for slot, section in zip(self.made, self.sections, strict=True)}
        for error in refusal.error_list if hasattr(refusal, "error_list") else [refusal]:
            params: Mapping[str, Any] = error.params or {}
            section = by_slot.get(str(params.get("slot", "")))
            if section is None:
                self.about.add_error("title" if error.code == "title" else None, error)
                continue
            told = ValidationError(params["why"], code=error.code)
            section.form.add_error(error.code if error.code in section.form.fields else None, told)

    def content(self) -> Content:
        """What was typed, once it is valid."""
        whole = "" if self.typed.by_section else self.about.chosen
        made, taken = [], set[UUID]()
        self.made.clear()
        for each in self.sections:
            slot = self._slot(each.form.cleaned_data["key"], taken)
            taken.add(slot)
            self.made.append(slot)
            rows = {ROWS[kind]: tuple(row.row for row in each.rows[kind] if row.row) for kind in ROWS}
            made.append(each.form.section(slot=slot, marking=whole or each.form.chosen, rows=rows))
        return Content(**self.about.said(), sections=tuple(made))

    def _slot(self, key: str, taken: set[UUID]) -> UUID:
        own = UUID(key) if key in self.slots else uuid5(self.draft.pk, key)
        return uuid5(own, str(len(taken))) if own in taken else own

    def _section(self, number: int, typed: TypedSection, last: bool) -> SectionForms:
        form = self._made(SectionForm, typed.fields, f"s{number}")
        if self.typed.by_section:
            form.offer(self.actor, self.draft.circle, self.choices, present=(typed.fields.get("marking") or [""])[-1])
        else:
            form.unmarked()
        if self.draft.corrects_id is None:
            del form.fields["ask_again"]
        pick: Any = form.fields["documents"]
        pick.choices = [(key, key) for key in typed.fields.get("documents", ())]
        rows = {kind: self._rows(f"s{number}-{kind}", ROW_FORMS[kind], typed.rows[kind]) for kind in ROWS}
        return SectionForms(number, form, rows, last)

    def _rows(self, prefix: str, form: type[RowForm], typed: list[Values]) -> list[RowForm]:
        """Those typed, and a blank one after them."""
        blank = [] if typed and is_blank(typed[-1]) else [Values()]
        return [self._made(form, each, f"{prefix}{row}") for row, each in enumerate([*typed, *blank])]

    def _made(self, form: type[F], values: Values, prefix: str | None) -> F:
        if self.judged:
            return form(self.data, prefix=prefix)
        initial = {
            name: values[name] if isinstance(each, forms.MultipleChoiceField) else values[name][-1]
            for name, each in form.base_fields.items()
            if values.get(name)
        }
        return form(prefix=prefix, initial=initial)


def is_blank(row: Values) -> bool:
    """Whether nothing was typed in it: what is merely picked beside nothing says nothing."""
    return not any("".join(values).strip() for name, values in row.items() if name != "thing")


def titled(title: str, marking: str) -> str:
    """A document as the choices name it."""
    return bracketed(title, marking)
