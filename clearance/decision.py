"""The answer of the access decision: truthy or falsy, with every reason, in words for whoever may know them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Level
from .models.markings import STATUTORY


class Action(Enum):
    """What may be done. KEEP is what a steward still does in a closed circle: take people, leave to read, and things
    out of it, and hand that duty on."""

    READ = "read"
    DOWNLOAD = "download"
    WRITE = "write"
    RELABEL = "relabel"
    GRANT = "grant"
    MANAGE = "manage"
    KEEP = "keep"


class Reason(Enum):
    """Why not. The value is the plain sentence; `NOT_ON_REGISTER` stands for every other where a statutory
    level is concerned."""

    NOT_SIGNED_IN = _("サインインしていません。")
    CLOSED = _("この方は、この情報を読めません。")  # all that a third person learns of it
    NOT_AUTHORISED = _("この格付の取扱資格がありません。")
    NOT_YET = _("取扱資格の効力がまだ始まっていません。")
    LAPSED = _("取扱資格の期限が切れています。")
    SUSPENDED = _("取扱資格の効力が停止されています。")
    REVOKED = _("取扱資格が取り消されています。")
    ORGANISATION_NOT_COVERED = _("所属組織の契約・認定がこの格付に及んでいません。")
    ABOVE_CEILING = _("このシステムで取り扱う格付の上限を超えています。")
    COMPARTMENT = _("この取扱分野の資格がありません。")
    NOT_RELEASABLE = _("所属組織の国・地域には提供できません。")
    NO_NEED_TO_KNOW = _("共有範囲に含まれていません。")
    NOT_ON_REGISTER = _("取扱者名簿に記載がありません")
    WITHDRAWN = _("取り下げられています。")
    EXPIRED = _("閲覧期限を過ぎています。")
    STEP_UP = _("本人確認の強さが足りません。追加の本人確認をしてください。")
    VIEW_ONLY = _("この格付は画面での閲覧に限られます。")
    NOT_A_WRITER = _("この場では閲覧のみできます。")
    NOT_A_STEWARD = _("この操作は運営担当に限られます。")

    @property
    def text(self) -> str | Promise:
        return self.value


@dataclass(frozen=True, slots=True)
class Decision:
    """Falsy when there is any reason against. `level` is that of the thing it is about; None where it is about none."""

    action: Action
    level: int | None
    reasons: tuple[Reason, ...] = ()

    def __bool__(self) -> bool:
        return not self.reasons

    def told(self, *, to_clearance_officer: bool, to_third: bool = False) -> tuple[Reason, ...]:
        """The reasons the asker may know: of a statutory level only the officer learns which (docs/glossary.md
        目的外利用の禁止); of somebody else's entitlements nobody but the officer and the operator anything."""
        if to_third and self.reasons:
            return (Reason.CLOSED,)
        if to_clearance_officer or self.level is None or Level(self.level) not in STATUTORY or not self.reasons:
            return self.reasons
        return (Reason.NOT_ON_REGISTER,)


class Denied(Http404):
    """A refusal. To the one refused it looks like a thing that does not exist."""

    def __init__(self, decision: Decision) -> None:
        super().__init__()
        self.decision = decision
