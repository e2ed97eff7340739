"""Forms: fields and their errors, confirmation, passkeys, filters and search."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.forms import BaseForm, BoundField
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.components.drawing import draw, is_blank, register
from portal.components.fields import ErrorLine, error_lines, field_parts


@register.inclusion_tag("components/field.html")
def field(bound: BoundField, label: object = "", hint: object = "", optional: bool = True) -> dict[str, Any]:
    """Label, necessity, hint, control and error of one field, tied together for assistive technology.

    `optional=False` leaves out the word 任意 on a field that is not required (filters).
    """
    return field_parts(bound, label=label, hint=hint, optional=optional)


@register.inclusion_tag("components/fields.html")
def fields(form: BaseForm) -> dict[str, object]:
    """Every field of a form, hidden ones included."""
    return {"form": form}


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm | Iterable[BaseForm]) -> dict[str, object]:
    """What is wrong in one form, or several, each line a link to its field; nothing when nothing is."""
    forms = [form] if isinstance(form, BaseForm) else list(form)
    lines: list[ErrorLine] = [line for each in forms for line in error_lines(each)]
    return {"lines": lines}


@register.simple_block_tag(takes_context=True)
def form(
    context: Context,
    content: str,
    form: BaseForm,
    submit: object = "",
    action: str = "",
    cancel_url: str = "",
    kind: str = "primary",
    upload: bool = False,
    id: str = "",
) -> SafeString:
    """A POST form: error summary, fields, buttons. What is between the tags takes the place of the fields.

    `upload=True` shows progress where there is script. Hidden fields are always written.
    """
    return draw(
        "form",
        form=form,
        content=content,
        blank=is_blank(content),
        submit=submit or _("保存する"),
        action=action,
        cancel_url=cancel_url,
        kind=kind,
        upload=upload,
        id=id,
        multipart=form.is_multipart(),
        csrf_token=context.get("csrf_token", ""),
    )


@register.simple_block_tag(takes_context=True)
def confirm(
    context: Context,
    content: str,
    submit: object,
    action: str = "",
    cancel_url: str = "",
    kind: str = "danger",
    form: BaseForm | None = None,
) -> SafeString:
    """The page that asks before something happens that cannot be undone: what it means, do it, go back."""
    return draw(
        "confirm",
        content=content,
        submit=submit,
        action=action,
        cancel_url=cancel_url,
        kind=kind,
        form=form,
        csrf_token=context.get("csrf_token", ""),
    )


@register.simple_block_tag(takes_context=True)
def post_button(
    context: Context,
    content: str,
    action: str,
    label: object,
    kind: str = "secondary",
    size: str = "sm",
    icon: str = "",
) -> SafeString:
    """One button that posts; hidden inputs may stand between the tags."""
    return draw(
        "post_button",
        content=content,
        action=action,
        label=label,
        kind=kind,
        size=size,
        icon=icon,
        csrf_token=context.get("csrf_token", ""),
    )


@register.simple_block_tag(takes_context=True)
def passkey_form(
    context: Context,
    content: str,
    action: str,
    label: object,
    data: Mapping[str, object] | None = None,
    options_url: str = "",
    form: BaseForm | None = None,
    kind: str = "primary",
    creates: bool = False,
) -> SafeString:
    """Asks the browser for a passkey (static/js/passkeys.js) and posts it; `data` holds what the server asks of it."""
    return draw(
        "passkey_form",
        content=content,
        action=action,
        label=label,
        data=data,
        options_url=options_url,
        form=form,
        kind=kind,
        creates=creates,
        csrf_token=context.get("csrf_token", ""),
    )


@register.simple_block_tag
def fieldset(content: str, legend: object, hint: object = "") -> SafeString:
    return draw("fieldset", content=content, legend=legend, hint=hint)


@register.simple_block_tag
def filters(content: str, label: object = "", submit: object = "", clear_url: str = "") -> SafeString:
    """A GET form that narrows a list; fields go between the tags."""
    return draw(
        "filters", content=content, label=label or _("絞り込み"), submit=submit or _("絞り込む"), clear_url=clear_url
    )


@register.inclusion_tag("components/search.html")
def search(label: object, name: str = "q", value: str = "", action: str = "", hint: object = "") -> dict[str, object]:
    """One search box with its button, by GET."""
    return {"label": label, "name": name, "value": value, "action": action, "hint": hint}
