"""What a check of the log can find wrong, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Fault(models.TextChoices):
    """What is the matter with a row, a stretch of rows, or a seal."""

    ALTERED = "altered", _("改変: 封印した内容と異なります")
    REMOVED = "removed", _("削除: 封印した記録がありません")
    UNPLACED = "unplaced", _("削除: 封印した記録の順序の行がありません")
    REORDERED = "reordered", _("並べ替え: 封印した位置と異なります")
    INSERTED = "inserted", _("挿入: 封印されていない記録が封印済みの位置にあります")
    BEYOND = "beyond", _("挿入: 最後の封印より後ろに、封印のない順序の行があります")
    UNSEALED = "unsealed", _("挿入: 封印されていません（封印処理が止まっている場合もあります）")
    MISDATED = "misdated", _("挿入: 記録の日時と封印の日時が合いません")
    STRETCH = "stretch", _("改変: この範囲の封印が再現できません（どの行かは特定できません）")
    SEAL_ALTERED = "seal_altered", _("封印の改変: 署名または連鎖が合いません")
    SEAL_REMOVED = "seal_removed", _("封印の削除: この封印の直前の封印がありません")
    SEAL_WORN = "seal_worn", _("封印の改変: 封印に添えたハッシュ値が記録と合いません")
    HEAD_FORGED = "head_forged", _("控えの不正: 控えの署名が合いません")
    HEAD_AHEAD = "head_ahead", _("削除: 控えより記録が短くなっています")
    HEAD_DIFFERS = "head_differs", _("作り直し: 控えの時点の記録と異なります")
    HEADS_BEHIND = "heads_behind", _("控えの遅れ: 第二の保管先に新しい封印がありません")
    TOO_MANY = "too_many", _("ほかにも異常があります（表示の上限に達しました）")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `seq` is the place in the sealed order, `until` the end of a stretch (inclusive)."""

    fault: Fault
    seq: int | None = None
    event_id: str = ""
    until: int | None = None
    sealed_at: str = ""
    sealed_seq: int | None = None  # where a reordered row was sealed

    @property
    def where(self) -> str:
        """The place and id, the same in every language."""
        place = "" if self.seq is None else f"#{self.seq}"
        if self.until is not None:
            place += f"–#{self.until}"
        if self.sealed_seq is not None:
            place += f" (#{self.sealed_seq})"
        return " ".join(part for part in (place, self.event_id, self.sealed_at) if part)

    def __str__(self) -> str:
        return f"{self.fault.label} {self.where}".rstrip()
