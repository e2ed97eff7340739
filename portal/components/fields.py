"""What a form field is made of on a page: label, hint, control, error, and how they refer to each other."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.forms import BaseForm, BoundField, widgets

CONTROL_OF: tuple[tuple[type[widgets.Widget], str], ...] = (
    (widgets.CheckboxSelectMultiple, "choices"),
    (widgets.RadioSelect, "choices"),
    (widgets.CheckboxInput, "checkbox"),
    (widgets.FileInput, "file"),
    (widgets.SelectMultiple, "listbox"),
    (widgets.Select, "select"),
    (widgets.Textarea, "textarea"),
    (widgets.DateInput, "date"),
    (widgets.DateTimeInput, "date"),
)


class ErrorLine(NamedTuple):
    """One line of an error summary: what is wrong, of what, and where to mend it (empty for the whole form)."""

    label: str
    message: str
    target: str


def control_of(bound: BoundField) -> str:
    """The kind of control, which is also its class in the style sheet."""
    widget = bound.field.widget
    return next((kind for known, kind in CONTROL_OF if isinstance(widget, known)), "text")


def target_of(bound: BoundField) -> str:
    """The id of what receives the focus: the first choice of a group, or the control itself."""
    own = str(bound.auto_id or bound.html_name)
    return f"{own}_0" if control_of(bound) == "choices" else own


def error_lines(form: BaseForm) -> Iterator[ErrorLine]:
    """Every error of a form in the order of its fields, those of the whole form first."""
    for message in form.non_field_errors():
        yield ErrorLine("", str(message), "")
    for bound in form:
        for message in bound.errors:
            if bound.is_hidden:
                yield ErrorLine("", str(message), "")
            else:
                yield ErrorLine(str(bound.label), str(message), target_of(bound))


def field_parts(bound: BoundField, *, label: object, hint: object, optional: bool) -> dict[str, Any]:
    """What templates/components/field.html draws."""
    own = str(bound.auto_id or bound.html_name)
    hint = hint or bound.help_text
    describes = [f"{own}_hint"] if hint else []
    describes += [f"{own}_error"] if bound.errors else []
    control = control_of(bound)
    attrs: dict[str, str | bool] = {"class": f"control-{control}", "placeholder": False}  # a label is not written twice
    if describes and control != "choices":  # a group is described once, on its fieldset
        attrs["aria-describedby"] = " ".join(describes)
    return {
        "bound": bound,
        "id": own,
        "control": control,
        "group": control == "choices",
        "label": label or bound.label,
        "hint": hint,
        "describes": " ".join(describes),
        "errors": bound.errors,
        "required": bound.field.required,
        "optional": optional,
        "html": bound.as_widget(attrs=attrs),
    }
