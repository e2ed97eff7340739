"""Names for the ids the log keeps: of people and organisations by functions the settings name, of things by model.

The log holds no names: whoever is forgotten elsewhere is then forgotten here too, and only an id remains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# What a target is called where no model of that name says so itself.
TARGETS: dict[str, Promise | str] = {
    "person": _("利用者"),
    "organisation": _("組織"),
    "register": _("取扱者名簿"),
    "assessment": _("適性評価の結果"),
    "circle": _("共有範囲"),
    "item": _("登録対象の情報"),
    "event": _("監査記録"),
    "head": _("監査記録の封印"),
}

# What the keys of a detail mean; another key stands as it is.
DETAILS: dict[str, Promise | str] = {
    "as_of": _("基準日"),
    "association": _("団体"),
    "by": _("方法"),
    "ceiling": _("上限の格付"),
    "code": _("記号"),
    "count": _("件数"),
    "duty": _("職務"),
    "fields": _("変更した項目"),
    "filters": _("絞り込みの条件"),
    "findings": _("異常の件数"),
    "highest": _("格付の上限"),
    "invitation": _("招待"),
    "joined": _("加入"),
    "kind": _("種別"),
    "method": _("方法"),
    "organisation": _("組織"),
    "page": _("ページ"),
    "person": _("利用者"),
    "presets": _("格付の選択肢の数"),
    "role": _("役割"),
    "searched": _("検索"),
    "shown": _("表示件数"),
    "size": _("封印した件数"),
    "version": _("版"),
}


def people(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of these people, by `settings.AUDIT_NAME_RESOLVER`."""
    return _resolved("AUDIT_NAME_RESOLVER", ids)


def organisations(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names of these organisations, by `settings.AUDIT_ORGANISATION_RESOLVER`."""
    return _resolved("AUDIT_ORGANISATION_RESOLVER", ids)


def people_called(text: str) -> list[UUID]:
    """The people a name, part of a name, an e-mail address or an id means, by `settings.AUDIT_PERSON_FINDER`."""
    try:
        return [UUID(text)]
    except ValueError:
        found: Iterable[UUID] = _hook("AUDIT_PERSON_FINDER")(text)
        return list(found)


def target_words(target_type: str) -> str:
    """What kind of thing a target is, in words; as it stands where nothing is known of it."""
    return str(TARGETS.get(target_type) or _by_model(target_type))


def detail_words(detail: dict[str, object]) -> list[tuple[str, str]]:
    """A detail's keys and values in words, in the order of the keys."""
    return [(str(DETAILS.get(key, key)), _value(value)) for key, value in sorted(detail.items())]


def _value(value: object) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return gettext("はい") if value else gettext("いいえ")
    return str(value)


@lru_cache(maxsize=256)
def _by_model(target_type: str) -> Promise | str:
    """By the model, or by a view named for it: what was refused is known by its view (`documents:document`)."""
    app, _dot, name = target_type.replace(":", ".").rpartition(".")
    for model in apps.get_models():
        if model._meta.model_name == name.lower() and app in ("", model._meta.app_label):
            return model._meta.verbose_name or target_type
    return _("画面") if ":" in target_type else target_type


def _resolved(setting: str, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    wanted = {each for each in ids if each is not None}
    names: dict[UUID, str] = _hook(setting)(wanted) if wanted else {}
    return names


def _hook(setting: str) -> Callable[..., Any]:
    hook: Callable[..., Any] = import_string(getattr(settings, setting))
    return hook
