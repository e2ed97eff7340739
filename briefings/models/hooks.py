"""通知: that something waits, told by webhook and by mail. Where somebody wants to be told, what there is to tell, and
each telling of it with what became of it. Nothing here says what it is about to anybody but the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import Organisation, Person
from clearance.models import UnderMarking
from vault import Unreadable
from vault.fields import SealedTextField

LONGEST_ADDRESS = 500


class Told(models.TextChoices):
    """What a hook is told of, as coarse as that: also what the message says."""

    NEW = "new", _("新しい情報")
    CORRECTED = "corrected", _("訂正")
    RETRACTED = "retracted", _("情報の取消し")
    REMINDER = "reminder", _("確認の期限")


class Hook(UnderMarking):
    """通知先: an https address of one person's. Address and secrets are sealed; the one before opens for a day after a
    rotation. It is active only once the address has answered a challenge."""

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", _("送信中")
        PAUSED = "PAUSED", _("休止中")

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    address = SealedTextField(_("送信先の住所"), max_plain_length=LONGEST_ADDRESS)
    secret = SealedTextField(max_plain_length=100)
    former = SealedTextField(max_plain_length=100, null=True, default=None)
    former_until = models.DateTimeField(null=True)
    kinds = ArrayField(models.CharField(max_length=9, choices=Told.choices))
    state = models.CharField(_("状態"), max_length=6, choices=State.choices, default=State.PAUSED)
    proved_at = models.DateTimeField(null=True)
    dead_in_a_row = models.PositiveSmallIntegerField(default=0)
    created = models.DateTimeField(default=timezone.now)

    class Meta(UnderMarking.Meta):
        verbose_name = _("通知先")
        verbose_name_plural = _("通知先")
        ordering: ClassVar = ["-created", "-id"]
        constraints: ClassVar = [
            *UnderMarking.Meta.constraints,
            models.CheckConstraint(condition=Q(state__in=["ACTIVE", "PAUSED"]), name="hook_state"),
            models.CheckConstraint(
                condition=Q(state="PAUSED") | Q(proved_at__isnull=False), name="hook_active_once_it_has_answered"
            ),
            models.CheckConstraint(
                condition=Q(kinds__contained_by=["new", "corrected", "retracted", "reminder"]) & ~Q(kinds=[]),
                name="hook_kinds",
            ),
            models.CheckConstraint(
                condition=Q(former__isnull=True) | Q(former_until__isnull=False), name="hook_former_secret_ends"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def host(self) -> str:
        """What a list shows of the address; "" where it does not open."""
        try:
            return urlsplit(self.address).netloc
        except Unreadable:
            return ""

    @property
    def kind_labels(self) -> list[Any]:
        return [Told(kind).label for kind in self.kinds]

    def secrets(self, at: datetime) -> list[str]:
        """Those that sign at this moment, the newest first."""
        overlap = self.former_until is not None and at < self.former_until
        return [self.secret, *([self.former] if overlap and self.former else [])]


class Occasion(models.Model):
    """できごと: that something came, moved, went or is due. The worker finds out whom it concerns; nobody else
    reads it.

    `about` is no foreign key: whether a hidden briefing exists would show in whether a row is taken.
    """

    class Kind(models.TextChoices):
        NEW = "NEW", _("新しい情報")
        CORRECTED = "CORRECTED", _("訂正")
        RETRACTED = "RETRACTED", _("情報の取消し")
        REMINDER = "REMINDER", _("確認の期限が近い")
        OVERDUE = "OVERDUE", _("確認の期限を過ぎた")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=9, choices=Kind.choices)
    about = models.UUIDField()
    at = models.DateTimeField()  # for what moved, the very moment at which its sections came and went
    spread_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("できごと")
        verbose_name_plural = _("できごと")
        ordering: ClassVar = ["at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["at", "id"], condition=Q(spread_at__isnull=True), name="occasion_to_spread"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["about", "kind", "at"], name="occasion_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["NEW", "CORRECTED", "RETRACTED", "REMINDER", "OVERDUE"]), name="occasion_kind"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Delivery(models.Model):
    """送信: one message to one hook, or (without a hook) one reason for a letter to a person. Its id is random: that
    of the message. What became void before it was sent (no longer readable, retracted) is no row any more."""

    class Kind(models.TextChoices):
        NEW = "NEW", _("新しい情報")
        CORRECTED = "CORRECTED", _("訂正")
        RETRACTED = "RETRACTED", _("情報の取消し")
        REMINDER = "REMINDER", _("確認の期限")
        OVERDUE = "OVERDUE", _("確認の期限を過ぎた")
        PING = "PING", _("接続の確認")
        STOPPED = "STOPPED", _("通知先の休止")

    class State(models.TextChoices):
        WAITING = "WAITING", _("送信待ち")
        DELIVERED = "DELIVERED", _("送信済み")
        DEAD = "DEAD", _("送信できませんでした")

    class Reason(models.TextChoices):
        NONE = "", ""
        NO_ADDRESS = "NO_ADDRESS", _("ホスト名が見つかりません。綴りと、DNSの登録を確認してください。")
        FORBIDDEN = "FORBIDDEN", _("内部向けの住所には送れません。インターネットから届く住所にしてください。")
        UNREACHABLE = "UNREACHABLE", _("接続できません。相手のサーバーとファイアウォールを確認してください。")
        TLS = "TLS", _("証明書を確かめられません。公開の認証局の証明書か、期限を確認してください。")
        TIMEOUT = "TIMEOUT", _("5秒以内に応答がありません。受け取ったらすぐに応答し、処理は後で行ってください。")
        REDIRECT = "REDIRECT", _("別の住所へ転送されました。転送先は使いません。正しい住所で登録し直してください。")
        STATUS = "STATUS", _("受け取りを断られました。相手のサーバーの記録を確認してください。")
        NOT_HTTP = "NOT_HTTP", _("応答がHTTPではありません。住所とポート番号を確認してください。")
        NO_ECHO = "NO_ECHO", _("応答に、送った確認の文字列がありません。説明のとおりに返してください。")
        MAIL = "MAIL", _("メールを渡せませんでした。メールアドレスを確認してください。")
        UNREADABLE = "UNREADABLE", _("登録された内容を開けません。削除して、登録し直してください。")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    hook = models.ForeignKey(Hook, models.CASCADE, related_name="deliveries", null=True, db_index=False)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", db_index=False)
    occasion = models.ForeignKey(Occasion, models.CASCADE, related_name="+", null=True)
    kind = models.CharField(_("知らせの種類"), max_length=9, choices=Kind.choices)
    state = models.CharField(_("状態"), max_length=9, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("試した回数"), default=0)
    next_attempt = models.DateTimeField(_("次の送信"))
    status = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(_("理由"), max_length=11, choices=Reason.choices, blank=True)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("送信")
        verbose_name_plural = _("送信")
        ordering: ClassVar = ["-created", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["next_attempt", "id"], condition=Q(state="WAITING"), name="delivery_due"),
            models.Index(fields=["hook", "-created", "-id"], name="delivery_of_hook"),
            models.Index(fields=["person", "-created", "-id"], condition=Q(hook__isnull=True), name="letter_of_person"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["occasion", "hook"], condition=Q(hook__isnull=False), name="delivery_once_a_hook"
            ),
            models.UniqueConstraint(
                fields=["occasion", "person"], condition=Q(hook__isnull=True), name="delivery_once_a_letter"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["NEW", "CORRECTED", "RETRACTED", "REMINDER", "OVERDUE", "PING", "STOPPED"]),
                name="delivery_kind",
            ),
            models.CheckConstraint(condition=Q(state__in=["WAITING", "DELIVERED", "DEAD"]), name="delivery_state"),
            models.CheckConstraint(
                condition=Q(occasion__isnull=False) ^ Q(kind__in=["PING", "STOPPED"]), name="delivery_of_an_occasion"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class MailWish(models.Model):
    """通知メールの受取り方. Whoever has chosen nothing is told at once."""

    class Wish(models.TextChoices):
        AT_ONCE = "AT_ONCE", _("届いたらすぐに送る")
        DAILY = "DAILY", _("1日1通にまとめ、朝8時30分に送る")
        NONE = "NONE", _("送らない")

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    wish = models.CharField(_("通知メール"), max_length=7, choices=Wish.choices, default=Wish.AT_ONCE)

    class Meta:
        verbose_name = _("通知メールの受取り方")
        verbose_name_plural = _("通知メールの受取り方")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(wish__in=["AT_ONCE", "DAILY", "NONE"]), name="mailwish_wish"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
